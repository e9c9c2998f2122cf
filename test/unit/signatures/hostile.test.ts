import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { LIMITS } from '../../../src/adapters/signatures/cosign/wire.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { SignatureVerdict } from '../../../src/ports/signatures.ts';
import {
  BUNDLE_TYPE,
  IMAGE_TYPE,
  SIGN,
  bundleOf,
  bundleReferrer,
  descriptor,
  json,
  legacyLayer,
  legacyManifest,
  makeKey,
  signBundle,
  signDsse,
  signLegacy,
  simpleSigning,
  someImage,
  statementAbout,
} from '../../ports/signatures/signing.ts';
import { type Pushed, registryHolding, type TestRegistry } from '../../ports/signatures/test-registry.ts';

const key = makeKey();
const image = someImage();
const other = someImage('another').digest;
const signatures = createCosignSignatures({ [COMMON_SIGNER]: [{ kind: 'key', file: 'cosign.pub', pem: key.pem }] });

function registryWith(...content: readonly Pushed[]): TestRegistry {
  return registryHolding(image, ...content);
}

function look(registry: TestRegistry): Promise<SignatureVerdict> {
  return signatures.verify(registry.reader, { repository: 'iam', digest: image.digest }, COMMON_SIGNATURES);
}

const referrer = (bundle: Record<string, unknown>, changes: Record<string, unknown> = {}): Pushed =>
  bundleReferrer(image.digest, json(bundle), changes);
const bundle = (parts = {}): Record<string, unknown> => bundleOf(image.digest, key.privateKey, parts);
const stated = (changes: Record<string, unknown>): Record<string, unknown> =>
  bundle({ statement: { ...statementAbout(image.digest), ...changes } });
const legacy = (payload: unknown): Pushed => legacyManifest(image.digest, [legacyLayer(key, json(payload))]);
const simple = (critical: Record<string, unknown>): unknown => ({
  critical: { ...(simpleSigning(image.digest)['critical'] as object), ...critical },
});

function deepLegacy(): Pushed {
  const text = JSON.stringify(simple({ image: { 'docker-manifest-digest': 0 } }));
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  return legacyManifest(image.digest, [legacyLayer(key, Buffer.from(text.replace('digest":0', `digest":${deep}`)))]);
}

describe('when a signature is properly made by the trusted key, but says something else', () => {
  const cases: readonly (readonly [string, Pushed, RegExp])[] = [
    [
      'a statement about another image',
      referrer(stated({ subject: [{ digest: { sha256: other.slice(7) } }] })),
      /another image/,
    ],
    ['a statement about no image', referrer(stated({ subject: [] })), /another image/],
    [
      'a subject that is no list',
      referrer(stated({ subject: { digest: { sha256: image.digest.slice(7) } } })),
      /another image/,
    ],
    [
      'a digest of another algorithm',
      referrer(stated({ subject: [{ digest: { sha512: image.digest.slice(7) } }] })),
      /another image/,
    ],
    [
      'the digest in upper case',
      referrer(stated({ subject: [{ digest: { sha256: image.digest.slice(7).toUpperCase() } }] })),
      /another image/,
    ],
    [
      'another kind of statement',
      referrer(stated({ _type: 'https://example.test/Statement/v1' })),
      /not an in-toto statement/,
    ],
    ['another payload type', referrer(bundle({ payloadType: 'application/json' })), /"application\/json"/],
    ['a payload that is no JSON', referrer(bundle({ statement: 'text' })), /not an in-toto statement/],
    [
      'a legacy payload about another image',
      legacy(simple({ image: { 'docker-manifest-digest': other } })),
      /another image/,
    ],
    ['a legacy payload about no image', legacy(simple({ image: {} })), /another image/],
    [
      'a legacy payload of another type',
      legacy(simple({ type: 'atomic container signature' })),
      /not a Cosign signature/,
    ],
    ['a legacy payload that is a list', legacy([1]), /not a Cosign signature/],
    ['a legacy payload that is nested without end', deepLegacy(), /not a Cosign signature/],
  ];
  for (const [name, pushed, why] of cases) {
    test(`${name} is untrusted`, async () => {
      const verdict = await look(registryWith(pushed));
      assert.ok(verdict.kind === 'untrusted');
      assert.match(verdict.found[0]?.why ?? '', why);
    });
  }

  test('a statement about several images counts for each of them', async () => {
    const subject = [{ digest: { sha256: other.slice(7) } }, { digest: { sha256: image.digest.slice(7) } }];
    assert.equal((await look(registryWith(referrer(stated({ subject }))))).kind, 'verified');
  });
});

