/** Records signed by Azure Key Vault's own client over TLS, by a vault that this process serves. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { createKeyVaultSigner } from '../../../src/adapters/record-signer/key-vault/create-key-vault-signer.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { RecordSigner } from '../../../src/ports/record-signer.ts';
import { recordSignerSuite } from '../../ports/record-signer/record-signer-suite.ts';
import { type SigningVault, startSigningVault, TOKEN } from './signing-vault.ts';

const credential = { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }) };

function signerAt(vault: SigningVault, publicKey = vault.publicKey, url = vault.url): RecordSigner {
  const signer = createKeyVaultSigner({ url, credential, publicKey, ca: vault.ca, foreignChallenge: true });
  return {
    sign(bytes) {
      vault.expect(bytes);
      return signer.sign(bytes);
    },
  };
}

recordSignerSuite('from a key vault', async () => {
  const vault = await startSigningVault();
  return { signer: signerAt(vault), publicKey: vault.publicKey, close: () => vault.close() };
});

describe('when a vault does not sign', () => {
  let vault: SigningVault;
  before(async () => {
    vault = await startSigningVault();
  });
  after(() => vault.close());

  async function errorOf(signer: RecordSigner, answer: SigningVault['answer']): Promise<PortError> {
    vault.answer = answer;
    const error: unknown = await signer.sign(Buffer.from('x')).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof PortError, String(error));
    assert.ok(!error.message.includes(TOKEN) && !JSON.stringify(error).includes(TOKEN));
    return error;
  }

  const finals: readonly (readonly [why: string, answer: SigningVault['answer'], got: RegExp, remedy: RegExp])[] = [
    ['may not be used', { status: 403, error: { code: 'Forbidden', message: 'no' } }, /^403/, /Key Vault Crypto User/],
    ['is disabled', { status: 403, error: { code: 'KeyDisabled', message: 'no' } }, /disabled/, /enable/],
    ['is not there', { status: 404, error: { code: 'KeyNotFound', message: 'no' } }, /^404/, /vault, name and version/],
    ['is of another kind', { status: 400, error: { code: 'BadParameter', message: 'no' } }, /^400/, /vault, name/],
    ['signs something else', { value: Buffer.alloc(64, 7).toString('base64url') }, /does not verify/, /public half/],
    ['signs in another form', { value: Buffer.alloc(96, 7).toString('base64url') }, /does not verify/, /public half/],
  ];
  for (const [why, answer, got, remedy] of finals) {
    test(`because its key ${why}, that is said, and not tried again`, async () => {
      const error = await errorOf(signerAt(vault), answer);
      assert.deepEqual([error.code, error.retry], ['record-key-unusable', 'no']);
      assert.match(error.got ?? '', got);
      assert.match(error.remedy ?? '', remedy);
    });
  }

  const passing: readonly (readonly [why: string, answer: SigningVault['answer']])[] = [
    ['has too much to do', { status: 429, error: { code: 'Throttled', message: 'later' } }],
    ['fails', { status: 503, error: { code: 'Unavailable', message: 'later' } }],
    ['hangs up', 'reset'],
  ];
  for (const [why, answer] of passing) {
    test(`because it ${why}, it is asked again later`, async () => {
      const error = await errorOf(signerAt(vault), answer);
      assert.deepEqual([error.code, error.retry], ['record-key-unreachable', 'yes']);
    });
  }

  test('a public key that a vault could not have is told at once', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    assert.equal((await errorOf(signerAt(vault, pem), undefined)).code, 'record-key-unusable');
  });
});
