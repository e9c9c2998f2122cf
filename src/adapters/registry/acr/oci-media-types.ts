/** Media types of manifests (image-spec 1.1, media-types.md; Docker image manifest V2 schema 2). */
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

/** Schema 1 is missing on purpose: its digest is not that of its bytes. */
export const ACCEPT_MANIFESTS = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST].join(', ');

/** Registries need not keep larger ones (distribution-spec 1.1, "Pushing Manifests"). */
export const MANIFEST_LIMIT = 4 * 1024 * 1024;
