/** Content digests. The only file that knows what a digest looks like (OCI image-spec 1.1, descriptor.md#digests). */

declare const brand: unique symbol;

/** A parsed `sha256:<64 lower-case hex>`; a tag or an unchecked string cannot pass for one. */
export type Digest = string & { readonly [brand]: 'Digest' };

const ALGORITHM = 'sha256';
/** For regular expressions that end up elsewhere: what a digest looks like, not anchored. */
export const DIGEST_EXPRESSION = `${ALGORITHM}:[0-9a-f]{64}`;
const PATTERN = new RegExp(`^${DIGEST_EXPRESSION}$`);
/** The same as text, for schemas. */
export const DIGEST_FORM = PATTERN.source;

export function isDigest(text: string): text is Digest {
  return PATTERN.test(text);
}

/** Parses `text` or throws a {@link DigestError} that says what a digest looks like. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new DigestError(text);
}

/** Builds a digest from the hexadecimal SHA-256 of some bytes. */
export function digestFromHex(hex: string): Digest {
  return parseDigest(`${ALGORITHM}:${hex}`);
}

/** The hexadecimal part, as the tag schemes of Cosign and OCI use it. */
export function hexOf(digest: Digest): string {
  return digest.slice(ALGORITHM.length + 1);
}

/** First 12 hexadecimal characters with the algorithm, for people. */
export function shortDigest(digest: string): string {
  return digest.slice(0, ALGORITHM.length + 1 + 12);
}

export class DigestError extends Error {
  readonly code = 'digest-malformed';
  readonly text: string;
  constructor(text: string) {
    super(`expected a digest of the form sha256:<64 lower-case hexadecimal characters>, got "${text}"`);
    this.name = 'DigestError';
    this.text = text;
  }
}
