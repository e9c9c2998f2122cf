import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import { createFileSigner } from '../../../src/adapters/record-signer/file/create-file-signer.ts';
import { PortError } from '../../../src/ports/port-error.ts';

const pem = (key: KeyObject): string =>
  key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' } as never).toString();
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

async function refusal(text: string | undefined): Promise<PortError> {
  const signer = createFileSigner({ place: 'records/dev.pem', readKey: () => text, publicKey: pem(publicKey) });
  const error: unknown = await signer.sign(Buffer.from('x')).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof PortError, String(error));
  return error;
}

describe('when the key of an environment cannot sign its records', () => {
  const encrypted = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const cases: readonly (readonly [what: string, text: string | undefined, got: RegExp])[] = [
    ['is not there', undefined, /nothing there/],
    ['has a passphrase', encrypted.toString(), /encrypted/],
    ['is no key', 'secret words', /no private key/],
    ['is a public key', pem(publicKey), /no private key/],
    ['is RSA', pem(rsa), /rsa 2048/],
    ['is of another curve', pem(p384), /secp384r1/],
    ['is another one', pem(other), /one that it does not/],
  ];
  for (const [what, text, got] of cases) {
    test(`because it ${what}, it says so, without a word of the key`, async () => {
      const error = await refusal(text);
      assert.deepEqual([error.code, error.retry], ['record-key-unusable', 'no']);
      assert.match(error.got ?? '', got);
      assert.match(error.message, /records\/dev\.pem/);
      assert.ok(!JSON.stringify(error).includes('secret words') && !error.message.includes('secret words'));
    });
  }
});
