/** JSON with one spelling per value (RFC 8785), so that a plan or a record has one digest wherever it is computed. */
import canonicalize from 'canonicalize';

/**
 * The canonical text of `value`. Members that are `undefined` are left out, as JSON does.
 * Throws {@link CanonicalJsonError} for what JSON cannot say: NaN, infinities, lone surrogates, cycles, BigInt, a bare `undefined`.
 */
export function canonicalJson(value: unknown): string {
  const text = attempt(value);
  if (text === undefined) throw new CanonicalJsonError(`a value of type ${typeof value} has no JSON form`);
  return text;
}

export class CanonicalJsonError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(`not expressible as canonical JSON (RFC 8785): ${why}`, options);
    this.name = 'CanonicalJsonError';
  }
}

function attempt(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch (cause) {
    throw new CanonicalJsonError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
