import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type CosignTrust, createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { SignatureVerdict } from '../../../src/ports/signatures.ts';
import { attestBundle, makeKey, signBundle, signLegacy, someImage } from '../../ports/signatures/signing.ts';
import { type Pushed, registryHolding } from '../../ports/signatures/test-registry.ts';
import { type Sigstore, startSigstore } from './sigstore.ts';

const image = someImage();
const old = makeKey();
const next = makeKey();
const DAY = 86_400_000;

function look(
  pushed: readonly Pushed[],
  entries: readonly CosignTrust[],
  at: string | number,
): Promise<SignatureVerdict> {
  const registry = registryHolding(image, ...pushed);
  const signatures = createCosignSignatures({ [COMMON_SIGNER]: entries }, { now: () => new Date(at) });
  return signatures.verify(registry.reader, { repository: 'iam', digest: image.digest }, COMMON_SIGNATURES);
}

function outcomeOf(verdict: SignatureVerdict): string {
  if (verdict.kind !== 'untrusted') return verdict.kind;
  return verdict.found.map((one) => one.because ?? 'untrusted').join(' ');
}

describe('when a key counts for a time only', () => {
  const entry = {
    kind: 'key',
    file: 'old.pub',
    pem: old.pem,
    from: '2026-01-01T00:00:00Z',
    until: '2027-02-01T00:00:00Z',
  } as const;
  const moments: readonly (readonly [string, string, string])[] = [
    ['before it begins', '2025-12-31T23:59:59.999Z', 'not-valid'],
    ['from its first moment', '2026-01-01T00:00:00Z', 'verified'],
    ['until its last moment', '2027-01-31T23:59:59.999Z', 'verified'],
    ['from its end on', '2027-02-01T00:00:00Z', 'not-valid'],
  ];
  for (const form of [signBundle, signLegacy])
    for (const [when, at, expected] of moments)
      test(`${when} a signature (${form.name}) is ${expected}`, async () => {
        assert.equal(outcomeOf(await look([form(image.digest, old)], [entry], at)), expected);
      });

  test('the reason says whose it is, when it counts and what time it is', async () => {
    const verdict = await look([signBundle(image.digest, old)], [entry], '2027-02-01T00:00:00Z');
    assert.ok(verdict.kind === 'untrusted');
    assert.match(
      verdict.found[0]?.why ?? '',
      /^signed by key old\.pub sha256:[0-9a-f]{12}, which counts only from 2026-01-01T00:00:00\.000Z until 2027-02-01T00:00:00\.000Z, and it is 2027-02-01T00:00:00\.000Z$/,
    );
  });

  test('a stranger is untrusted at any time, not "not valid"', async () => {
    assert.equal(
      outcomeOf(await look([signBundle(image.digest, makeKey())], [entry], '2028-01-01T00:00:00Z')),
      'untrusted',
    );
  });

  test('while one key follows another, both count', async () => {
    const entries = [entry, { kind: 'key', file: 'next.pub', pem: next.pem, from: '2027-01-01T00:00:00Z' } as const];
    const outcomes = async (at: string): Promise<readonly string[]> =>
      Promise.all([old, next].map(async (key) => outcomeOf(await look([signBundle(image.digest, key)], entries, at))));
    assert.deepEqual(await outcomes('2026-12-31T00:00:00Z'), ['verified', 'not-valid']);
    assert.deepEqual(await outcomes('2027-01-15T00:00:00Z'), ['verified', 'verified']);
    assert.deepEqual(await outcomes('2027-02-15T00:00:00Z'), ['not-valid', 'verified']);
  });

  test('one signature that counts suffices beside one that does not any more', async () => {
    const entries = [entry, { kind: 'key', file: 'next.pub', pem: next.pem } as const];
    const both = [signBundle(image.digest, old), signBundle(image.digest, next)];
    assert.equal(outcomeOf(await look(both, entries, '2028-01-01T00:00:00Z')), 'verified');
  });

  test('what its owner attests is not heard at another time', async () => {
    const registry = registryHolding(
      image,
      attestBundle(image.digest, old, 'https://slsa.dev/provenance/v1', { author: 'ada' }),
    );
    const hear = async (at: string) =>
      createCosignSignatures({ [COMMON_SIGNER]: [entry] }, { now: () => new Date(at) }).attestations(
        registry.reader,
        { repository: 'iam', digest: image.digest },
        ['https://slsa.dev/provenance/v1'],
      );
    assert.equal((await hear('2026-06-01T00:00:00Z')).length, 1);
    assert.equal((await hear('2027-06-01T00:00:00Z')).length, 0);
  });

  test('a time that is none is refused at once', () => {
    assert.throws(
      () => createCosignSignatures({ builder: [{ ...entry, until: 'soon' }] }),
      (error) => error instanceof PortError && error.code === 'config-invalid',
    );
  });

  test('whoever holds such a key is asked again before anything is changed', () => {
    assert.equal(createCosignSignatures({ builder: [entry] }).lapses, true);
    assert.equal(createCosignSignatures({ builder: [{ kind: 'key', file: 'k', pem: old.pem }] }).lapses, false);
  });
});

