/** Undo of an import: takes the copy and what came with it out of the registry, so that nothing can deploy it. */
import type { StepAnswer, StepRequest } from '../src/contract/activities.ts';
import { type Digest, parseDigest, shortDigest } from '../src/domain/digest.ts';
import { PortError } from '../src/ports/port-error.ts';
import { unlockImage } from './locks.ts';
import { artefactsOf, wantedSignatures } from './signatures.ts';
import { imageOf, yes, type Zone } from './zone.ts';

export async function removeImage(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { plan, baseline } = request;
  const { repository, digest } = imageOf(plan);
  const { registry, remover } = zone.ports;
  if (baseline.tagPresent) return yes(`${registry.host} had ${plan.version} before this promotion; it stays`);
  await unlockImage(zone, request);
  await remover.untag(repository, plan.version, digest);
  if (baseline.imagePresent)
    return yes(`tag ${plan.version} removed; the manifest was there before and stays`, { tag: plan.version });
  const companions = await companionsOf(zone, repository, digest, plan.manifests);
  await remover.deleteManifest(repository, digest);
  for (const companion of companions) await remover.deleteManifest(repository, companion);
  await mustBeGone(zone, repository, digest);
  return yes(`${shortDigest(digest)} and ${companions.length} companions removed from ${registry.host}`, {
    registry: registry.host,
    digest,
    companions: companions.join(' '),
  });
}

/** What refers to the image at the destination; read before the image goes, since referrers are found through it. */
async function companionsOf(
  zone: Zone,
  repository: string,
  digest: Digest,
  manifests: string,
): Promise<readonly Digest[]> {
  const { registry, signatures } = zone.ports;
  if ((await registry.manifest(repository, digest)) === undefined) return [parseDigest(manifests)];
  const referrers = (await registry.referrers(repository, digest)).map((one) => one.digest);
  const verdict = await signatures.verify(registry, { repository, digest }, wantedSignatures(zone));
  const found = artefactsOf(verdict);
  return [...new Set([...referrers, ...found.map((one) => one.digest), parseDigest(manifests)])];
}

async function mustBeGone(zone: Zone, repository: string, digest: Digest): Promise<void> {
  const { registry } = zone.ports;
  if ((await registry.manifest(repository, digest)) === undefined) return;
  throw new PortError(
    'registry-protocol',
    `${registry.host} still serves ${repository}@${shortDigest(digest)} after deleting it`,
    {
      retry: 'yes',
      expected: 'no manifest',
      got: digest,
      remedy: 'the removal is tried again; soft delete or replication may delay it',
    },
  );
}
