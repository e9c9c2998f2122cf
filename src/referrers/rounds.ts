/** In which order manifests are copied, so that whatever fails or dies in between leaves nothing that hangs in the air. */
import type { Digest } from '../domain/digest.ts';
import { type Graph, type GraphNode, manifestsIn } from './graph.ts';
import { MANIFESTS_PER_IMPORT } from './limits.ts';

/**
 * The manifests of that part that are asked for one by one, in rounds: those of one round may go together. A subject comes before what refers to it,
 * so that whatever has arrived is found from the image; the manifests of an index come along with it, or before it where one import does not
 * take as many.
 */
export function copyRounds(graph: Graph, part: GraphNode['part']): readonly (readonly GraphNode[])[] {
  const wanted = [...graph.nodes.values()].filter((node) => node.part === part && isAskedFor(graph, node));
  const rounds = new Map<Digest, number>();
  function roundOf(node: GraphNode): number {
    const known = rounds.get(node.digest);
    if (known !== undefined) return known;
    const before = earlier(graph, node).filter((one) => wanted.includes(one));
    const round = Math.max(0, ...before.map((one) => roundOf(one) + 1));
    rounds.set(node.digest, round);
    return round;
  }
  const byRound = Map.groupBy(wanted, roundOf);
  return [...byRound.keys()].toSorted((a, b) => a - b).map((round) => byRound.get(round) ?? []);
}

/** Everything else comes along with an index that lists it. */
function isAskedFor(graph: Graph, { digest }: GraphNode): boolean {
  if (digest === graph.root) return true;
  return graph.links.some(({ how, from, to }) => to === digest && (how !== 'child' || isSplit(graph, from)));
}

function isSplit(graph: Graph, index: Digest): boolean {
  return manifestsIn(graph, index).size > MANIFESTS_PER_IMPORT;
}

function earlier({ nodes, links }: Graph, node: GraphNode): readonly GraphNode[] {
  const subjects = links.filter(({ how, to }) => how !== 'child' && to === node.digest).map(({ from }) => from);
  return [...subjects, ...node.children.map(({ digest }) => digest)].flatMap((digest) => nodes.get(digest) ?? []);
}