describe('when somebody confirms when it was signed', () => {
  let sigstore: Sigstore;
  before(async () => {
    sigstore = await startSigstore();
  });
  const around = (from: number, until: number) => ({
    from: new Date(Date.now() + from).toISOString(),
    until: new Date(Date.now() + until).toISOString(),
  });
  const keyWith = (more: object) =>
    ({ kind: 'key', file: 'old.pub', pem: old.pem, trustedRoot: sigstore.rootWithTimestamps, ...more }) as const;
  const FAR = Date.now() + 3_650 * DAY;

  for (const [name, demand] of [
    ['a log', { transparencyLog: 'required' }],
    ['a timestamp authority', { timestamp: 'required' }],
  ] as const) {
    const sign = () =>
      sigstore.signWithKey(
        old,
        image.digest,
        name === 'a log' ? {} : { withoutEntry: true, stampedAt: new Date(Date.now() + DAY / 2) },
      );

    test(`the time of ${name} counts, not the clock: a key that has ended since still does`, async () => {
      const entry = keyWith({ ...demand, ...around(-DAY, DAY) });
      assert.equal(outcomeOf(await look([await sign()], [entry], FAR)), 'verified');
    });

    test(`a signature that ${name} dates before or after its time does not count`, async () => {
      for (const [from, until] of [
        [2 * DAY, 3 * DAY],
        [-3 * DAY, -2 * DAY],
      ] as const)
        assert.equal(
          outcomeOf(await look([await sign()], [keyWith({ ...demand, ...around(from, until) })], FAR)),
          'not-valid',
        );
    });

    test(`without ${name} a key that demands it does not count`, async () => {
      const plain = await look([signBundle(image.digest, old)], [keyWith(demand)], FAR);
      assert.ok(plain.kind === 'untrusted');
      assert.match(plain.found[0]?.why ?? '', /^signed by key old\.pub .*, and not confirmed: /);
    });

    test(`${name} of another Sigstore confirms nothing`, async () => {
      const elsewhere = await startSigstore();
      const entry = keyWith({ ...demand, trustedRoot: elsewhere.rootWithTimestamps });
      assert.equal(outcomeOf(await look([await sign()], [entry], FAR)), 'untrusted');
    });
  }

  test('the log of a legacy signature confirms its time as well, and another entry does not', async () => {
    const demand = { transparencyLog: 'required', ...around(-DAY, DAY) };
    const signed = await sigstore.signLegacyWithKey(old, image.digest);
    assert.equal(outcomeOf(await look([signed], [keyWith(demand)], FAR)), 'verified');
    const ended = keyWith({ ...demand, ...around(-3 * DAY, -DAY) });
    assert.equal(outcomeOf(await look([signed], [ended], FAR)), 'not-valid');
    const without = await sigstore.signLegacyWithKey(old, image.digest, { withoutEntry: true });
    assert.equal(outcomeOf(await look([without], [keyWith(demand)], FAR)), 'untrusted');
    const altered = await sigstore.signLegacyWithKey(old, image.digest, {
      alter: (entry) => ({ ...entry, integratedTime: entry.integratedTime - 60 }),
    });
    assert.equal(outcomeOf(await look([altered], [keyWith(demand)], FAR)), 'untrusted');
  });

  test('what is beside a legacy signature and nobody asks for does no harm to its key', async () => {
    const spoiled = await sigstore.signLegacyWithKey(old, image.digest, {
      alter: (entry) => ({ ...entry, body: '!', logID: 'zz' }),
    });
    const plain = { kind: 'key', file: 'old.pub', pem: old.pem } as const;
    assert.equal(outcomeOf(await look([spoiled], [plain], FAR)), 'verified');
  });

  test('a key for which nobody confirms anything is judged by the clock, whatever a bundle says about its time', async () => {
    const entry = { kind: 'key', file: 'old.pub', pem: old.pem, ...around(-DAY, DAY) } as const;
    assert.equal(outcomeOf(await look([await sigstore.signWithKey(old, image.digest)], [entry], FAR)), 'not-valid');
  });

  test('an identity counts by the time at which it signed', async () => {
    const by = await sigstore.certify('https://issuer.test', 'https://subject.test');
    const identity = (window: object) =>
      ({
        kind: 'identity',
        issuer: 'https://issuer.test',
        subject: 'https://subject.test',
        trustedRoot: sigstore.trustedRoot,
        ...window,
      }) as const;
    const signed = [await sigstore.signBundle(by, image.digest)];
    assert.equal(outcomeOf(await look(signed, [identity(around(-DAY, DAY))], FAR)), 'verified');
    assert.equal(outcomeOf(await look(signed, [identity(around(DAY, 2 * DAY))], FAR)), 'not-valid');
    assert.equal(outcomeOf(await look(signed, [identity(around(-2 * DAY, -DAY))], FAR)), 'not-valid');
  });
});
