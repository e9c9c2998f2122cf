/**
 * What becomes of the tags by which some of it is found. A tag of the destination is never moved: whoever runs there may be judged by what it
 * means. Where it means something else, either everything is said there already, or the release is refused.
 */
import pLimit from 'p-limit';
import type { Digest } from '../domain/digest.ts';
import { PortError } from '../ports/port-error.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import type { Graph, GraphNode, Link } from './graph.ts';
import { LOOKS_AT_ONCE } from './limits.ts';
import { readManifest } from './manifest.ts';
import { referrersTag } from './tag-forms.ts';

type TagLink = Extract<Link, { readonly how: 'tag' }>;

export interface SettledTags {
  /** Tags with which a manifest is copied. */
  readonly tags: ReadonlyMap<Digest, readonly string[]>;
  /** Tags that mean something else at the destination, and stay as they are. */
  readonly stay: readonly string[];
  /** Manifests that only such tags lead to: nothing of them is missing there. */
  readonly needless: ReadonlySet<Digest>;
}

/** Throws `tag-conflict` where a tag of the destination would have to be moved. */
export async function settleTags(destination: RegistryReader, repository: string, graph: Graph): Promise<SettledTags> {
  const line = pLimit(LOOKS_AT_ONCE);
  const tagLinks = graph.links.filter((link) => link.how === 'tag');
  const judged = await Promise.all(
    tagLinks.map(async (link) => ({ link, stays: await line(() => staysThere(destination, repository, graph, link)) })),
  );
  const staying = judged.filter(({ stays }) => stays).map(({ link }) => link);
  const copied = Map.groupBy(
    judged.filter(({ stays }) => !stays).map(({ link }) => link),
    ({ to }) => to,
  );
  return {
    tags: new Map([...copied].map(([digest, links]) => [digest, links.map(({ tag }) => tag)])),
    stay: staying.map(({ tag }) => tag),
    needless: new Set(staying.map(({ to }) => to).filter((digest) => isOnlyBy(graph, digest, staying))),
  };
}

async function staysThere(
  destination: RegistryReader,
  repository: string,
  { nodes }: Graph,
  { from, to, tag }: TagLink,
): Promise<boolean> {
  const there = await destination.manifest(repository, { tag });
  if (there === undefined || there.digest === to) return false;
  // what the list names travels by itself, and the destination's own list names it then
  if (tag === referrersTag(from)) return true;
  const said = readManifest({ host: destination.host, repository }, there).statements;
  const wanted = nodes.get(to)?.statements ?? [];
  if (wanted.every((statement) => said.includes(statement))) return true;
  throw new PortError(
    'tag-conflict',
    `tag ${tag} in ${destination.host} says something else than where the image comes from`,
    {
      retry: 'no',
      expected: to,
      got: there.digest,
      remedy:
        `Sluice never moves a tag: compare both, then untag it there ("az acr repository untag --image ${repository}:${tag}") if nothing is judged by it, ` +
        'and start the release again',
    },
  );
}

function isOnlyBy({ links }: Graph, digest: Digest, tagLinks: readonly TagLink[]): boolean {
  return links.every((link) => link.to !== digest || tagLinks.some((one) => one === link));
}

/** Those that are copied. */
export function withoutNeedless(nodes: readonly GraphNode[], { needless }: SettledTags): readonly GraphNode[] {
  return nodes.filter(({ digest }) => !needless.has(digest));
}
