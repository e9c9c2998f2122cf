/** Signing as Cosign does, in both forms, with every part replaceable: the unharmed and the hostile in one place. */
import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto';
import { digestOf } from '../../../src/content/digest-of.ts';
import { type Digest, hexOf } from '../../../src/domain/digest.ts';
import type { Pushed } from './test-registry.ts';

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly pem: string;
}

export function makeKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

export const IMAGE_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
export const SIGN = 'https://sigstore.dev/cosign/sign/v1';

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Some image; only its digest matters here. */
export function someImage(name = 'iam'): Pushed & { readonly digest: Digest } {
  const manifest = json({ schemaVersion: 2, mediaType: IMAGE_TYPE, annotations: { name } });
  return { manifest, digest: digestOf(manifest), blobs: [] };
}

/** The in-toto statement that Cosign 3 signs. */
export function statementAbout(image: Digest): Record<string, unknown> {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: hexOf(image) }, annotations: {} }],
    predicateType: SIGN,
    predicate: {},
  };
}

/** Signature over the DSSE encoding, written here once more from the specification rather than taken from the code under test. */
export function signDsse(key: KeyObject, payload: Buffer, payloadType = PAYLOAD_TYPE): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `;
  return sign('sha256', Buffer.concat([Buffer.from(head, 'utf8'), payload]), key);
}

export interface BundleParts {
  readonly statement?: unknown;
  readonly payloadType?: string;
  readonly signature?: Buffer;
  readonly material?: object;
}

/** The bundle's JSON. */
export function bundleOf(image: Digest, key: KeyObject, parts: BundleParts = {}): Record<string, unknown> {
  const payload = json(parts.statement ?? statementAbout(image));
  const payloadType = parts.payloadType ?? PAYLOAD_TYPE;
  const signature = parts.signature ?? signDsse(key, payload, payloadType);
  return {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: parts.material ?? { publicKey: { hint: 'anything' } },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType,
      signatures: [{ sig: signature.toString('base64') }],
    },
  };
}

/** The referrer that carries a bundle. */
export function bundleReferrer(image: Digest, bundle: Buffer, changes: Record<string, unknown> = {}): Pushed {
  const config = Buffer.from('{}');
  const manifest = json({
    schemaVersion: 2,
    mediaType: IMAGE_TYPE,
    artifactType: BUNDLE_TYPE,
    config: descriptor('application/vnd.oci.empty.v1+json', config),
    layers: [descriptor(BUNDLE_TYPE, bundle)],
    subject: { mediaType: IMAGE_TYPE, digest: image, size: 500 },
    annotations: { 'dev.sigstore.bundle.content': 'dsse-envelope', 'dev.sigstore.bundle.predicateType': SIGN },
    ...changes,
  });
  return { manifest, blobs: [config, bundle] };
}

export function signBundle(image: Digest, key: TestKey): Pushed {
  return bundleReferrer(image, json(bundleOf(image, key.privateKey)));
}

function attested(
  image: Digest,
  predicateType: string,
  predicate: Record<string, unknown>,
  changes: Record<string, unknown>,
): Record<string, unknown> {
  return {
    ...{ _type: 'https://in-toto.io/Statement/v0.1', predicateType, predicate },
    subject: [{ name: 'registry.test/iam', digest: { sha256: hexOf(image) } }],
    ...changes,
  };
}

/** What `cosign attest` pushes; it writes the older form of the statement. */
export function attestBundle(
  image: Digest,
  key: TestKey,
  predicateType: string,
  predicate: Record<string, unknown>,
  changes: Record<string, unknown> = {},
): Pushed {
  const statement = attested(image, predicateType, predicate, changes);
  const annotations = {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': predicateType,
  };
  return bundleReferrer(image, json(bundleOf(image, key.privateKey, { statement })), { annotations });
}

/** What `cosign attest` of version 2 pushes under the tag for attestations: one envelope a layer. */
export function attestLegacy(
  image: Digest,
  key: TestKey,
  predicateType: string,
  predicate: Record<string, unknown>,
  changes: Record<string, unknown> = {},
): Pushed {
  const payload = json(attested(image, predicateType, predicate, changes));
  const signatures = [{ keyid: '', sig: signDsse(key.privateKey, payload).toString('base64') }];
  const envelope = json({ payloadType: PAYLOAD_TYPE, payload: payload.toString('base64'), signatures });
  return envelopeManifest(image, envelope, { predicateType });
}

export function envelopeManifest(image: Digest, envelope: Buffer, annotations: Record<string, string>): Pushed {
  const config = json({ architecture: '', os: '' });
  const manifest = json({
    schemaVersion: 2,
    mediaType: IMAGE_TYPE,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [{ ...descriptor('application/vnd.dsse.envelope.v1+json', envelope), annotations }],
  });
  return { manifest, tag: `sha256-${hexOf(image)}.att`, blobs: [config, envelope] };
}

/** The payload that Cosign 2 signs. */
export function simpleSigning(image: Digest): Record<string, unknown> {
  return {
    critical: {
      identity: { 'docker-reference': 'registry.test/iam' },
      image: { 'docker-manifest-digest': image },
      type: 'cosign container image signature',
    },
    optional: null,
  };
}

/** The tagged manifest that carries legacy layers. */
export function legacyManifest(
  image: Digest,
  layers: readonly { readonly payload: Buffer; readonly annotations: Record<string, string> }[],
): Pushed {
  const config = json({ architecture: '', os: '' });
  const type = 'application/vnd.dev.cosign.simplesigning.v1+json';
  const manifest = json({
    schemaVersion: 2,
    mediaType: IMAGE_TYPE,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map(({ payload, annotations }) => ({ ...descriptor(type, payload), annotations })),
  });
  return { manifest, tag: `sha256-${hexOf(image)}.sig`, blobs: [config, ...layers.map(({ payload }) => payload)] };
}

export function legacyLayer(key: TestKey, payload: Buffer): { payload: Buffer; annotations: Record<string, string> } {
  const signature = sign('sha256', payload, key.privateKey).toString('base64');
  return { payload, annotations: { 'dev.cosignproject.cosign/signature': signature } };
}

export function signLegacy(image: Digest, key: TestKey): Pushed {
  return legacyManifest(image, [legacyLayer(key, json(simpleSigning(image)))]);
}

export function descriptor(mediaType: string, bytes: Uint8Array): Record<string, unknown> {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}
