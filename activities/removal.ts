/** Undo of an import: takes the copy and what came with it out of the registry, so that nothing can deploy it. */
import pLimit from 'p-limit';
import type { StepAnswer, StepRequest } from '../src/contract/activities.ts';
import { type Digest, parseDigest, shortDigest } from '../src/domain/digest.ts';
import { PROMOTION_PREDICATE } from '../src/evidence/record-predicate.ts';
import { PortError } from '../src/ports/port-error.ts';
import type { Graph } from '../src/referrers/graph.ts';
import { besideHere } from './beside.ts';
import { openBeside, openImage } from './locks.ts';
import { imageOf, sourceOf, yes, type Zone } from './zone.ts';

/** Questions to the source at a time. */
const AT_ONCE = 8;

/**
 * Takes out what this promotion has brought, and nothing that was there before it. What goes with the image is listed before it goes, since it
 * is found through it; the image goes first, since it is what could be deployed, even where its company cannot be listed.
 */
export async function removeImage(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { plan, baseline } = request;
  const { repository, digest } = imageOf(plan);
  const { registry, remover } = zone.ports;
  const company = await besideHere(zone, plan).catch((error: unknown) => error as Error);
  await openImage(zone, request);
  if (!(company instanceof Error)) await openBeside(zone, request, company);
  if (!baseline.tagPresent) await remover.untag(repository, plan.version, digest);
  if (!baseline.imagePresent) await remove(zone, repository, digest);
  if (company instanceof Error) throw company;
  const fresh = freshOf(request, company);
  const brought = baseline.imagePresent ? await broughtAmong(zone, request, fresh) : fresh;
  for (const one of brought) await remove(zone, repository, one);
  return yes(summaryOf(request, brought.length, registry.host), {
    registry: registry.host,
    digest,
    companions: String(brought.length),
  });
}

/** What refers to something goes before it, an index before its manifests: whatever is left when this dies is still found. */
function freshOf({ plan, baseline }: StepRequest, { root, nodes }: Graph): readonly Digest[] {
  const before = new Set<string>((baseline.beside ?? []).map(({ digest }) => digest));
  const found = [...nodes.keys()].toReversed().filter((digest) => digest !== root);
  return [...new Set([...found, parseDigest(plan.manifests)])].filter((digest) => !before.has(digest));
}

/** Beside an image that stays, others may have put something meanwhile: what came from its source goes, and what the zone itself has said of the promotion. */
async function broughtAmong(zone: Zone, { plan }: StepRequest, fresh: readonly Digest[]): Promise<readonly Digest[]> {
  const { registry, recorders } = zone.ports;
  const image = imageOf(plan);
  const source = sourceOf(zone, plan.source);
  const records = (await recorders?.attestations(registry, image, [PROMOTION_PREDICATE])) ?? [];
  const line = pLimit(AT_ONCE);
  const known = await Promise.all(fresh.map((digest) => line(() => source.manifest(image.repository, digest))));
  return fresh.filter(
    (digest, at) => known[at] !== undefined || records.some(({ artefact }) => artefact.digest === digest),
  );
}

function summaryOf({ plan, baseline }: StepRequest, brought: number, host: string): string {
  const beside = `${brought} that came with it`;
  if (!baseline.imagePresent) return `${shortDigest(plan.image.digest)} and ${beside} removed from ${host}`;
  if (!baseline.tagPresent) return `tag ${plan.version} and ${beside} removed; the manifest was there before and stays`;
  return `${beside} removed; ${plan.version} was there before and stays`;
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
