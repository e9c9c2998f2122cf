/** Undo of an import: takes the copy and what came with it out of the registry, so that nothing can deploy it. */
import type { StepAnswer, StepRequest } from '../src/contract/activities.ts';
import { type Digest, parseDigest, shortDigest } from '../src/domain/digest.ts';
import { PortError } from '../src/ports/port-error.ts';
import { besideHere } from './beside.ts';
import { unlockImage } from './locks.ts';
import { imageOf, yes, type Zone } from './zone.ts';

/** Takes out what this promotion has brought, and nothing that was there before it. */
export async function removeImage(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { plan, baseline } = request;
  const { repository, digest } = imageOf(plan);
  const { registry, remover } = zone.ports;
  await unlockImage(zone, request);
  if (!baseline.tagPresent) await remover.untag(repository, plan.version, digest);
  // listed before the image goes, since it is found through it; the image goes first, since it is what could be deployed
  const brought = await broughtBeside(zone, request).catch((error: unknown) => error as Error);
  if (!baseline.imagePresent) await remove(zone, repository, digest);
  if (brought instanceof Error) throw brought;
  for (const one of brought) await remove(zone, repository, one);
  const beside = `${brought.length} that came with it`;
  if (!baseline.imagePresent) {
    return yes(`${shortDigest(digest)} and ${beside} removed from ${registry.host}`, {
      registry: registry.host,
      digest,
      companions: brought.join(' '),
    });
  }
  const tag = baseline.tagPresent ? `tag ${plan.version}` : `the manifest`;
  const untagged = baseline.tagPresent ? '' : `tag ${plan.version} and `;
  return yes(`${untagged}${beside} removed; ${tag} was there before and stays`, { tag: plan.version });
}

/** What refers to something goes before it, an index before its manifests: whatever is left when this dies is still found. */
async function broughtBeside(zone: Zone, { plan, baseline }: StepRequest): Promise<readonly Digest[]> {
  const { root, nodes } = await besideHere(zone, plan);
  const before = new Set<string>((baseline.beside ?? []).map(({ digest }) => digest));
  const found = [...nodes.keys()].toReversed().filter((digest) => digest !== root);
  return [...new Set([...found, parseDigest(plan.manifests)])].filter((digest) => !before.has(digest));
}

async function remove(zone: Zone, repository: string, digest: Digest): Promise<void> {
  const { registry, remover } = zone.ports;
  await remover.deleteManifest(repository, digest);
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
