/** Signing with a private key from a file or a variable of the worker. It is read for each record, and kept nowhere. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import {
  assertRecordKey,
  hashFor,
  isSignedBy,
  readRecordKey,
  RECORD_KEYS,
  spkiOf,
} from '../../../content/record-key.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { RecordSigner } from '../../../ports/record-signer.ts';

export interface FileSignerOptions {
  /** Where the key is, for messages. */
  readonly place: string;
  /** Undefined: there is none. */
  readonly readKey: () => string | undefined;
  /** PEM: the other half, by which everybody else verifies. */
  readonly publicKey: string;
}

export function createFileSigner(options: FileSignerOptions): RecordSigner {
  const publicKey = readRecordKey(options.publicKey);
  return {
    async sign(bytes) {
      const key = privateKeyOf(options);
      const signature = sign(hashFor(key), bytes, key);
      if (!isSignedBy(publicKey, bytes, signature)) throw otherHalf(options);
      return { signature, publicKey: spkiOf(publicKey) };
    },
  };
}

function privateKeyOf({ place, readKey }: FileSignerOptions): KeyObject {
  const pem = readKey();
  if (pem === undefined) throw unusable(place, 'nothing there that can be read');
  if (pem.includes('ENCRYPTED')) throw unusable(place, 'an encrypted key');
  try {
    return assertRecordKey(createPrivateKey(pem));
  } catch (cause) {
    // the library's own words might repeat what it was given
    throw unusable(place, cause instanceof RangeError ? cause.message : 'no private key');
  }
}

function otherHalf({ place }: FileSignerOptions): PortError {
  return new PortError('record-key-unusable', `the key in ${place} is not the other half of records.publicKey`, {
    retry: 'no',
    expected: 'signatures that records.publicKey verifies',
    got: 'one that it does not',
    remedy: 'write the public half of that key there: openssl pkey -in KEY -pubout',
  });
}

function unusable(place: string, got: string): PortError {
  return new PortError('record-key-unusable', `the key in ${place} cannot sign records: ${got}`, {
    retry: 'no',
    expected: RECORD_KEYS,
    got,
    remedy: 'make one with "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", and give it to the worker',
  });
}
