/** ArtefactPublisher on the OCI distribution API. */
import { digestOf } from '../../../content/digest-of.ts';
import type { Artefact, ArtefactPublisher } from '../../../ports/artefact-publisher.ts';
import { digestMismatch } from './errors.ts';
import { type OciClient } from './oci-client.ts';
import { hasManifest } from './oci-manifests.ts';
import { pushBlob, pushManifest } from './oci-upload.ts';

export function publisherOn(client: OciClient): ArtefactPublisher {
  return { publish: (repository, artefact) => publish(client, repository, artefact) };
}

async function publish(client: OciClient, repository: string, artefact: Artefact): Promise<void> {
  checkArtefact(client, artefact);
  if (await hasManifest(client, repository, artefact.manifestDigest)) return;
  for (const blob of artefact.blobs) await pushBlob(client, repository, blob.digest, blob.bytes);
  await pushManifest(client, repository, artefact.manifestDigest, {
    digest: artefact.manifestDigest,
    mediaType: artefact.mediaType,
    bytes: artefact.manifest,
  });
}

/** What would be refused by the registry after half of the work is refused before it. */
function checkArtefact(client: OciClient, artefact: Artefact): void {
  const parts = [{ digest: artefact.manifestDigest, bytes: artefact.manifest }, ...artefact.blobs];
  for (const { digest, bytes } of parts) {
    const got = digestOf(bytes);
    if (got !== digest) throw digestMismatch(client.attempt(`publish ${digest}`, 'push'), digest, got);
  }
}
