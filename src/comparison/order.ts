/**
 * In which order both sides apply a service's objects. Sluice's follows from its rule: first what starts no pods, all at once; then what
 * does, all at once; then it waits for all of them. Legacy's is read off the times that the cluster has noted.
 */
import { startsPods } from '../domain/kinds.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import { creation, lastWrite, rollOutOf } from './written-at.ts';

export interface OrderAnswer {
  /** `unknown`: of no run of legacy more than one object is left to tell. */
  readonly answer: 'equal' | 'different' | 'unknown';
  /** What legacy's order was read off: the writes of its last run, or, where those tell nothing, when things were made. */
  readonly by?: 'last-write' | 'creation';
  /** Objects in turn; those of one second together. */
  readonly legacy: readonly (readonly string[])[];
  readonly sluice: readonly (readonly string[])[];
  readonly differences: readonly OrderDifference[];
}

/** `reversed`: Sluice applies it after `others`, legacy before them. `no-wait`: legacy began with `others` when it was rolled out, Sluice does not wait. */
export interface OrderDifference {
  readonly kind: 'reversed' | 'no-wait';
  readonly object: string;
  readonly others: readonly string[];
}

/** Between two writes of one run there is never so much time. */
const RUN_GAP_MS = 30 * 60_000;

interface Timed {
  readonly name: string;
  readonly object: ManifestObject;
  readonly at: number;
}

/** `all`: everything that was recorded of legacy, also what its objects are made into. */
export function compareOrder(
  legacy: ReadonlyMap<string, ManifestObject>,
  sluice: ReadonlyMap<string, ManifestObject>,
  all: readonly ManifestObject[],
): OrderAnswer {
  const known = legacyRun(legacy);
  const then = sluiceTurns(sluice);
  if (known === undefined) return { answer: 'unknown', legacy: [], sluice: then, differences: [] };
  const both = known.run.filter(({ name }) => sluice.has(name));
  const reversed = both.map((one) => ({
    kind: 'reversed' as const,
    object: one.name,
    others: both.filter((other) => isPods(one) && !isPods(other) && one.at < other.at).map(({ name }) => name),
  }));
  const waits = known.by === 'last-write' ? both.map((one) => waitedFor(one, both, all)) : [];
  const differences = [...reversed, ...waits].filter(({ others }) => others.length > 0);
  const answer = differences.length > 0 ? 'different' : both.length < 2 ? 'unknown' : 'equal';
  return { answer, by: known.by, legacy: turnsOf(known.run), sluice: then, differences };
}

function isPods({ object }: Timed): boolean {
  return startsPods(object.kind);
}

function waitedFor(one: Timed, both: readonly Timed[], all: readonly ManifestObject[]): OrderDifference {
  const done = isPods(one) ? rollOutOf(one.object, all)?.doneAt : undefined;
  // a roll-out that was over when it was written is another one; and of one second nobody can tell what came first
  const others = both.filter((other) => done !== undefined && done >= one.at && isPods(other) && other.at > done);
  return { kind: 'no-wait', object: one.name, others: others.map(({ name }) => name) };
}

/** The last run; where it changed one object only, the run in which most of them were made. */
function legacyRun(
  legacy: ReadonlyMap<string, ManifestObject>,
): { readonly by: 'last-write' | 'creation'; readonly run: readonly Timed[] } | undefined {
  const written = runsBy(legacy, lastWrite).at(-1) ?? [];
  if (written.length > 1) return { by: 'last-write', run: written };
  const made =
    runsBy(legacy, creation)
      .toSorted((one, other) => one.length - other.length)
      .at(-1) ?? [];
  return made.length > 1 ? { by: 'creation', run: made } : undefined;
}

function runsBy(
  objects: ReadonlyMap<string, ManifestObject>,
  timeOf: (object: ManifestObject) => number | undefined,
): readonly (readonly Timed[])[] {
  const timed = [...objects].flatMap(([name, object]) => {
    const at = timeOf(object);
    return at === undefined ? [] : [{ name, object, at }];
  });
  const runs: Timed[][] = [];
  for (const one of timed.toSorted((a, b) => a.at - b.at)) {
    const last = runs.at(-1)?.at(-1);
    if (last === undefined || one.at - last.at > RUN_GAP_MS) runs.push([one]);
    else runs.at(-1)?.push(one);
  }
  return runs;
}

function turnsOf(run: readonly Timed[]): readonly (readonly string[])[] {
  const moments = [...new Set(run.map(({ at }) => at))];
  return moments.map((moment) => run.filter(({ at }) => at === moment).map(({ name }) => name));
}

function sluiceTurns(objects: ReadonlyMap<string, ManifestObject>): readonly (readonly string[])[] {
  const names = (pods: boolean) =>
    [...objects].filter(([, { kind }]) => startsPods(kind) === pods).map(([name]) => name);
  return [names(false), names(true)].filter((turn) => turn.length > 0);
}
