import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { LIMITS } from '../../../src/adapters/signatures/cosign/wire.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { Attestation } from '../../../src/ports/signatures.ts';
import {
  attestBundle,
  attestLegacy,
  envelopeManifest,
  BUNDLE_TYPE,
  bundleOf,
  bundleReferrer,
  descriptor,
  json,
  makeKey,
  signBundle,
  someImage,
} from '../../ports/signatures/signing.ts';
import { type Pushed, registryHolding } from '../../ports/signatures/test-registry.ts';
import { startSigstore } from './sigstore.ts';

const TYPE = 'https://slsa.dev/provenance/v1';
const key = makeKey();
const image = someImage();
const other = someImage('another').digest.slice(7);
const signatures = createCosignSignatures({ [COMMON_SIGNER]: [{ kind: 'key', file: 'cosign.pub', pem: key.pem }] });

function hear(...content: readonly Pushed[]): Promise<readonly Attestation[]> {
  const registry = registryHolding(image, ...content);
  return signatures.attestations(registry.reader, { repository: 'iam', digest: image.digest }, [TYPE]);
}

const attested = (changes: Record<string, unknown>): Pushed =>
  attestBundle(image.digest, key, TYPE, { author: 'ada' }, changes);

describe('what trusted signers attest', () => {
  for (const version of ['v1', 'v0.1'])
    test(`is heard in statements of version ${version}`, async () => {
      const found = await hear(attested({ _type: `https://in-toto.io/Statement/${version}` }));
      assert.deepEqual(
        found.map((one) => one.predicate),
        [{ author: 'ada' }],
      );
    });

  test('is heard also when the registry lists it without saying what it is', async () => {
    const plain = bundleOf(image.digest, key.privateKey, {
      statement: {
        ...{ _type: 'https://in-toto.io/Statement/v1', predicateType: TYPE, predicate: { author: 'ada' } },
        subject: [{ digest: { sha256: image.digest.slice(7) } }],
      },
    });
    const found = await hear(bundleReferrer(image.digest, json(plain), { artifactType: '', annotations: {} }));
    assert.equal(found.length, 1);
  });

  const unheard: Readonly<Record<string, Pushed>> = {
    'a statement about another image': attested({ subject: [{ digest: { sha256: other } }] }),
    'a statement about nothing': attested({ subject: [] }),
    'a statement of another version': attested({ _type: 'https://in-toto.io/Statement/v9' }),
    'another type inside than outside': attested({ predicateType: 'https://example.test/other' }),
    'a predicate that is no object': attested({ predicate: ['ada'] }),
    'no predicate': attested({ predicate: undefined }),
    'a bundle that is no JSON': bundleReferrer(image.digest, Buffer.from('{'), { annotations: {} }),
    'a signature of the image': signBundle(image.digest, key),
    'one that is moved here from another image': {
      ...attestBundle(someImage('another').digest, key, TYPE, { author: 'ada' }),
    },
  };
  for (const [what, pushed] of Object.entries(unheard))
    test(`is not ${what}`, async () => assert.deepEqual(await hear(pushed), []));

  test('does not change when a byte of it does', async () => {
    const bundle = bundleOf(image.digest, key.privateKey, {
      statement: {
        ...{ _type: 'https://in-toto.io/Statement/v1', predicateType: TYPE, predicate: { author: 'ada' } },
        subject: [{ digest: { sha256: image.digest.slice(7) } }],
      },
    }) as { dsseEnvelope: { payload: string } };
    const text = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('"ada"', '"eve"');
    bundle.dsseEnvelope.payload = Buffer.from(text).toString('base64');
    assert.deepEqual(await hear(bundleReferrer(image.digest, json(bundle), { annotations: {} })), []);
  });

  test('is an error when it is too large to be read: it might name somebody', async () => {
    const claimed = { ...descriptor(BUNDLE_TYPE, Buffer.from('{}')), size: LIMITS.attestationSize + 1 };
    const large = bundleReferrer(image.digest, Buffer.from('{}'), { annotations: {}, layers: [claimed] });
    await assert.rejects(
      hear(large),
      (error) => error instanceof PortError && (error.expected ?? '').includes(`${LIMITS.attestationSize} bytes`),
    );
  });

  test('is heard also when it is as long as a bill of materials', async () => {
    const long = attestBundle(image.digest, key, TYPE, { author: 'ada', packages: 'x'.repeat(6 * 1024 * 1024) });
    assert.equal((await hear(long)).length, 1);
  });

  test('is an error when all of it together is more than is read at once, before any of it is fetched', async () => {
    const claimed = (index: number) => ({
      ...{ ...descriptor(BUNDLE_TYPE, Buffer.from(`{"n":${index}}`)), size: LIMITS.attestationSize },
    });
    const many = Array.from({ length: 5 }, (_, index) =>
      bundleReferrer(image.digest, Buffer.from('{}'), { annotations: {}, layers: [claimed(index)] }),
    );
    await assert.rejects(
      hear(...many),
      (error) => error instanceof PortError && (error.expected ?? '').includes(`${LIMITS.attestedSize} bytes`),
    );
  });

  test('is not in an artefact that claims to have less than nothing in it', async () => {
    const claimed = { ...descriptor(BUNDLE_TYPE, Buffer.from('{}')), size: -1 };
    assert.deepEqual(
      await hear(bundleReferrer(image.digest, Buffer.from('{}'), { annotations: {}, layers: [claimed] })),
      [],
    );
  });

  test('is an error when there is more of it than anybody needs', async () => {
    const many = Array.from({ length: LIMITS.artefacts + 1 }, (_, index) =>
      attestBundle(image.digest, key, TYPE, { author: `ada ${index}` }),
    );
    await assert.rejects(hear(...many), (error) => error instanceof PortError && error.code === 'registry-protocol');
  });
});

