/** How long both sides take for a service: each roll-out as the clusters have noted it, and the whole run as people or engines have. */
import type { ManifestObject } from '../domain/manifest-object.ts';
import { rollOutOf } from './written-at.ts';

/** A run as it was measured, milliseconds; undefined: nobody has. */
export interface Took {
  readonly legacyMs?: number | undefined;
  readonly sluiceMs?: number | undefined;
}

export interface DurationAnswer extends Took {
  /** `roll-out of deployment/iam`, `whole run`. */
  readonly of: string;
  /** `equal`: as long as each other, give or take the tolerance. `unknown`: one side is not known. */
  readonly answer: 'equal' | 'slower' | 'faster' | 'unknown';
}

/** `legacy` and `sluice`: everything that was recorded of a side, with what its own objects are made into. */
export interface Rolled {
  readonly own: ReadonlyMap<string, ManifestObject>;
  readonly all: readonly ManifestObject[];
}

/** Whether Sluice is slower or faster than legacy, by more than the tolerance. What neither side knows is not listed. */
export function compareDurations(
  legacy: Rolled,
  sluice: Rolled,
  whole: Took,
  toleranceMs: number,
): readonly DurationAnswer[] {
  const names = [...legacy.own.keys()].filter((name) => sluice.own.has(name));
  const rollOuts = names.map((name) => ({
    of: `roll-out of ${name}`,
    legacyMs: spanOf(legacy, name),
    sluiceMs: spanOf(sluice, name),
  }));
  return [...rollOuts, { of: 'whole run', ...whole }]
    .filter(({ legacyMs, sluiceMs }) => legacyMs !== undefined || sluiceMs !== undefined)
    .map(({ of, legacyMs, sluiceMs }) => ({
      of,
      ...(legacyMs === undefined ? {} : { legacyMs }),
      ...(sluiceMs === undefined ? {} : { sluiceMs }),
      answer: answerOf({ legacyMs, sluiceMs }, toleranceMs),
    }));
}

function spanOf({ own, all }: Rolled, name: string): number | undefined {
  const object = own.get(name);
  const rolled = object === undefined ? undefined : rollOutOf(object, all);
  return rolled === undefined ? undefined : rolled.doneAt - rolled.begunAt;
}

function answerOf({ legacyMs, sluiceMs }: Took, toleranceMs: number): DurationAnswer['answer'] {
  if (legacyMs === undefined || sluiceMs === undefined) return 'unknown';
  if (Math.abs(sluiceMs - legacyMs) <= toleranceMs) return 'equal';
  return sluiceMs > legacyMs ? 'slower' : 'faster';
}
