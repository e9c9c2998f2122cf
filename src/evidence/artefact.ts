/** Evidence as an OCI artefact that refers to the image it is about (image-spec 1.1, "Guidelines for Artifact Usage"): one layer, the file as it is. */
import { digestOf } from '../content/digest-of.ts';
import type { Digest } from '../domain/digest.ts';
import type { Artefact } from '../ports/artefact-publisher.ts';
import type { StoredManifest } from '../ports/registry-reader.ts';
import type { Evidence, Release } from './gather.ts';
import { EVIDENCE_ARTEFACT } from './registry-content.ts';

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';
const EMPTY = Buffer.from('{}');
const NAME = 'dev.sluice.evidence.name';
const RELEASE = 'dev.sluice.evidence.release';

/** The same evidence is the same artefact. */
export function evidenceArtefact(
  { name, bytes }: Evidence,
  { service, version }: Release,
  image: StoredManifest,
): Artefact {
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      artifactType: EVIDENCE_ARTEFACT,
      config: descriptorOf(EMPTY_TYPE, EMPTY),
      layers: [descriptorOf(EVIDENCE_ARTEFACT, bytes)],
      subject: { mediaType: image.mediaType, digest: image.digest, size: image.bytes.byteLength },
      annotations: { [NAME]: name, [RELEASE]: `${service}/${version}` },
    }),
  );
  const blobs = [EMPTY, bytes].map((one) => ({ digest: digestOf(one), bytes: one }));
  return { mediaType: MANIFEST_TYPE, manifest, manifestDigest: digestOf(manifest), blobs };
}

function descriptorOf(mediaType: string, bytes: Uint8Array): { mediaType: string; digest: Digest; size: number } {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}