describe("what trusted signers attest in Cosign 2's form", () => {
  const predicate = { author: 'ada' };
  const authors = (found: readonly Attestation[]) => found.map((one) => one.predicate['author']);

  test('is heard under its tag, by the key that is trusted', async () => {
    const found = await hear(attestLegacy(image.digest, key, TYPE, predicate));
    assert.deepEqual(authors(found), ['ada']);
    assert.equal(found[0]?.artefact.tag, `sha256-${image.digest.slice(7)}.att`);
  });
  test('is heard beside bundles', async () => {
    const bundle = attestBundle(image.digest, key, TYPE, { author: 'bob' });
    assert.deepEqual(authors(await hear(bundle, attestLegacy(image.digest, key, TYPE, predicate))).toSorted(), [
      'ada',
      'bob',
    ]);
  });

  const unheard: Readonly<Record<string, Pushed>> = {
    'by a stranger': attestLegacy(image.digest, makeKey(), TYPE, predicate),
    'about another image': attestLegacy(image.digest, key, TYPE, predicate, {
      subject: [{ digest: { sha256: other } }],
    }),
    'of another type': attestLegacy(image.digest, key, 'https://example.test/other', predicate),
    'that is no envelope': envelopeManifest(image.digest, Buffer.from('{}'), { predicateType: TYPE }),
    'with a certificate that is none': {
      ...attestLegacyWith({ 'dev.sigstore.cosign/certificate': 'hello' }),
    },
  };
  for (const [what, pushed] of Object.entries(unheard))
    test(`is not heard ${what}`, async () => assert.deepEqual(await hear(pushed), []));

  function attestLegacyWith(annotations: Record<string, string>): Pushed {
    const { blobs } = attestLegacy(image.digest, key, TYPE, predicate);
    return envelopeManifest(image.digest, Buffer.from(blobs[1] ?? []), { predicateType: TYPE, ...annotations });
  }

  test('is heard without a key where the identity is pinned, with the entry of the log in its annotations', async () => {
    const sigstore = await startSigstore();
    const [issuer, subject] = ['https://issuer.example.test', 'https://example.test/build'];
    const by = await sigstore.certify(issuer, subject);
    const { blobs } = await sigstore.signBundle(by, image.digest, { attested: { predicateType: TYPE, predicate } });
    const bundle = JSON.parse(Buffer.from(blobs[1] ?? []).toString('utf8'));
    const [entry] = bundle.verificationMaterial.tlogEntries;
    const logged = {
      SignedEntryTimestamp: entry.inclusionPromise.signedEntryTimestamp,
      Payload: {
        ...{ body: entry.canonicalizedBody, integratedTime: Number(entry.integratedTime) },
        ...{ logIndex: Number(entry.logIndex), logID: Buffer.from(entry.logId.keyId, 'base64').toString('hex') },
      },
    };
    const legacy = envelopeManifest(image.digest, json(bundle.dsseEnvelope), {
      predicateType: TYPE,
      'dev.sigstore.cosign/certificate': by.certificate.toString(),
      'dev.sigstore.cosign/bundle': JSON.stringify(logged),
    });
    const registry = registryHolding(image, legacy);
    const identity = { kind: 'identity' as const, issuer, subject, trustedRoot: sigstore.trustedRoot };
    const found = await createCosignSignatures({ [COMMON_SIGNER]: [identity] }).attestations(
      registry.reader,
      { repository: 'iam', digest: image.digest },
      [TYPE],
    );
    assert.deepEqual(authors(found), ['ada']);
  });
});
