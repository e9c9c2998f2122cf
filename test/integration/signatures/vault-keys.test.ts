/** Keys in Azure Key Vault, by its own client over TLS, from a vault that this process serves. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { azureVaultKeys } from '../../../src/adapters/signatures/cosign/azure-vault-keys.ts';
import {
  type CosignOptions,
  createCosignSignatures,
} from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import type { VaultKeys } from '../../../src/adapters/signatures/cosign/vault-key.ts';
import type { ErrorCode } from '../../../src/domain/error-code.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER, type SignatureRule } from '../../../src/domain/proof.ts';
import type { Revocation } from '../../../src/domain/revocation.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { SignatureVerdict } from '../../../src/ports/signatures.ts';
import {
  attestBundle,
  makeKey,
  signBundle,
  signLegacy,
  someImage,
  type TestKey,
} from '../../ports/signatures/signing.ts';
import { registryHolding, type TestRegistry } from '../../ports/signatures/test-registry.ts';
import { type Answer, type FakeVault, startFakeVault, TOKEN, VERSION } from './fake-vault.ts';

const image = someImage();
const reference = { repository: 'iam', digest: image.digest };
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer: TestKey = {
  privateKey: pair.privateKey,
  pem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};
const local = makeKey();

let vault: FakeVault;
before(async () => {
  vault = await startFakeVault();
});
after(() => vault.close());

const credential = { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }) };

function keysOf(clock?: () => number, more = {}): VaultKeys {
  const { ca } = vault;
  return azureVaultKeys({ credential, ca, foreignChallenge: true, ...(clock === undefined ? {} : { clock }), ...more });
}

function signedBy(...keys: readonly TestKey[]): TestRegistry {
  return registryHolding(image, ...keys.map((key) => signBundle(image.digest, key)));
}

/** A new name for each: what one test lays does not meet another. */
let names = 0;
function laid(answer: Answer): string {
  names += 1;
  vault.lay(`cosign-${names}`, VERSION, answer);
  return vault.url(`cosign-${names}`, VERSION);
}

function verify(
  url: string,
  registry: TestRegistry,
  options: CosignOptions = {},
  wanted: SignatureRule = COMMON_SIGNATURES,
): Promise<SignatureVerdict> {
  const entry = { kind: 'vault', url } as const;
  const signers = {
    [COMMON_SIGNER]: [entry],
    builder: [entry],
    scanner: [{ kind: 'key', file: 'local.pub', pem: local.pem } as const],
  };
  return createCosignSignatures(signers, { vaultKeys: keysOf(), ...options }).verify(
    registry.reader,
    reference,
    wanted,
  );
}

function failsWith(code: ErrorCode, retry: 'yes' | 'no'): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof PortError, String(error));
    assert.deepEqual([error.code, error.retry], [code, retry], `${error.message}: ${error.got}`);
    const told = JSON.stringify([error.message, error.got, error.expected, error.remedy, error.cause]);
    assert.ok(!told.includes(TOKEN), 'no token in what is told');
    return true;
  };
}

