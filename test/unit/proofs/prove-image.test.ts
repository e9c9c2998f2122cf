/** From the bytes in a registry to verdicts: what is signed with real keys is gathered once, judged, and each way of not counting has its word. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import type { ProofRules, ProofVerdict } from '../../../src/domain/proof.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { RegistryReader } from '../../../src/ports/registry-reader.ts';
import { type Answer, proveImage } from '../../../src/proofs/prove-image.ts';
import { attestBundle, bundleReferrer, makeKey, signBundle, someImage } from '../../ports/signatures/signing.ts';
import { createTestRegistry, type Pushed, type TestRegistry } from '../../ports/signatures/test-registry.ts';
import { type Sigstore, startSigstore } from '../signatures/sigstore.ts';
import { github, V1 } from '../policy/proofs/provenances.ts';
import { COSIGN, trivy } from '../policy/proofs/reports.ts';

const builder = makeKey();
const scanner = makeKey();
const stranger = makeKey();
const trust = (key: { readonly pem: string }, file: string) => [{ kind: 'key' as const, file, pem: key.pem }];
const signatures = createCosignSignatures({
  ...{ builder: trust(builder, 'builder.pub'), scanner: trust(scanner, 'scanner.pub') },
});
const RULES: ProofRules = {
  signatures: { need: 'any', of: ['builder'] },
  provenance: { by: ['builder'], sources: ['https://github.com/org/repo'] },
};
const image = someImage();
const signed = signBundle(image.digest, builder);
const provenance = attestBundle(image.digest, builder, V1, github());

function registryWith(...content: readonly Pushed[]): TestRegistry {
  const registry = createTestRegistry();
  for (const one of [image, ...content]) registry.push(one);
  return registry;
}

function prove(reader: RegistryReader, rules: Partial<ProofRules> = RULES): Promise<Answer> {
  const at = new Date('2026-11-30T12:00:00Z');
  return proveImage(signatures, { registry: reader, image: { repository: 'iam', digest: image.digest }, rules, at });
}

async function codes(...content: readonly Pushed[]): Promise<readonly string[]> {
  const { verdicts } = await prove(registryWith(...content).reader);
  return verdicts.map((one) => one.refusal?.code ?? one.answer);
}

const ISSUER = 'https://token.actions.githubusercontent.com';
const SUBJECT = 'https://github.com/org/repo/.github/workflows/release.yml@refs/heads/main';

describe('when a statement is made without a key of its own', () => {
  const attested = { predicateType: V1, predicate: github() };

  async function provenance(
    make: (sigstore: Sigstore) => Promise<Pushed>,
    sigstore: Sigstore,
  ): Promise<ProofVerdict | undefined> {
    const identity = { kind: 'identity' as const, issuer: ISSUER, subject: SUBJECT, trustedRoot: sigstore.trustedRoot };
    const registry = registryWith(signed, await make(sigstore)).reader;
    const { verdicts } = await proveImage(createCosignSignatures({ builder: [identity] }), {
      ...{ registry, image: { repository: 'iam', digest: image.digest }, rules: RULES, at: new Date() },
    });
    return verdicts.find((one) => one.rule === 'provenance');
  }

  test('the identity that the rules name is heard, and is named in what was found', async () => {
    const sigstore = await startSigstore();
    const by = await sigstore.certify(ISSUER, SUBJECT);
    const verdict = await provenance((one) => one.signBundle(by, image.digest, { attested }), sigstore);
    assert.equal(verdict?.answer, 'yes', JSON.stringify(verdict));
  });
  test('one whose subject only begins like it is not', async () => {
    const sigstore = await startSigstore();
    const by = await sigstore.certify(ISSUER, SUBJECT.replace('/repo/', '/repo-evil/'));
    const verdict = await provenance((one) => one.signBundle(by, image.digest, { attested }), sigstore);
    assert.equal(verdict?.refusal?.code, 'statement-untrusted');
    assert.match(verdict.refusal.got ?? '', /repo-evil/);
  });
  test('one without an entry in the log is not', async () => {
    const sigstore = await startSigstore();
    const by = await sigstore.certify(ISSUER, SUBJECT);
    const changes = { attested, withoutEntry: true };
    const verdict = await provenance((one) => one.signBundle(by, image.digest, changes), sigstore);
    assert.equal(verdict?.refusal?.code, 'statement-untrusted');
  });
});

describe('when an image is held against the rules of an environment', () => {
  test('what is signed and stated as it has to be is proven, with the statements on which it rests', async () => {
    const registry = registryWith(signed);
    const digest = registry.push(provenance);
    const { verdicts, signed: by } = await prove(registry.reader);
    assert.deepEqual(
      verdicts.map(({ rule, answer }) => [rule, answer]),
      [
        ['signatures', 'yes'],
        ['provenance', 'yes'],
      ],
    );
    assert.deepEqual(verdicts[1]?.statements, [digest]);
    assert.deepEqual(
      by.map((one) => one.signer),
      ['builder'],
    );
  });

  const cases: Readonly<Record<string, readonly [Pushed, string]>> = {
    'by a stranger': [attestBundle(image.digest, stranger, V1, github()), 'statement-untrusted'],
    'by another signer': [attestBundle(image.digest, scanner, V1, github()), 'statement-untrusted'],
    'of another type': [
      attestBundle(image.digest, builder, 'https://example.test/x', github()),
      'statement-other-type',
    ],
    'of another type inside than outside': [
      attestBundle(image.digest, builder, V1, github(), { predicateType: 'https://example.test/x' }),
      'statement-other-type',
    ],
    'with subjects that leave the image out': [
      attestBundle(image.digest, builder, V1, github(), { subject: [{ digest: { sha256: 'f'.repeat(64) } }] }),
      'statement-other-image',
    ],
    'as no bundle': [bundleReferrer(image.digest, Buffer.from('{'), { annotations: {} }), 'statement-unreadable'],
    'with a predicate that is a list': [
      attestBundle(image.digest, builder, V1, github(), { predicate: [github()] }),
      'statement-unreadable',
    ],
    'of another source': [
      attestBundle(image.digest, builder, V1, github({ repository: 'https://github.com/org/repo-evil' })),
      'provenance-refused',
    ],
  };
  for (const [what, [pushed, code]] of Object.entries(cases))
    test(`stated ${what}: ${code}`, async () => assert.deepEqual(await codes(signed, pushed), ['yes', code]));

  test('not stated at all: statement-missing', async () =>
    assert.deepEqual(await codes(signed), ['yes', 'statement-missing']));
  test('a statement is no signature', async () =>
    assert.deepEqual(await codes(provenance), ['signature-missing', 'yes']));
  test('a good one beside bad ones counts', async () => {
    const bad = Object.values(cases).map(([pushed]) => pushed);
    assert.deepEqual(await codes(signed, ...bad, provenance), ['yes', 'yes']);
  });

  test('a registry that does not say is an error, not a no', async () => {
    const registry = registryWith(signed, provenance);
    const failure = new PortError('registry-unreachable', 'connection refused', { retry: 'yes' });
    registry.fail('blob', failure);
    await assert.rejects(prove(registry.reader), failure);
  });

  test('a statement of somebody known that may be by whom the rule hears, too, is "could not find out", and no old one takes its place', async () => {
    const gone = new PortError('signer-unreachable', 'no answer', { retry: 'yes' });
    const both = createCosignSignatures(
      {
        builder: trust(builder, 'builder.pub'),
        scanner: [...trust(scanner, 'scanner.pub'), { kind: 'vault', url: 'https://v.test/keys/scanner/1' }],
      },
      { vaultKeys: () => Promise.reject(gone) },
    );
    const vulnerabilities = { by: ['scanner'], noOlderThanMs: 86_400_000, most: { critical: 0 }, exceptions: [] };
    const old = attestBundle(image.digest, scanner, COSIGN, trivy('2026-11-30T10:00:00Z'));
    const newer = trivy('2026-11-30T11:00:00Z', { id: 'CVE-1', severity: 'CRITICAL' });
    const proven = (...content: readonly Pushed[]) =>
      proveImage(both, {
        ...{ registry: registryWith(signed, ...content).reader, image: { repository: 'iam', digest: image.digest } },
        ...{ rules: { ...RULES, vulnerabilities }, at: new Date('2026-11-30T12:00:00Z') },
      });
    const judged = await proven(provenance, old);
    assert.deepEqual(
      judged.verdicts.map((one) => one.answer),
      ['yes', 'yes', 'yes'],
    );
    await assert.rejects(proven(provenance, old, attestBundle(image.digest, builder, COSIGN, newer)), gone);
  });

  test('each statement is fetched once, however many rules ask for it', async () => {
    const registry = registryWith(signed, provenance);
    const fetched: string[] = [];
    const counting: RegistryReader = {
      ...registry.reader,
      blob: (repository, digest, limit) => {
        fetched.push(digest);
        return registry.reader.blob(repository, digest, limit);
      },
    };
    const predicate = { name: 'same', predicateType: V1, by: ['builder'], expression: 'true', because: 'x' };
    const { verdicts } = await prove(counting, { ...RULES, predicates: [predicate] });
    assert.equal(verdicts.length, 3);
    assert.equal(new Set(fetched).size, fetched.length);
  });

  test('where nothing is wanted but a signature, no statement is looked at', async () => {
    const registry = registryWith(signed, provenance);
    const { verdicts } = await prove(registry.reader, { signatures: RULES.signatures });
    assert.equal(verdicts.length, 1);
  });
});
