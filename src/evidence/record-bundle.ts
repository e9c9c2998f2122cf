/** A signed statement as Cosign 3 keeps one: a DSSE envelope in a Sigstore bundle, in a manifest that refers to the image. */
import { digestOf } from '../content/digest-of.ts';
import { preAuthEncoding } from '../content/dsse.ts';
import { type Digest, hexOf } from '../domain/digest.ts';
import type { Artefact } from '../ports/artefact-publisher.ts';
import type { RecordSignature } from '../ports/record-signer.ts';

export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';
const EMPTY = Buffer.from('{}');

/** The bytes to be signed. */
export function toBeSigned(statement: Uint8Array): Uint8Array {
  return preAuthEncoding(PAYLOAD_TYPE, statement);
}

/** As the registry holds the image: a manifest or an index. */
export interface Subject {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** sigstore/cosign specs/BUNDLE_SPEC.md; `at` (ISO 8601) is written down as the time of its making. */
export function recordArtefact(
  subject: Subject,
  statement: Uint8Array,
  predicateType: string,
  signature: RecordSignature,
  at: string,
): Artefact {
  const bundle = Buffer.from(JSON.stringify(bundleOf(statement, signature)));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { ...descriptorOf(EMPTY_TYPE, EMPTY), artifactType: BUNDLE_TYPE },
      layers: [descriptorOf(BUNDLE_TYPE, bundle)],
      annotations: {
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': predicateType,
        'org.opencontainers.image.created': at,
      },
      subject: descriptorOf(subject.mediaType, subject.bytes),
      artifactType: BUNDLE_TYPE,
    }),
  );
  const blobs = [EMPTY, bundle].map((bytes) => ({ digest: digestOf(bytes), bytes }));
  return { mediaType: MANIFEST_TYPE, manifest, manifestDigest: digestOf(manifest), blobs };
}

/** sigstore protobuf-specs, `sigstore_bundle.proto`: the hint names the key to whoever looks for it, and proves nothing. */
function bundleOf(statement: Uint8Array, { signature, publicKey }: RecordSignature): object {
  const hint = Buffer.from(hexOf(digestOf(publicKey)), 'hex').toString('base64');
  return {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: { publicKey: { hint } },
    dsseEnvelope: {
      payload: Buffer.from(statement).toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: Buffer.from(signature).toString('base64') }],
    },
  };
}

function descriptorOf(mediaType: string, bytes: Uint8Array): { mediaType: string; size: number; digest: Digest } {
  return { mediaType, size: bytes.byteLength, digest: digestOf(bytes) };
}
