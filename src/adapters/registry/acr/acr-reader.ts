/** RegistryReader on the OCI distribution API. */
import type { RegistryReader } from '../../../ports/registry-reader.ts';
import { fetchBlob, hasBlob } from './oci-blobs.ts';
import { type OciClient } from './oci-client.ts';
import { fetchManifest } from './oci-manifests.ts';
import { fetchReferrers } from './oci-referrers.ts';

export function readerOn(client: OciClient): RegistryReader {
  return {
    host: client.host,
    manifest: (repository, reference) => fetchManifest(client, repository, reference),
    blob: (repository, digest, limit) => fetchBlob(client, repository, digest, limit),
    hasBlob: (repository, digest) => hasBlob(client, repository, digest),
    referrers: (repository, digest, atMost) => fetchReferrers(client, repository, digest, atMost),
  };
}
