/** Recordings of real roll-outs (`test/integration/cluster/support/record-roll-outs.ts`), and replaying them to the judge. */
import { readFileSync } from 'node:fs';
import { type Judgement, judgeRollOut } from '../../../../src/adapters/cluster/kubernetes/judge-roll-out.ts';
import type { Workload } from '../../../../src/adapters/cluster/kubernetes/kubernetes-objects.ts';
import { PATIENCE, type Patience } from '../../../../src/adapters/cluster/kubernetes/patience.ts';
import { type RollOutFacts, firstLook } from '../../../../src/adapters/cluster/kubernetes/roll-out-facts.ts';
import type { Sightings } from '../../../../src/adapters/cluster/kubernetes/sightings.ts';

export interface Frame {
  readonly atMs: number;
  readonly facts: RollOutFacts;
}

interface Line {
  readonly is?: number;
  readonly value?: unknown;
  readonly atMs: number;
  readonly object: number;
  readonly revisions: readonly number[];
  readonly pods: readonly number[];
}

/** The clock of a replay begins here; any moment long after the recording serves. */
export const REPLAYED_AT = Date.parse('2030-01-01T00:00:00Z');

export function recording(name: string): Frame[] {
  const text = readFileSync(new URL(`../recorded/${name}.jsonl`, import.meta.url), 'utf8');
  const lines = text.trim().split('\n');
  const values: unknown[] = [];
  const frames: Frame[] = [];
  for (const line of lines.map((one) => JSON.parse(one) as Line)) {
    if (line.is !== undefined) values[line.is] = line.value;
    else {
      const { atMs, object, revisions, pods, ...rest } = line;
      const seen = values[object] as Workload;
      const first = frames[0]?.facts.first ?? firstLook(seen, REPLAYED_AT + atMs);
      const parts = { object: seen, revisions: revisions.map((at) => values[at]), pods: pods.map((at) => values[at]) };
      frames.push({ atMs, facts: { ...rest, ...parts, first, scaledUp: new Set() } as unknown as RollOutFacts });
    }
  }
  return frames;
}

/** What the judge says at each frame, at each moment at which it wants to look again, and until nothing but time would follow. */
export function replay(frames: readonly Frame[], patience: Patience = PATIENCE): Judgement[] {
  const said: Judgement[] = [];
  let sightings: Sightings = new Map();
  const judge = (facts: RollOutFacts, nowMs: number): Judgement => {
    const judged = judgeRollOut(facts, sightings, nowMs, patience);
    sightings = judged.sightings;
    said.push(judged.judgement);
    return judged.judgement;
  };
  for (const [at, { atMs, facts }] of frames.entries()) {
    const next = REPLAYED_AT + (frames[at + 1]?.atMs ?? Infinity);
    let judgement = judge(facts, REPLAYED_AT + atMs);
    while (judgement.kind === 'progressing' && (judgement.lookAgainAt ?? Infinity) < next) {
      judgement = judge(facts, judgement.lookAgainAt as number);
    }
    if (judgement.kind !== 'progressing') break;
  }
  return said;
}

/** `progressing`, `complete` or the code of the refusal; repetitions once. */
export function inShort(said: readonly Judgement[]): string[] {
  const words = said.map((one) => (one.kind === 'failed' ? one.refusal.code : one.kind));
  return words.filter((word, at) => word !== words[at - 1]);
}