describe('when a signature artefact is malformed', () => {
  const payload = json(statementAbout(image.digest));
  const unprefixed = sign('sha256', payload, key.privateKey);
  const envelope = bundle()['dsseEnvelope'] as { signatures: { sig: string }[] };
  const twice = {
    ...bundle(),
    dsseEnvelope: { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] },
  };
  const none = { ...bundle(), dsseEnvelope: { ...envelope, signatures: [] } };
  const blob = json(bundle());
  const layer = descriptor(BUNDLE_TYPE, blob);
  const raw = (manifest: Buffer): Pushed => ({ manifest, blobs: [blob] });
  const cases: readonly (readonly [string, Pushed])[] = [
    ['a bundle that is no JSON', bundleReferrer(image.digest, Buffer.from('{'))],
    ['a bundle that is a list', bundleReferrer(image.digest, Buffer.from('[]'))],
    ['an empty bundle', bundleReferrer(image.digest, Buffer.from('{}'))],
    ['a bundle without envelope', referrer({ ...bundle(), dsseEnvelope: undefined })],
    ['a bundle of an unknown type', referrer({ ...bundle(), mediaType: 'application/json' })],
    ['an envelope without signature', referrer(none)],
    ['an envelope with two signatures', referrer(twice)],
    ['a signature over the bare payload, without DSSE encoding', referrer(bundle({ signature: unprefixed }))],
    [
      'a signature over another payload type',
      referrer(bundle({ signature: signDsse(key.privateKey, payload, 'text/plain') })),
    ],
    ['an empty signature', referrer(bundle({ signature: Buffer.alloc(0) }))],
    ['a bundle larger than the limit', referrer({ ...bundle(), padding: 'x'.repeat(LIMITS.bundleSize) })],
    ['a layer without size', referrer(bundle(), { layers: [{ ...layer, size: undefined }] })],
    ['a layer whose digest is none', referrer(bundle(), { layers: [{ ...layer, digest: 'sha256:../../etc/passwd' }] })],
    ['layers that are no list', referrer(bundle(), { layers: { 0: layer } })],
    [
      'more layers than the limit',
      referrer(bundle(), { layers: Array.from({ length: LIMITS.layers + 1 }, () => layer) }),
    ],
    [
      'a legacy layer without signature',
      legacyManifest(image.digest, [{ payload: json(simpleSigning(image.digest)), annotations: {} }]),
    ],
    ['a legacy manifest without layers', legacyManifest(image.digest, [])],
    ['a legacy tag on something else', { ...signLegacy(image.digest, key), manifest: Buffer.from('[]') }],
    [
      'a manifest beyond the limit',
      raw(
        Buffer.from(
          JSON.stringify({
            subject: { digest: image.digest },
            artifactType: BUNDLE_TYPE,
            layers: [layer],
            padding: 'x'.repeat(LIMITS.manifestSize),
          }),
        ),
      ),
    ],
  ];
  for (const [name, pushed] of cases) {
    test(`${name} is untrusted, with a reason`, async () => {
      const verdict = await look(registryWith(pushed));
      assert.ok(verdict.kind === 'untrusted');
      assert.ok(verdict.found.every(({ why }) => why !== ''));
    });

    test(`${name} does not hide a good signature`, async () => {
      const good = pushed.tag === undefined ? signLegacy(image.digest, key) : signBundle(image.digest, key);
      assert.equal((await look(registryWith(pushed, good))).kind, 'verified');
    });
  }

  test('a referrer that the registry lists but whose manifest refers to another image is untrusted', async () => {
    const registry = registryWith();
    const stolen = signBundle(other, key);
    const digest = registry.push(stolen);
    registry.list({ digest, mediaType: IMAGE_TYPE, size: stolen.manifest.byteLength, artifactType: BUNDLE_TYPE });
    const verdict = await look(registry);
    assert.ok(verdict.kind === 'untrusted');
    assert.match(verdict.found[0]?.why ?? '', /another image/);
  });

  test('one good layer among bad ones in a legacy artefact suffices', async () => {
    const stranger = legacyLayer(makeKey(), json(simpleSigning(image.digest)));
    const good = legacyLayer(key, json({ ...simpleSigning(image.digest), optional: { n: 1 } }));
    assert.equal((await look(registryWith(legacyManifest(image.digest, [stranger, good])))).kind, 'verified');
  });
});

