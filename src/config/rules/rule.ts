/** A rule looks at what is readable of a configuration and reports what it must not say. It never throws. */
import type { Path } from '../document.ts';
import type { WrittenConfig } from '../written.ts';

/** Any part may be missing: other mistakes have been taken out. */
export type Draft = DeepPartial<WrittenConfig>;

export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly remedy?: string;
  /** The key is meant, not its value. */
  readonly onKey?: boolean;
}

export type Rule = (draft: Draft) => readonly Finding[];

type DeepPartial<T> = T extends readonly (infer Item)[]
  ? readonly (DeepPartial<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> | undefined }
    : T;

export type DraftEnvironment = NonNullable<NonNullable<Draft['environments']>[string]>;
export type DraftService = NonNullable<NonNullable<Draft['services']>[string]>;

export function environmentsOf(draft: Draft): readonly (readonly [string, DraftEnvironment])[] {
  return Object.entries(draft.environments ?? {}).filter((entry): entry is [string, DraftEnvironment] =>
    isObject(entry[1]),
  );
}

export function servicesOf(draft: Draft): readonly (readonly [string, DraftService])[] {
  return Object.entries(draft.services ?? {}).filter((entry): entry is [string, DraftService] => isObject(entry[1]));
}

/** Names under `environments`, also of those with mistakes in them. */
export function environmentNames(draft: Draft): readonly string[] {
  return Object.keys(draft.environments ?? {});
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
