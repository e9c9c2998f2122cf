/** What every RecordSigner does. */
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { RecordSigner } from '../../../src/ports/record-signer.ts';

export interface SignerSubject {
  readonly signer: RecordSigner;
  /** PEM. */
  readonly publicKey: string;
  close?(): Promise<void>;
}

export function recordSignerSuite(name: string, makeSubject: () => Promise<SignerSubject> | SignerSubject): void {
  describe(`record signer, ${name}`, () => {
    let subject: SignerSubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close?.());

    test('signs so that plain OpenSSL verifies it with the public key', async () => {
      const bytes = Buffer.from('what an environment says');
      const { signature } = await subject.signer.sign(bytes);
      const key = createPublicKey(subject.publicKey);
      const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
      assert.equal(verify(hash, bytes, key, signature), true);
      assert.equal(verify(hash, Buffer.from('something else'), key, signature), false);
    });

    test('names the key by the bytes whose hash is its hint', async () => {
      const { publicKey } = await subject.signer.sign(Buffer.from('x'));
      const spki = createPublicKey(subject.publicKey).export({ type: 'spki', format: 'der' });
      const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');
      assert.equal(hash(publicKey), hash(spki));
    });

    test('signs many, all different in what they are about', async () => {
      const key = createPublicKey(subject.publicKey);
      const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
      // numbers with leading zeros are written shorter: among so many there are some
      for (let index = 0; index < 300; index += 1) {
        const bytes = Buffer.from(`record ${index}`);
        const { signature } = await subject.signer.sign(bytes);
        assert.equal(verify(hash, bytes, key, signature), true, `record ${index}`);
      }
    });
  });
}
