/** YAML can say more than JSON; what an API server could not be told is found here instead of being altered on the way. */

export interface NotPlain {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const DEEPEST = 60;

/** The first value below `value` that JSON cannot carry unchanged. */
export function findNotPlain(value: unknown, path: readonly (string | number)[] = []): NotPlain | undefined {
  if (path.length > DEEPEST) return { path, message: `more than ${DEEPEST} levels deep` };
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return ofNumber(value, path);
  if (Array.isArray(value)) return firstOf(value.entries(), path);
  if (typeof value === 'object' && isPlain(value)) return firstOf(Object.entries(value), path);
  return { path, message: 'a value that JSON does not have (a YAML tag such as !!binary or !!set)' };
}

function ofNumber(value: number, path: readonly (string | number)[]): NotPlain | undefined {
  if (!Number.isFinite(value)) return { path, message: 'infinity or "not a number"; Kubernetes accepts neither' };
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return undefined;
  return { path, message: 'a whole number too large to be carried exactly; write it as a text, in quotes' };
}

function firstOf(
  members: Iterable<readonly [string | number, unknown]>,
  path: readonly (string | number)[],
): NotPlain | undefined {
  for (const [key, member] of members) {
    const found = findNotPlain(member, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
