import assert from 'node:assert/strict';
import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { type CosignTrust, createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import {
  bundleOf,
  bundleReferrer,
  json,
  signBundle,
  makeKey,
  someImage,
  statementAbout,
} from '../../ports/signatures/signing.ts';
import { createTestRegistry, registryHolding } from '../../ports/signatures/test-registry.ts';

const image = someImage();

function pemOf(key: KeyObject): string {
  return key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();
}

const pairs = {
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ed25519: generateKeyPairSync('ed25519'),
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

describe('when a key is pinned', () => {
  const cases: readonly (readonly [keyof typeof pairs, string | null])[] = [
    ['p256', 'sha256'],
    ['p384', 'sha256'],
    ['p384', 'sha384'],
    ['p521', 'sha512'],
    ['ed25519', null],
    ['rsa', 'sha256'],
  ];
  for (const [name, hash] of cases) {
    test(`${name} with ${hash ?? 'its own hash'} verifies, and no other key does`, async () => {
      const { privateKey, publicKey } = pairs[name];
      const payload = json(statementAbout(image.digest));
      const type = 'application/vnd.in-toto+json';
      const encoded = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.byteLength} `), payload]);
      const signature = sign(hash, encoded, privateKey);
      const registry = registryHolding(
        image,
        bundleReferrer(image.digest, json(bundleOf(image.digest, privateKey, { signature }))),
      );
      const others = Object.entries(pairs).filter(([other]) => other !== name);
      const verify = (trust: readonly CosignTrust[]) =>
        createCosignSignatures({ [COMMON_SIGNER]: trust }).verify(
          registry.reader,
          { repository: 'iam', digest: image.digest },
          COMMON_SIGNATURES,
        );
      const trusted = await verify([{ kind: 'key', file: 'cosign.pub', pem: pemOf(publicKey) }]);
      assert.ok(
        trusted.kind === 'verified' && /^key cosign\.pub sha256:[0-9a-f]{12}$/.test(trusted.signed[0]?.by ?? ''),
      );
      const strangers = others.map(([file, pair]) => ({ kind: 'key' as const, file, pem: pemOf(pair.publicKey) }));
      assert.equal((await verify(strangers)).kind, 'untrusted');
    });
  }

  test('the hint in a bundle neither helps a stranger nor harms the owner', async () => {
    const key = makeKey();
    const signatures = createCosignSignatures({ [COMMON_SIGNER]: [{ kind: 'key', file: 'cosign.pub', pem: key.pem }] });
    for (const hint of ['', 'cosign.pub', 'x'.repeat(1000)]) {
      const registry = createTestRegistry();
      registry.push(image);
      const material = { publicKey: { hint } };
      registry.push(bundleReferrer(image.digest, json(bundleOf(image.digest, key.privateKey, { material }))));
      const verdict = await signatures.verify(
        registry.reader,
        { repository: 'iam', digest: image.digest },
        COMMON_SIGNATURES,
      );
      assert.equal(verdict.kind, 'verified', hint);
    }
  });

  test('nothing trusted means that nothing passes', async () => {
    const registry = registryHolding(image, signBundle(image.digest, makeKey()));
    const verdict = await createCosignSignatures({ [COMMON_SIGNER]: [] }).verify(
      registry.reader,
      {
        repository: 'iam',
        digest: image.digest,
      },
      COMMON_SIGNATURES,
    );
    assert.ok(verdict.kind === 'untrusted');
    assert.match(verdict.found[0]?.why ?? '', /no key and no identity/);
  });
});

describe('when what is pinned could verify nothing', () => {
  const identity = { kind: 'identity', issuer: 'https://issuer.test', subject: 'https://subject.test' } as const;
  const cases: readonly (readonly [string, CosignTrust])[] = [
    ['an empty file', { kind: 'key', file: 'k', pem: '' }],
    [
      'a certificate request',
      { kind: 'key', file: 'k', pem: '-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----' },
    ],
    ['a private key', { kind: 'key', file: 'k', pem: pemOf(pairs.p256.privateKey) }],
    [
      'an encrypted Cosign key',
      {
        kind: 'key',
        file: 'k',
        pem: '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAA==\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----',
      },
    ],
    [
      'a weak RSA key',
      { kind: 'key', file: 'k', pem: pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey) },
    ],
    [
      'a curve that Cosign does not use',
      { kind: 'key', file: 'k', pem: pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey) },
    ],
    ['a key for key agreement', { kind: 'key', file: 'k', pem: pemOf(generateKeyPairSync('x25519').publicKey) }],
    ['a root that is no JSON', { ...identity, trustedRoot: 'root' }],
    ['a root that is a list', { ...identity, trustedRoot: '[]' }],
    ['an empty root', { ...identity, trustedRoot: '{}' }],
    ['an empty subject', { ...identity, subject: '', trustedRoot: '{}' }],
    ['an empty issuer', { ...identity, issuer: '', trustedRoot: '{}' }],
  ];
  for (const [name, trust] of cases) {
    test(`${name} is refused at once, without quoting it`, () => {
      assert.throws(
        () => createCosignSignatures({ [COMMON_SIGNER]: [trust] }),
        (error) => {
          assert.ok(error instanceof PortError && error.code === 'config-invalid' && error.retry === 'no');
          assert.ok(error.remedy !== undefined && error.expected !== undefined);
          const told = [error.message, error.got, error.remedy, error.expected].join(' ');
          if (trust.kind === 'key' && trust.pem !== '') assert.ok(!told.includes(trust.pem.slice(30, 60)));
          return true;
        },
      );
    });
  }
});
