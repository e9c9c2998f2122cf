/** The manifests that lie in a registry, published before. */
import type { Digest } from '../domain/digest.ts';
import { LARGEST_LAYER, readArtefactManifest, unpackManifests } from '../manifests/artefact.ts';
import { type ManifestFile, ManifestsError } from '../manifests/manifest-file.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';

/** Throws {@link ManifestsError} `manifests-missing` where there is none, and `manifests-invalid` for anything else than one for this image. */
export async function publishedManifests(
  registry: RegistryReader,
  repository: string,
  artefact: Digest,
  image: string,
): Promise<readonly ManifestFile[]> {
  const stored = await registry.manifest(repository, artefact);
  const where = `${repository}@${artefact}`;
  if (stored === undefined) {
    const remedy = 'publish them with "sluice manifests push", which prints their digest';
    throw new ManifestsError('manifests-missing', [
      { where, message: `${registry.host} has no manifest artefact of this digest`, remedy },
    ]);
  }
  const { layer, subject } = readArtefactManifest(stored);
  if (subject !== image) {
    const message = `it belongs to ${subject ?? 'no image'}, not to ${image}`;
    const remedy = 'publish the manifests for exactly this image';
    throw new ManifestsError('manifests-invalid', [{ where, message, remedy }]);
  }
  return unpackManifests(await registry.blob(repository, layer.digest, LARGEST_LAYER));
}
