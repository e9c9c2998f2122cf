/** A key of its own that lives as long as the process, for rehearsals and tests: its signatures are real, and prove nothing afterwards. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { hashFor, spkiOf } from '../../content/record-key.ts';
import type { RecordSigner } from '../../ports/record-signer.ts';

export interface MemorySigner {
  readonly signer: RecordSigner;
  /** PEM. */
  readonly publicKey: string;
}

export function createMemorySigner(): MemorySigner {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signer: RecordSigner = {
    sign: (bytes) => Promise.resolve({ signature: signed(privateKey, bytes), publicKey: spkiOf(publicKey) }),
  };
  return { signer, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

function signed(key: KeyObject, bytes: Uint8Array): Uint8Array {
  return sign(hashFor(key), bytes, key);
}
