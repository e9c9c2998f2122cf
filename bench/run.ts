/** `npm run bench [-- --quick] [-- --only journey,kill]`: measures, prints, writes `bench/results`. Ends by itself. */
import { parseArgs } from 'node:util';
import { type Counts, type Figure, FULL, QUICK } from './figures.ts';
import { measureApprovals } from './measures/approvals.ts';
import { measureEvidence } from './measures/evidence.ts';
import { measureGuide } from './measures/guide.ts';
import { measureGuardians } from './measures/guardians.ts';
import { measureJourney } from './measures/journey.ts';
import { measureKill } from './measures/kill.ts';
import { measureMany, measureSmall } from './measures/many.ts';
import { measurePromotions } from './measures/promotions.ts';
import { measureReferrers } from './measures/referrers.ts';
import { measureStops } from './measures/stops.ts';
import { measureTurns } from './measures/turns.ts';
import { measureVerifications } from './measures/verifications.ts';
import { machine, rowOf, type Run, writeResults } from './report.ts';
import { openRig, type Rig } from './rig.ts';

type Measurement = (counts: Counts) => Promise<readonly Figure[]>;

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  journey: inRig(measureJourney),
  promotions: inRig(measurePromotions),
  approvals: inRig(measureApprovals),
  kill: inRig(measureKill),
  turns: inRig(measureTurns),
  stops: inRig(measureStops),
  many: inRig(measureMany),
  small: inRig(measureSmall),
  evidence: inRig(measureEvidence),
  guardians: inRig(measureGuardians),
  guide: measureGuide,
  referrers: measureReferrers,
  verifications: measureVerifications,
};

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const names = values.only?.split(',') ?? Object.keys(MEASUREMENTS);
const unknown = names.filter((name) => MEASUREMENTS[name] === undefined);
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; expected some of: ${Object.keys(MEASUREMENTS).join(', ')}`);
  process.exit(2);
}

/** Nothing here may run for ever: a measurement that hangs ends with what its workers wrote. */
const LIMIT_MS = 30 * 60_000;

/** A server of its own for each: what one leaves behind must not slow the next down. */
function inRig(measure: (rig: Rig, counts: Counts) => Promise<readonly Figure[]>): Measurement {
  return async (counts) => {
    const rig = await openRig();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = () => new Error(`not finished within ${LIMIT_MS / 1000} s\n${rig.logTails()}`);
      timer = setTimeout(() => reject(error()), LIMIT_MS);
    });
    try {
      return await Promise.race([measure(rig, counts), late]);
    } finally {
      clearTimeout(timer);
      await rig.close();
    }
  };
}

const figures: Figure[] = [];
const at = new Date().toISOString();
for (const name of names) {
  console.log(`${name} …`);
  const found = (await MEASUREMENTS[name]?.(values.quick ? QUICK : FULL)) ?? [];
  figures.push(...found);
  found.forEach((figure) => console.log(rowOf(figure)));
  // at once: a later measurement that fails, or is stopped, does not take this one with it
  const run: Run = { at, quick: values.quick, machine: machine(), figures };
  console.log(`written: ${writeResults(run).join(', ')}`);
}