describe('when other things refer to the image', () => {
  const attestation = referrer(stated({ predicateType: 'https://slsa.dev/provenance/v1' }));
  const cases: readonly (readonly [string, Pushed])[] = [
    [
      'an attestation that says so',
      referrer(bundle(), { annotations: { 'dev.sigstore.bundle.predicateType': 'https://slsa.dev/provenance/v1' } }),
    ],
    ['an attestation that claims to be a signature', attestation],
    ['an SBOM', referrer(bundle(), { artifactType: 'application/spdx+json' })],
    ['published manifests', referrer(bundle(), { artifactType: 'application/vnd.cncf.flux.config.v1+json' })],
  ];
  for (const [name, pushed] of cases) {
    test(`${name} is no signature`, async () => {
      assert.equal((await look(registryWith(pushed))).kind, 'unsigned');
    });
  }

  test('an attestation beside a signature is not listed among the signatures', async () => {
    const registry = registryWith(attestation);
    const digest = registry.push(signBundle(image.digest, key));
    const verdict = await look(registry);
    assert.ok(verdict.kind === 'verified');
    assert.deepEqual(verdict.found, [{ digest, form: 'bundle' }]);
  });

  test('a registry that lists neither types nor annotations changes nothing', async () => {
    const registry = registryWith(signBundle(image.digest, key), attestation);
    registry.terse = true;
    const verdict = await look(registry);
    assert.ok(verdict.kind === 'verified');
    assert.equal(verdict.found.length, 1);
  });

  test('legacy layers in a referrer, as Cosign 2 could write them, verify', async () => {
    const { manifest, blobs } = signLegacy(image.digest, key);
    const subject = { mediaType: IMAGE_TYPE, digest: image.digest, size: 1 };
    const artifactType = 'application/vnd.dev.cosign.artifact.sig.v1+json';
    const referring = json({ ...(JSON.parse(manifest.toString()) as object), subject, artifactType });
    const verdict = await look(registryWith({ manifest: referring, blobs }));
    assert.ok(verdict.kind === 'verified');
    assert.deepEqual(verdict.found, [{ digest: digestOf(referring), form: 'legacy' }]);
  });
});

describe('when the registry does not give what it lists', () => {
  const good = signBundle(image.digest, key);
  const blob = digestOf(good.blobs[1]!);

  test('a missing layer is an error, not a refusal: it may still be arriving', async () => {
    const registry = registryWith(good);
    registry.loseBlob(blob);
    await assert.rejects(look(registry), (error) => error instanceof PortError && error.code === 'blob-unknown');
  });

  test('a layer with other bytes than its digest is an error', async () => {
    const registry = registryWith(good);
    registry.replaceBlob(blob, Buffer.from('{}'));
    await assert.rejects(look(registry), (error) => error instanceof PortError && error.code === 'digest-mismatch');
  });

  test('a referrer without manifest is an error that may be tried again', async () => {
    const registry = registryWith();
    registry.list({ digest: other, mediaType: IMAGE_TYPE, size: 1, artifactType: BUNDLE_TYPE });
    await assert.rejects(look(registry), (error) => error instanceof PortError && error.retry === 'yes');
  });

  test('another signature that can be read and is good still suffices', async () => {
    const registry = registryWith(good, signLegacy(image.digest, key));
    registry.loseBlob(blob);
    const verdict = await look(registry);
    assert.ok(verdict.kind === 'verified');
    assert.equal(verdict.found.length, 2);
  });

  test('more signatures than anybody needs are refused before any is read', async () => {
    const registry = registryWith(signBundle(image.digest, key));
    for (let n = 0; n < LIMITS.artefacts; n++) {
      const digest = digestOf(`${n}`);
      registry.list({
        digest,
        mediaType: IMAGE_TYPE,
        size: 1,
        annotations: { 'dev.sigstore.bundle.predicateType': SIGN },
      });
    }
    await assert.rejects(
      look(registry),
      (error) => error instanceof PortError && error.got === String(LIMITS.artefacts + 1),
    );
  });
});
