interface Pin {
  readonly release?: Readonly<
    Record<string, { readonly url: string; readonly sha256: string; readonly member?: string }>
  >;
}
export function fromRelease(tool: string, pin: Pin, draft: string): Promise<string | undefined>;
