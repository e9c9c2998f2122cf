import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { before, describe, test } from 'node:test';
import {
  type CosignSigners,
  createCosignSignatures,
} from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER, type SignatureRule } from '../../../src/domain/proof.ts';
import type { Revocation, Revoked } from '../../../src/domain/revocation.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { Signatures, SignatureVerdict } from '../../../src/ports/signatures.ts';
import {
  attestBundle,
  makeKey,
  signBundle,
  signLegacy,
  someImage,
  type TestKey,
} from '../../ports/signatures/signing.ts';
import { type Pushed, registryHolding, type TestRegistry } from '../../ports/signatures/test-registry.ts';
import { type Sigstore, startSigstore } from './sigstore.ts';

const image = someImage();
const reference = { repository: 'iam', digest: image.digest };
const key = makeKey();
const other = makeKey();
const now = new Date('2026-11-30T12:00:00Z');

const entryOf = ({ pem }: TestKey, file = 'cosign.pub') => ({ kind: 'key', file, pem }) as const;
const fingerprintOf = ({ pem }: TestKey) => digestOf(createPublicKey(pem).export({ type: 'spki', format: 'der' }));
const revoked = (what: Revoked, since = '2026-11-30T11:00:00Z'): Revocation => ({
  what,
  since,
  why: 'stolen',
  by: 'ada',
});

function holding(...content: readonly Pushed[]): TestRegistry {
  return registryHolding(image, ...content);
}

function knowing(signers: CosignSigners, list: readonly Revocation[]): Signatures {
  return createCosignSignatures(signers, { now: () => now, revocations: async () => list });
}

function verify(
  signatures: Signatures,
  registry: TestRegistry,
  wanted: SignatureRule = COMMON_SIGNATURES,
): Promise<SignatureVerdict> {
  return signatures.verify(registry.reader, reference, wanted);
}

const common = { [COMMON_SIGNER]: [entryOf(key), entryOf(other, 'other.pub')] };

describe('when something is revoked', () => {
  for (const sign of [signBundle, signLegacy])
    test(`a signature (${sign.name}) by a revoked key does not count, and says since when, by whom and why`, async () => {
      const list = [revoked({ kind: 'key', fingerprint: fingerprintOf(key) })];
      const verdict = await verify(knowing(common, list), holding(sign(image.digest, key)));
      assert.ok(verdict.kind === 'untrusted' && verdict.found[0]?.because === 'revoked', JSON.stringify(verdict));
      assert.match(
        verdict.found[0].why,
        /signed by key cosign\.pub .*revoked since 2026-11-30T11:00:00Z by ada: stolen/,
      );
    });

  test('other keys go on counting, also on the same image', async () => {
    const list = [revoked({ kind: 'key', fingerprint: fingerprintOf(key) })];
    assert.equal((await verify(knowing(common, list), holding(signBundle(image.digest, other)))).kind, 'verified');
    const both = holding(signBundle(image.digest, key), signBundle(image.digest, other));
    assert.equal((await verify(knowing(common, list), both)).kind, 'verified');
  });

  test('a revocation that begins later changes nothing yet', async () => {
    const list = [revoked({ kind: 'key', fingerprint: fingerprintOf(key) }, '2026-12-01T00:00:00Z')];
    assert.equal((await verify(knowing(common, list), holding(signBundle(image.digest, key)))).kind, 'verified');
  });

  test('the list is read anew each time, so that a yes becomes a no without a restart', async () => {
    const list: Revocation[] = [];
    const signatures = knowing(common, list);
    const registry = holding(signBundle(image.digest, key));
    assert.equal((await verify(signatures, registry)).kind, 'verified');
    list.push(revoked({ kind: 'key', fingerprint: fingerprintOf(key) }));
    assert.equal((await verify(signatures, registry)).kind, 'untrusted');
    assert.equal(signatures.lapses, true);
  });

  test('a list that cannot be read is an error, never "nothing is revoked"', async () => {
    const error = new PortError('revocations-unreadable', 'no such file', { retry: 'yes' });
    const signatures = createCosignSignatures(common, { revocations: () => Promise.reject(error) });
    await assert.rejects(verify(signatures, holding(signBundle(image.digest, key))), error);
    await assert.rejects(signatures.attestations(holding().reader, reference, ['x']), error);
  });

  test('an image may be revoked whoever has signed it', async () => {
    const list = [revoked({ kind: 'digest', digest: image.digest })];
    const verdict = await verify(
      knowing(common, list),
      holding(signBundle(image.digest, key), signBundle(image.digest, other)),
    );
    assert.ok(verdict.kind === 'untrusted' && verdict.found.length === 2);
    assert.ok(verdict.found.every((one) => one.because === 'revoked'));
  });

  test('one signature may be revoked, and another by the same key counts', async () => {
    const registry = holding();
    const digest = registry.push(signBundle(image.digest, key));
    const list = [revoked({ kind: 'digest', digest })];
    assert.equal((await verify(knowing(common, list), registry)).kind, 'untrusted');
    registry.push(signBundle(image.digest, key));
    assert.equal((await verify(knowing(common, list), registry)).kind, 'verified');
  });

  test('what a revoked signer attests is not heard, nor what is said about a revoked image', async () => {
    const registry = holding(attestBundle(image.digest, key, 'https://slsa.dev/provenance/v1', { author: 'eve' }));
    const hear = (list: readonly Revocation[]) =>
      knowing(common, list).attestations(registry.reader, reference, ['https://slsa.dev/provenance/v1']);
    assert.equal((await hear([])).length, 1);
    assert.equal((await hear([revoked({ kind: 'key', fingerprint: fingerprintOf(key) })])).length, 0);
    assert.equal((await hear([revoked({ kind: 'digest', digest: image.digest })])).length, 0);
  });

  test('where each of two must sign, one who is revoked is missing', async () => {
    const signers = { builder: [entryOf(key)], scanner: [entryOf(other)] };
    const list = [revoked({ kind: 'key', fingerprint: fingerprintOf(other) })];
    const both = holding(signBundle(image.digest, key), signBundle(image.digest, other));
    const verdict = await verify(knowing(signers, list), both, { need: 'all', of: ['builder', 'scanner'] });
    assert.ok(verdict.kind === 'untrusted');
    assert.deepEqual(verdict.missing, ['scanner']);
    assert.ok(verdict.found.some((one) => one.because === 'revoked'));
  });
});

describe('when an identity is revoked', () => {
  let sigstore: Sigstore;
  before(async () => {
    sigstore = await startSigstore();
  });

  test('only that issuer with that subject is, also where a pattern trusts many', async () => {
    const issuer = 'https://issuer.test';
    const identity = {
      kind: 'identity',
      issuer,
      subjectPattern: '^https://acme\\.test/[a-z]+$',
      trustedRoot: sigstore.trustedRoot,
    } as const;
    const list = [revoked({ kind: 'identity', issuer, subject: 'https://acme.test/iam' })];
    const outcomeOf = async (subject: string): Promise<string> => {
      const signed = await sigstore.signBundle(await sigstore.certify(issuer, subject), image.digest);
      return (await verify(knowing({ [COMMON_SIGNER]: [identity] }, list), holding(signed))).kind;
    };
    assert.equal(await outcomeOf('https://acme.test/iam'), 'untrusted');
    assert.equal(await outcomeOf('https://acme.test/billing'), 'verified');
  });
});