describe('when a signer has a key in a vault', () => {
  for (const [kind, key] of [
    ['P-256', pair],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ] as const)
    test(`a signature by that ${kind} key verifies, and evidence names vault, key, version and fingerprint`, async () => {
      const by = { privateKey: key.privateKey, pem: '' };
      const verdict = await verify(laid({ key: key.publicKey }), signedBy(by));
      assert.ok(verdict.kind === 'verified', JSON.stringify(verdict));
      assert.match(
        verdict.signed[0]?.by ?? '',
        /^key cosign-\d+ 0123456789ab of 127\.0\.0\.1:\d+ sha256:[0-9a-f]{12}$/,
      );
    });

  test('a key in a hardware module is a key like any other', async () => {
    const jwk = pair.publicKey.export({ format: 'jwk' });
    assert.equal((await verify(laid({ key: { ...jwk, kty: 'EC-HSM' } }), signedBy(signer))).kind, 'verified');
  });

  test('a legacy signature verifies as well, and another key is untrusted', async () => {
    const url = laid({ key: pair.publicKey });
    const registry = signedBy();
    registry.push(signLegacy(image.digest, signer));
    assert.equal((await verify(url, registry)).kind, 'verified');
    assert.equal((await verify(url, signedBy(makeKey()))).kind, 'untrusted');
  });

  test('the key is fetched once for many signatures, and again when ten minutes are over', async () => {
    const url = laid({ key: pair.publicKey });
    let now = 0;
    const vaultKeys = keysOf(() => now);
    const before = vault.asked.length;
    const registry = signedBy(signer, makeKey(), makeKey());
    for (let time = 0; time < 3; time += 1) await verify(url, registry, { vaultKeys });
    assert.equal(vault.asked.length - before, 1);
    now = 600_000;
    await verify(url, registry, { vaultKeys });
    assert.equal(vault.asked.length - before, 2);
  });

  test('once it is disabled nothing counts by what was fetched before', async () => {
    const url = laid({ key: pair.publicKey });
    let now = 0;
    const vaultKeys = keysOf(() => now);
    assert.equal((await verify(url, signedBy(signer), { vaultKeys })).kind, 'verified');
    vault.lay(`cosign-${names}`, VERSION, { key: pair.publicKey, attributes: { enabled: false } });
    now = 600_000;
    await assert.rejects(verify(url, signedBy(signer), { vaultKeys }), failsWith('signer-unusable', 'no'));
  });

  test('the time that the vault itself sets is respected', async () => {
    const seconds = (iso: string): number => Date.parse(iso) / 1000;
    const url = laid({
      key: pair.publicKey,
      attributes: { nbf: seconds('2026-01-01T00:00:00Z'), exp: seconds('2027-01-01T00:00:00Z') },
    });
    const at = async (iso: string): Promise<string> => {
      const verdict = await verify(url, signedBy(signer), { now: () => new Date(iso) });
      return verdict.kind === 'untrusted' ? (verdict.found[0]?.because ?? 'untrusted') : verdict.kind;
    };
    assert.equal(await at('2025-12-31T00:00:00Z'), 'not-valid');
    assert.equal(await at('2026-06-01T00:00:00Z'), 'verified');
    assert.equal(await at('2027-01-01T00:00:00Z'), 'not-valid');
  });

  test('a revoked version does not count', async () => {
    const url = laid({ key: pair.publicKey });
    const revoked: Revocation = {
      what: { kind: 'vault', url },
      since: '2026-01-01T00:00:00Z',
      why: 'leaked',
      by: 'ada',
    };
    const verdict = await verify(url, signedBy(signer), { revocations: async () => [revoked] });
    assert.ok(verdict.kind === 'untrusted' && verdict.found[0]?.because === 'revoked');
  });
});

