/** What the destination has of it already, by its own lists: one question for each manifest that something refers to there, instead of one for each that does. */
import pLimit from 'p-limit';
import type { Digest } from '../domain/digest.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import { type Graph, linksFrom } from './graph.ts';
import { LIMITS, LOOKS_AT_ONCE } from './limits.ts';

/** What nothing there leads to from the image is not among them, whether or not it is there. */
export async function alreadyThere(
  destination: RegistryReader,
  repository: string,
  graph: Graph,
): Promise<ReadonlySet<Digest>> {
  const line = pLimit(LOOKS_AT_ONCE);
  const found = new Set<Digest>();
  let subjects = [...graph.nodes.values()].filter(({ part }) => part === 'image').map(({ digest }) => digest);
  while (subjects.length > 0) {
    const lists = await Promise.all(
      subjects
        .filter((subject) => referrersOf(graph, subject).length > 0)
        .map((subject) => line(() => destination.referrers(repository, subject, 2 * LIMITS.referrers))),
    );
    const fresh = lists.flat().filter(({ digest }) => graph.nodes.has(digest) && !found.has(digest));
    subjects = fresh.map(({ digest }) => digest);
    for (const digest of subjects) found.add(digest);
  }
  return found;
}

function referrersOf(graph: Graph, digest: Digest): readonly Digest[] {
  return linksFrom(graph, digest).flatMap(({ how, to }) => (how === 'referrer' ? [to] : []));
}
