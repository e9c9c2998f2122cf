/** Proving at the destination that everything is there, whole, and found from the image: by its own lists, its own tags, its own bytes. */
import pLimit from 'p-limit';
import { type Digest, shortDigest } from '../domain/digest.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import { besides, type Graph, type GraphNode, linksFrom } from './graph.ts';
import { LIMITS, LOOKS_AT_ONCE, READ_WHOLE } from './limits.ts';
import type { Part } from './manifest.ts';
import { missing, type Place } from './refusals.ts';
import { type SettledTags, withoutNeedless } from './settle-tags.ts';

/** Throws `referrers-missing`, and the reader's own where something is not what its digest says. The manifests themselves have been looked for already. */
export async function mustHaveArrived(
  destination: RegistryReader,
  repository: string,
  graph: Graph,
  settled: SettledTags,
): Promise<void> {
  const place: Place = { host: destination.host, repository };
  const line = pLimit(LOOKS_AT_ONCE);
  const arrived = withoutNeedless(besides(graph), settled);
  const subjects = [...graph.nodes.values()].filter(({ digest }) => hasReferrers(graph, digest));
  const blobs = new Map(arrived.flatMap((node) => node.blobs.map((blob) => [blob.digest, blob] as const)));
  await Promise.all([
    ...subjects.map((subject) => line(() => mustList(destination, place, graph, subject))),
    ...[...settled.tags].flatMap(([digest, tags]) =>
      tags.map((tag) => line(() => mustMean(destination, place, tag, digest))),
    ),
    ...[...blobs.values()].map((blob) => line(() => mustServe(destination, place, blob))),
  ]);
}

function hasReferrers(graph: Graph, digest: Digest): boolean {
  return linksFrom(graph, digest).some(({ how }) => how === 'referrer');
}

async function mustList(destination: RegistryReader, place: Place, graph: Graph, { digest }: GraphNode): Promise<void> {
  const listed = await destination.referrers(place.repository, digest, 2 * LIMITS.referrers);
  const absent = linksFrom(graph, digest).filter(
    ({ how, to }) => how === 'referrer' && !listed.some((one) => one.digest === to),
  );
  if (absent.length === 0) return;
  const what = `${absent.length} of what refers to ${shortDigest(digest)}`;
  throw missing(
    place,
    what,
    absent
      .map(({ to }) => to)
      .slice(0, 5)
      .join(', '),
    `${listed.length} listed, none of them`,
  );
}

async function mustMean(destination: RegistryReader, place: Place, tag: string, digest: Digest): Promise<void> {
  const found = (await destination.manifest(place.repository, { tag }))?.digest;
  if (found !== digest) throw missing(place, `tag ${tag}`, digest, found ?? 'no such tag');
}

async function mustServe(destination: RegistryReader, place: Place, { digest, size }: Part): Promise<void> {
  if (size <= READ_WHOLE) {
    await destination.blob(place.repository, digest, size);
    return;
  }
  if (await destination.hasBlob(place.repository, digest)) return;
  throw missing(place, 'a part of what refers to it', digest, 'no such blob');
}
