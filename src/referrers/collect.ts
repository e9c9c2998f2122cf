/**
 * Collecting everything that goes with an image, level by level, through a registry's own lists and tags. What is found is read, hashed (by
 * the reader) and must say itself what it was listed for. The whole graph is found, or nothing: beyond a limit it is refused.
 */
import pLimit from 'p-limit';
import { type Digest, shortDigest } from '../domain/digest.ts';
import type { Image } from '../domain/image-reference.ts';
import { PortError } from '../ports/port-error.ts';
import type { Descriptor, RegistryReader, StoredManifest } from '../ports/registry-reader.ts';
import { circleIn, type Graph, type GraphNode, type Link } from './graph.ts';
import { type Limits, LIMITS, LOOKS_AT_ONCE } from './limits.ts';
import { type ManifestFacts, readManifest } from './manifest.ts';
import { cycle, foreign, foreignChild, missing, type Place, tooDeep, tooLarge, tooMany } from './refusals.ts';
import { referrersTag, tagForms } from './tag-forms.ts';

export interface Collecting {
  /** `all` unless given. `untagged`: not by tags, so what a registry's own clean-up might take. `image`: the image alone, with its index's manifests. */
  readonly what?: 'all' | 'untagged' | 'image';
  /** Begin with these too: manifests of an index that is not there itself. */
  readonly also?: readonly Digest[];
  /** Where a beginning may be missing (it is or was not there), what refers to it is found all the same. */
  readonly absent?: 'fails' | 'skips';
  readonly limits?: Limits;
}

/** A manifest whose turn it is to be looked at. */
interface Turn {
  readonly digest: Digest;
  /** The registry has just listed it: what it says may have been read before. */
  readonly isListed?: boolean;
  readonly part: GraphNode['part'];
  readonly depth: number;
  /** Already read: a tag gives no digest without its bytes. */
  readonly stored?: StoredManifest;
  readonly mayBeAbsent?: boolean;
}

interface Looked {
  readonly facts: ManifestFacts | undefined;
  readonly listed: readonly Descriptor[];
  readonly tagged: readonly { readonly tag: string; readonly stored: StoredManifest }[];
}

/** Throws PortError: see {@link ./refusals.ts} for what is refused; the reader's own where the registry would not say. */
export async function collectGraph(
  registry: RegistryReader,
  image: Image,
  { what = 'all', also = [], absent = 'fails', limits = LIMITS }: Collecting = {},
): Promise<Graph> {
  const place: Place = { host: registry.host, repository: image.repository };
  const content = registry.remembered ?? registry;
  const line = pLimit(LOOKS_AT_ONCE);
  const nodes = new Map<Digest, GraphNode>();
  const links: Link[] = [];
  const known = new Set<Digest>();
  let bytes = 0;

  function begin(turn: Turn): readonly Turn[] {
    if (known.has(turn.digest)) return [];
    known.add(turn.digest);
    if (turn.depth > limits.depth) throw tooDeep(place, turn.digest, limits.depth);
    return [turn];
  }

  async function look({ digest, isListed = false, part, stored, mayBeAbsent = false }: Turn): Promise<Looked> {
    const forms = what === 'all' ? tagForms(digest) : [];
    const [found, listed, ...tagged] = await Promise.all([
      stored ?? line(() => (isListed ? content : registry).manifest(image.repository, digest)),
      what === 'image' ? [] : line(() => registry.referrers(image.repository, digest, limits.referrers)),
      ...forms.map((tag) => line(() => registry.manifest(image.repository, { tag }))),
    ]);
    if (found === undefined && !mayBeAbsent) throw absentHere(place, digest, part);
    if (listed.length > limits.referrers)
      throw tooMany(place, shortDigest(digest), limits.referrers, `${listed.length} that refer to it`);
    const large = listed.find(({ size }) => size > limits.manifestBytes);
    if (large !== undefined) throw tooLarge(place, `the manifest ${large.digest}`, limits.manifestBytes, large.size);
    return {
      facts: found === undefined ? undefined : readManifest(place, found),
      listed,
      tagged: forms.flatMap((tag, at) => {
        const one = tagged[at];
        return one === undefined ? [] : [{ tag, stored: one }];
      }),
    };
  }

  function weigh({ digest, size, blobs }: ManifestFacts): void {
    const own = size + blobs.reduce((sum, blob) => sum + blob.size, 0);
    bytes += own;
    if (size > limits.manifestBytes) throw tooLarge(place, `the manifest ${digest}`, limits.manifestBytes, size);
    if (own > limits.referrerBytes) throw tooLarge(place, digest, limits.referrerBytes, own);
    if (bytes > limits.totalBytes) throw tooLarge(place, 'all that refers to the image', limits.totalBytes, bytes);
  }

  /** What the look leads to: first turns come first, so that a manifest of the image is never taken for one beside it. */
  function lead({ digest: from, part, depth }: Turn, { facts, listed, tagged }: Looked): readonly Turn[] {
    if (facts !== undefined) {
      if (part === 'beside') weigh(facts);
      nodes.set(from, { ...facts, part, depth });
    }
    const children = facts?.children ?? [];
    links.push(...children.map(({ digest: to }) => ({ how: 'child' as const, from, to })));
    links.push(...listed.map(({ digest: to }) => ({ how: 'referrer' as const, from, to })));
    links.push(...tagged.map(({ tag, stored }) => ({ how: 'tag' as const, from, to: stored.digest, tag })));
    return [
      ...children.flatMap(({ digest }) => begin({ digest, part, depth })),
      ...listed.flatMap(({ digest }) => begin({ digest, isListed: true, part: 'beside', depth: depth + 1 })),
      ...tagged.flatMap(({ stored }) => begin({ digest: stored.digest, part: 'beside', depth: depth + 1, stored })),
    ];
  }

  const starts = [image.digest, ...also];
  let turns = starts.flatMap((digest) => begin({ digest, part: 'image', depth: 0, mayBeAbsent: absent === 'skips' }));
  let beside = 0;
  while (turns.length > 0) {
    const looked = await Promise.all(turns.map(look));
    turns = turns.flatMap((turn, at) => lead(turn, looked[at] as Looked));
    beside += turns.filter(({ part }) => part === 'beside').length;
    const ofImage = known.size - beside;
    if (beside > limits.referrers)
      throw tooMany(place, shortDigest(image.digest), limits.referrers, `${beside} or more`);
    if (ofImage > limits.children)
      throw tooMany(place, shortDigest(image.digest), limits.children, `${ofImage} or more of its own`);
  }
  const graph: Graph = { root: image.digest, nodes, links: [...links, ...keptLists(place, nodes, links)] };
  for (const link of graph.links) mustBelong(place, graph, link);
  const circle = circleIn(graph);
  if (circle !== undefined) throw cycle(place, circle);
  return graph;
}

