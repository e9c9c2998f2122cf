/** Everything that goes with an image: the manifests of its index, whatever refers to any of them, and so on. */
import type { Digest } from '../domain/digest.ts';
import type { ManifestFacts } from './manifest.ts';

export interface GraphNode extends ManifestFacts {
  /** `image`: the image and the manifests of its index. `beside`: what somebody has put beside them. */
  readonly part: 'image' | 'beside';
  /** Steps away from the image. */
  readonly depth: number;
}

/** `child`: an index lists it. `referrer`: its own subject, and the registry lists it. `tag`: a tag made of the digest leads to it. */
export type Link =
  | { readonly how: 'child' | 'referrer'; readonly from: Digest; readonly to: Digest }
  | { readonly how: 'tag'; readonly from: Digest; readonly to: Digest; readonly tag: string };

export interface Graph {
  readonly root: Digest;
  readonly nodes: ReadonlyMap<Digest, GraphNode>;
  readonly links: readonly Link[];
}

/** What was put beside the image. */
export function besides({ nodes }: Graph): readonly GraphNode[] {
  return [...nodes.values()].filter(({ part }) => part === 'beside');
}

export function linksFrom({ links }: Graph, digest: Digest): readonly Link[] {
  return links.filter(({ from }) => from === digest);
}

/** Manifests that one import of it copies: itself and, below an index, all others. */
export function manifestsIn(graph: Graph, digest: Digest): ReadonlySet<Digest> {
  const found = new Set([digest]);
  for (const one of found) for (const { digest: child } of graph.nodes.get(one)?.children ?? []) found.add(child);
  return found;
}

/** The first circle there is, from a manifest back to itself. */
export function circleIn(graph: Graph): readonly Digest[] | undefined {
  const done = new Set<Digest>();
  function follow(digest: Digest, path: readonly Digest[]): readonly Digest[] | undefined {
    if (path.includes(digest)) return [...path.slice(path.indexOf(digest)), digest];
    if (done.has(digest)) return undefined;
    for (const { to } of linksFrom(graph, digest)) {
      const circle = follow(to, [...path, digest]);
      if (circle !== undefined) return circle;
    }
    done.add(digest);
    return undefined;
  }
  return follow(graph.root, []);
}
