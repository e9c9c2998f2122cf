import { digestFromHex } from '../domain/digest.ts';

/** Stands for an image that is not resolved yet: what is wrong with manifests does not depend on the digest. */
export const ANY_DIGEST = digestFromHex('0'.repeat(64));
