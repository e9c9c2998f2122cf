/** The steps that bring an image over, with everything that refers to it, and look at what arrived. */
import type { StepAnswer, StepRequest } from '../src/contract/activities.ts';
import { digestOfJson } from '../src/content/digest-of.ts';
import { parseDigest, shortDigest } from '../src/domain/digest.ts';
import { copyRefusal } from '../src/policy/image-policy.ts';
import type { ImportRequest } from '../src/ports/registry-importer.ts';
import { mustHaveArrived } from '../src/referrers/arrival.ts';
import { alreadyThere } from '../src/referrers/already-there.ts';
import { collectGraph } from '../src/referrers/collect.ts';
import { besides, type Graph, type GraphNode } from '../src/referrers/graph.ts';
import { copyRounds } from '../src/referrers/rounds.ts';
import { settleTags, withoutNeedless } from '../src/referrers/settle-tags.ts';
import { noteImports } from './admission.ts';
import type { Attempt } from './beating.ts';
import { type Copied, ensureCopies, ensureCopy, type Imports } from './copies.ts';
import { refusing } from './failures.ts';
import { imageOf, no, sourceOf, taggedDigest, yes, type Zone } from './zone.ts';

/** An index that is too large for one import comes after its manifests. */
export async function importImage(zone: Zone, request: StepRequest, attempt: Attempt<Imports>): Promise<StepAnswer> {
  const { plan } = request;
  const { repository, digest } = imageOf(plan);
  return refusing(async () => {
    const graph = await collectGraph(sourceOf(zone, plan.source), { repository, digest }, { what: 'image' });
    const parts: Copied[] = [];
    for (const round of copyRounds(graph, 'image').slice(0, -1)) {
      parts.push(...(await ensureCopies(zone, requestsFor(plan.source, repository, round), attempt)));
    }
    const done = await ensureCopy(zone, { source: plan.source, repository, digest, tag: plan.version }, attempt);
    await noteImports(zone, request, [done, ...parts]);
    const { effect, operation } = done;
    return yes(effect === 'there' ? `${plan.targetRegistry} had it already` : `imported into ${plan.targetRegistry}`, {
      registry: plan.targetRegistry,
      digest,
      tag: plan.version,
      effect,
      ...(operation === undefined ? {} : { operation }),
    });
  });
}

export async function verifyDigest(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { repository, digest } = imageOf(request.plan);
  const registry = zone.ports.registry;
  const found = (await registry.manifest(repository, digest))?.digest;
  const tagged = await taggedDigest(registry, repository, request.plan.version);
  const refusal = copyRefusal({ registry: registry.host, version: request.plan.version, digest, found, tagged });
  if (refusal !== undefined) return no(refusal);
  return yes(`${registry.host} holds exactly ${shortDigest(digest)}`, {
    registry: registry.host,
    digest,
    tag: request.plan.version,
  });
}

/** An import never brings what refers to the image: each manifest is copied by digest, and found at the destination before it is believed. */
export async function copySignatures(zone: Zone, request: StepRequest, attempt: Attempt<Imports>): Promise<StepAnswer> {
  const { plan } = request;
  const image = imageOf(plan);
  return refusing(async () => {
    const graph = await collectGraph(sourceOf(zone, plan.source), image);
    const [settled, there] = await Promise.all([
      settleTags(zone.ports.registry, image.repository, graph),
      alreadyThere(zone.ports.registry, image.repository, graph),
    ]);
    const digest = parseDigest(plan.manifests);
    const manifests = graph.nodes.has(digest) ? [] : [{ source: plan.source, repository: image.repository, digest }];
    const rounds = copyRounds(graph, 'beside').map((round) =>
      requestsFor(plan.source, image.repository, withoutNeedless(round, settled), settled.tags),
    );
    const [first = [], ...later] = rounds;
    const copied: Copied[] = [];
    for (const round of [[...first, ...manifests], ...later])
      copied.push(...(await ensureCopies(zone, round, attempt, there)));
    await noteImports(zone, request, copied);
    await mustHaveArrived(zone.ports.registry, image.repository, graph, settled);
    const count = besides(graph).length;
    return yes(
      `${count} that refer${count === 1 ? 's' : ''} to it are in ${plan.targetRegistry}, the manifests among them`,
      {
        registry: plan.targetRegistry,
        referrers: String(count),
        graph: digestOfGraph(graph),
        manifests: plan.manifests,
        ...(settled.stay.length === 0 ? {} : { tagsThatStay: settled.stay.join(' ') }),
      },
    );
  });
}

function requestsFor(
  source: string,
  repository: string,
  nodes: readonly GraphNode[],
  tags: ReadonlyMap<string, readonly string[]> = new Map(),
): readonly ImportRequest[] {
  return nodes.flatMap(({ digest }) => {
    const own = tags.get(digest) ?? [];
    return own.length === 0
      ? [{ source, repository, digest }]
      : own.map((tag) => ({ source, repository, digest, tag }));
  });
}

/** One name for all that goes with the image, whatever order it was found in. */
function digestOfGraph({ root, links }: Graph): string {
  return digestOfJson({ root, links: links.map((link) => Object.values(link).join(' ')).toSorted() });
}
