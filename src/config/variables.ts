/**
 * `${NAME}` in a configuration. `{` and `}` mean something to YAML, so they are replaced by two private-use characters of the same
 * length before parsing: positions stay right, and what a variable holds can never become syntax.
 */

const REFERENCE = /\$\{([^{}\r\n]*)\}/g;
const OPEN = '\uE000';
const CLOSE = '\uE001';
const MASKED = /\$\uE000([^\uE000\uE001]*)\uE001/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function maskVariables(text: string): string {
  return text.replace(REFERENCE, `$$${OPEN}$1${CLOSE}`);
}

export type Substitution =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: readonly string[]; readonly malformed: readonly string[] };

/** Replaces the variables of one scalar; names all that are not set. An empty variable counts as not set. */
export function substitute(masked: string, environment: Readonly<Record<string, string | undefined>>): Substitution {
  const names = [...masked.matchAll(MASKED)].map((match) => match[1] ?? '');
  const malformed = names.filter((name) => !NAME.test(name));
  const missing = names.filter((name) => NAME.test(name) && (environment[name] ?? '') === '');
  if (malformed.length > 0 || missing.length > 0) return { ok: false, missing, malformed };
  return { ok: true, text: masked.replace(MASKED, (_, name: string) => environment[name] ?? '') };
}