/** What a list under a tag names refers to the subject as well as what the registry lists itself, which may not know of it. */
function keptLists(place: Place, nodes: Graph['nodes'], links: readonly Link[]): readonly Link[] {
  const listed = new Set(links.flatMap(({ how, from, to }) => (how === 'referrer' ? [`${from} ${to}`] : [])));
  return links.flatMap((link) => {
    const list = nodes.get(link.to);
    if (link.how !== 'tag' || link.tag !== referrersTag(link.from) || list === undefined) return [];
    if (!list.isIndex) throw foreign(place, list.digest, link.from, `no list, but ${list.mediaType}`);
    const unknown = list.children.filter(({ digest }) => !listed.has(`${link.from} ${digest}`));
    return unknown.map(({ digest: to }) => ({ how: 'referrer' as const, from: link.from, to }));
  });
}

/** Whatever listed it, it says itself where it belongs; a child is what its index says. */
function mustBelong(place: Place, { nodes }: Graph, { how, from, to }: Link): void {
  const node = nodes.get(to);
  if (node === undefined) return;
  if (how === 'referrer' && node.subject !== from) throw foreign(place, to, from, node.subject);
  if (how === 'child') mustBeAsListed(place, nodes, from, node);
}

function mustBeAsListed(place: Place, nodes: Graph['nodes'], index: Digest, node: GraphNode): void {
  const said = nodes.get(index)?.children.find(({ digest }) => digest === node.digest);
  if (said === undefined || (said.mediaType === node.mediaType && said.size === node.size)) return;
  const got = `${node.mediaType}, ${node.size} bytes`;
  throw foreignChild(place, index, `${node.digest} (${said.mediaType}, ${said.size} bytes)`, got);
}

function absentHere(place: Place, digest: Digest, part: GraphNode['part']): PortError {
  if (part === 'beside') return missing(place, 'a manifest that it lists itself', digest, 'no such manifest');
  return new PortError('manifest-unknown', `${place.host} has no manifest ${place.repository}@${digest}`, {
    retry: 'no',
    expected: digest,
    got: 'no such manifest',
    remedy: 'push the image again, completely: an index with all its manifests',
  });
}
