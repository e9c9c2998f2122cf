interface Pin {
  readonly version: string;
  readonly versionArguments?: readonly string[];
}
export function fromPath(
  tool: string,
  pin: Pin,
  draft: string,
  env?: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined>;
export function fits(path: string, pin: Pin): Promise<boolean>;
export function isAtLeast(got: string | undefined, wanted: string): boolean;
