/** Proving that the cluster's nodes can pull: manifest, config and every layer answer to the cluster's own identity. */
import type { StepAnswer, StepRequest } from '../src/contract/activities.ts';
import { type Digest, parseDigest, shortDigest } from '../src/domain/digest.ts';
import { PortError } from '../src/ports/port-error.ts';
import type { RegistryReader } from '../src/ports/registry-reader.ts';
import { imageOf, no, yes, type Zone } from './zone.ts';

interface OciManifest {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  /** Children, when this is an index. */
  readonly manifests?: readonly { readonly digest: string }[];
}

export async function checkPullable(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { repository, digest } = imageOf(request.plan);
  const registry = zone.ports.puller ?? zone.ports.registry;
  const identity =
    zone.ports.puller === undefined
      ? "the worker's identity (no pull identity is configured)"
      : "the cluster's own identity";
  try {
    const missing: string[] = [];
    const blobs = await missingParts(registry, repository, digest, missing);
    if (missing.length === 0)
      return yes(`manifest and ${blobs} blobs answer to ${identity}`, {
        registry: registry.host,
        identity,
        blobs: String(blobs),
      });
    return notPullable(registry, repository, digest, `missing: ${missing.join(', ')}`);
  } catch (error) {
    if (error instanceof PortError && (error.code === 'registry-forbidden' || error.code === 'registry-unauthorized')) {
      return notPullable(
        registry,
        repository,
        digest,
        error.message,
        `grant AcrPull on ${registry.host} to the cluster's kubelet identity, then retry`,
      );
    }
    throw error;
  }
}

/** Digest of an index's children, or of the manifest alone: whatever a node may report as running. */
export async function runnableDigests(
  registry: RegistryReader,
  repository: string,
  digest: Digest,
): Promise<readonly Digest[]> {
  const manifest = await parsed(registry, repository, digest);
  return [digest, ...(manifest?.manifests ?? []).map((child) => parseDigest(child.digest))];
}

/** Counts the blobs that were asked for; names in `missing` whatever the registry does not serve. */
export async function missingParts(
  registry: RegistryReader,
  repository: string,
  digest: Digest,
  missing: string[],
): Promise<number> {
  const manifest = await parsed(registry, repository, digest);
  if (manifest === undefined) {
    missing.push(`manifest ${digest}`);
    return 0;
  }
  let count = 0;
  for (const child of manifest.manifests ?? [])
    count += await missingParts(registry, repository, parseDigest(child.digest), missing);
  const blobs = [manifest.config, ...(manifest.layers ?? [])].flatMap((one) =>
    one === undefined ? [] : [parseDigest(one.digest)],
  );
  const present = await Promise.all(blobs.map((blob) => registry.hasBlob(repository, blob)));
  blobs.forEach((blob, index) => {
    if (present[index] === false) missing.push(`blob ${blob}`);
  });
  return count + blobs.length;
}

async function parsed(registry: RegistryReader, repository: string, digest: Digest): Promise<OciManifest | undefined> {
  const manifest = await registry.manifest(repository, digest);
  return manifest === undefined ? undefined : (JSON.parse(new TextDecoder().decode(manifest.bytes)) as OciManifest);
}

export function notPullable(
  registry: RegistryReader,
  repository: string,
  digest: Digest,
  got: string,
  remedy = 'look at the registry, then retry',
): StepAnswer {
  return no({
    code: 'image-not-pullable',
    message: `the cluster could not pull ${repository}@${shortDigest(digest)} from ${registry.host}`,
    expected: 'manifest, config and every layer',
    got,
    remedy,
  });
}
