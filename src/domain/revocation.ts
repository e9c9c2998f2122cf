/** What somebody has declared to count no more, whenever it was made: a key, an identity, an image or one signature of it. */
import type { Digest } from './digest.ts';
import { vaultVersion } from './vault-version.ts';

export type Revoked =
  /** SHA-256 over the key's SPKI in DER form, as evidence and `sluice doctor` name keys. */
  | { readonly kind: 'key'; readonly fingerprint: Digest }
  | { readonly kind: 'vault'; readonly url: string }
  | { readonly kind: 'identity'; readonly issuer: string; readonly subject: string }
  /** Of an image, or of the artefact that holds a signature of it. */
  | { readonly kind: 'digest'; readonly digest: Digest };

export interface Revocation {
  readonly what: Revoked;
  /** ISO 8601: from then on it does not count, also where it was used before. */
  readonly since: string;
  readonly why: string;
  readonly by: string;
}

/** The first revocation in force of any of these. */
export function revocationOf(
  revocations: readonly Revocation[],
  things: readonly Revoked[],
  at: Date,
): Revocation | undefined {
  return revocations.find(
    ({ what, since }) => Date.parse(since) <= at.getTime() && things.some((one) => isSame(one, what)),
  );
}

export function revocationInWords({ since, why, by }: Revocation): string {
  return `revoked since ${since} by ${by}: ${why}`;
}

function spelt(url: string): string {
  return vaultVersion(url) ?? url;
}

function isSame(one: Revoked, other: Revoked): boolean {
  switch (one.kind) {
    case 'key':
      return other.kind === 'key' && other.fingerprint === one.fingerprint;
    case 'vault':
      return other.kind === 'vault' && spelt(other.url) === spelt(one.url);
    case 'identity':
      return other.kind === 'identity' && other.issuer === one.issuer && other.subject === one.subject;
    case 'digest':
      return other.kind === 'digest' && other.digest === one.digest;
  }
}
