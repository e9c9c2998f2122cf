/** The blobs of an archive, each hashed once, however often it is named: whoever made it may name one a million times. */
import { digestOf } from '../content/digest-of.ts';
import type { Digest } from '../domain/digest.ts';
import { blobAt, type Part } from './layout.ts';

/** Those whose bytes are what their path says; others are not there. */
export type WholeBlobs = ReadonlyMap<Digest, Uint8Array>;

export function wholeBlobs(parts: readonly Part[]): WholeBlobs {
  return new Map(
    parts.flatMap(({ path, bytes }): readonly (readonly [Digest, Uint8Array])[] => {
      const digest = blobAt(path);
      return digest === undefined || digestOf(bytes) !== digest ? [] : [[digest, bytes]];
    }),
  );
}