describe('when a vault does not say whose key it is', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const answers: Readonly<Record<string, readonly [Answer, ErrorCode, 'yes' | 'no']>> = {
    'no answer': ['reset', 'signer-unreachable', 'yes'],
    'an outage': [{ status: 503, error: { code: 'ServiceUnavailable' } }, 'signer-unreachable', 'yes'],
    'too many questions': [{ status: 429, error: { code: 'Throttled' } }, 'signer-unreachable', 'yes'],
    'no right': [
      { status: 403, error: { code: 'Forbidden', innererror: { code: 'ForbiddenByRbac' } } },
      'signer-forbidden',
      'no',
    ],
    'no such version': [{ status: 404, error: { code: 'KeyNotFound' } }, 'signer-unusable', 'no'],
    'a disabled key': [{ key: pair.publicKey, attributes: { enabled: false } }, 'signer-unusable', 'no'],
    'a refusal because it is disabled': [
      { status: 403, error: { code: 'Forbidden', message: 'disabled', innererror: { code: 'KeyDisabled' } } },
      'signer-unusable',
      'no',
    ],
    'a key of another version': [{ key: pair.publicKey, version: 'f'.repeat(32) }, 'signer-unusable', 'no'],
    'a symmetric key': [{ key: { kty: 'oct-HSM' } }, 'signer-unusable', 'no'],
    'a curve that nobody signs with': [
      { key: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey },
      'signer-unusable',
      'no',
    ],
    'a weak key': [{ key: weak.publicKey }, 'signer-unusable', 'no'],
    'half a key': [{ key: { kty: 'EC', crv: 'P-256', x: 'AAAA' } }, 'signer-unusable', 'no'],
    'no key at all': [{ key: {} }, 'signer-unusable', 'no'],
  };
  for (const [name, [answer, code, retry]] of Object.entries(answers))
    test(`${name} is "could not find out", never "untrusted"`, async () => {
      await assert.rejects(verify(laid(answer), signedBy(signer)), failsWith(code, retry));
    });

  test('an address at which nobody listens is "could not find out"', async () => {
    const gone = await startFakeVault();
    const url = gone.url('cosign', VERSION);
    await gone.close();
    await assert.rejects(verify(url, signedBy(signer)), failsWith('signer-unreachable', 'yes'));
  });

  test('an identity that cannot be had is "could not find out"', async () => {
    const nobody = {
      getToken: () => Promise.reject(Object.assign(new Error('no identity'), { name: 'CredentialUnavailableError' })),
    };
    const vaultKeys = keysOf(undefined, { credential: nobody });
    await assert.rejects(
      verify(laid({ key: pair.publicKey }), signedBy(signer), { vaultKeys }),
      failsWith('signer-unreachable', 'yes'),
    );
  });

  test('a vault that asks for the token of another domain gets none', async () => {
    const before = vault.asked.length;
    const vaultKeys = keysOf(undefined, { foreignChallenge: false });
    await assert.rejects(
      verify(laid({ key: pair.publicKey }), signedBy(signer), { vaultKeys }),
      failsWith('signer-unusable', 'no'),
    );
    assert.equal(vault.asked.length, before);
  });

  test('it is asked again the next time, and then it may answer', async () => {
    const url = laid({ status: 503, error: {} });
    const vaultKeys = keysOf();
    await assert.rejects(verify(url, signedBy(signer), { vaultKeys }), failsWith('signer-unreachable', 'yes'));
    vault.lay(`cosign-${names}`, VERSION, { key: pair.publicKey });
    assert.equal((await verify(url, signedBy(signer), { vaultKeys })).kind, 'verified');
  });

  test('an image without signatures is unsigned all the same: nobody has to be asked', async () => {
    assert.equal((await verify(laid('reset'), signedBy())).kind, 'unsigned');
  });

  test('somebody else whose signature suffices is not held up by it', async () => {
    const both = { need: 'any', of: ['builder', 'scanner'] } as const;
    assert.equal((await verify(laid('reset'), signedBy(local), {}, both)).kind, 'verified');
  });

  test('where each of two must sign, nobody can say that the one in the vault has not', async () => {
    const each = { need: 'all', of: ['builder', 'scanner'] } as const;
    await assert.rejects(verify(laid('reset'), signedBy(local), {}, each), failsWith('signer-unreachable', 'yes'));
    await assert.rejects(verify(laid('reset'), signedBy(signer), {}, each), failsWith('signer-unreachable', 'yes'));
  });

  test('a statement by whom nobody knows is "could not find out", not unheard', async () => {
    const registry = signedBy();
    registry.push(attestBundle(image.digest, signer, 'https://slsa.dev/provenance/v1', { author: 'ada' }));
    const entry = { kind: 'vault', url: laid('reset') } as const;
    const hearing = createCosignSignatures({ builder: [entry] }, { vaultKeys: keysOf() }).attestations(
      registry.reader,
      reference,
      ['https://slsa.dev/provenance/v1'],
    );
    await assert.rejects(hearing, failsWith('signer-unreachable', 'yes'));
  });
});

describe('when an address of a vault is no version of a key', () => {
  for (const url of ['https://v.test/keys/cosign', 'https://v.test/secrets/a/b', 'http://v.test/keys/a/b', 'cosign'])
    test(`${url} is refused at once`, () => {
      assert.throws(
        () => createCosignSignatures({ builder: [{ kind: 'vault', url }] }, { vaultKeys: keysOf() }),
        failsWith('config-invalid', 'no'),
      );
    });
});
