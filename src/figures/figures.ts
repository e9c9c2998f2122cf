/**
 * The organisation's success figures and the four of DORA (dora.dev/research), as docs/metrics.md defines them,
 * from real runs. Pure. A figure that cannot be told says why instead of a number.
 */
import { median, share } from './numbers.ts';
import type { Build, Run, Runs } from './runs.ts';

export const FIGURES = [
  'build-time',
  'promotion-time',
  'promotion-work',
  'failure-rate',
  'signed-images',
  'digest-references',
  'deployment-frequency',
  'lead-time',
  'change-failure-rate',
  'time-to-restore',
] as const;
export type FigureName = (typeof FIGURES)[number];

export type Unit = 'ms' | 'share' | 'per-day';

export const UNITS: Readonly<Record<FigureName, Unit>> = {
  'build-time': 'ms',
  'promotion-time': 'ms',
  'promotion-work': 'ms',
  'failure-rate': 'share',
  'signed-images': 'share',
  'digest-references': 'share',
  'deployment-frequency': 'per-day',
  'lead-time': 'ms',
  'change-failure-rate': 'share',
  'time-to-restore': 'ms',
};

export interface Figure {
  readonly name: FigureName;
  readonly unit: Unit;
  /** Undefined: nobody can tell, and `because` says why. */
  readonly value?: number;
  readonly because?: string;
  /** How many runs it rests on. */
  readonly runs: number;
}

export interface Period {
  /** Milliseconds since 1970; what ended from then on, and before `until`. */
  readonly since: number;
  readonly until: number;
}

/** The environment in which deployments count, by service; undefined for one that was never entered. */
export type Targets = (service: string) => string | undefined;

/** Of what ended in the period; `runs` may hold more, from before it. */
export function figuresOf({ runs, builds }: Runs, period: Period, targetOf: Targets): readonly Figure[] {
  // a rehearsal delivers nothing, and nothing failed
  const ended = runs.filter((one) => one.isRehearsal !== true && isWithin(one.endedAt, period));
  const promotions = ended.filter((one) => !one.isRollback);
  const released = promotions.filter((one) => one.outcome === 'released');
  const inTarget = (one: Run): boolean => one.environment === targetOf(one.service);
  const deployments = promotions.filter((one) => inTarget(one) && isDeployment(one));
  const deployed = released.filter(inTarget);
  const took = builds.filter((one) => isWithin(one.startedAt, period)).flatMap(({ tookMs }) => tookMs ?? []);
  const wentBack = ended.filter((one) => one.isRollback && one.outcome === 'released' && inTarget(one));
  return [
    ofTimes('build-time', took, 'not measured: no release was started with --build-took'),
    ofTimes('promotion-time', released.map(spanOf), 'no promotion has ended well'),
    ofTimes(
      'promotion-work',
      released.flatMap(({ steps }) => steps?.workMs ?? []),
      forgotten(released),
    ),
    failureRate(promotions),
    ofKnown('signed-images', deployed, (steps) => steps.isSigned),
    ofKnown('digest-references', released, (steps) => steps.isByDigest),
    deploymentFrequency(deployed, period),
    ofTimes('lead-time', leadTimes(deployed, builds), 'not known: no release was started with --committed-at'),
    changeFailureRate(deployments, wentBack),
    ofTimes(
      'time-to-restore',
      [...deployments.flatMap(undoneIn), ...wentBack.map(spanOf)],
      'nothing had to be restored',
    ),
  ];
}

/** Something changed in the cluster; what was refused before is no deployment. */
function isDeployment({ outcome, steps }: Run): boolean {
  return outcome === 'released' || outcome === 'rolled-back' || steps?.changedAt !== undefined;
}

function spanOf({ startedAt, endedAt }: Pick<Run, 'startedAt' | 'endedAt'>): number {
  return endedAt - startedAt;
}

/** From the first change in the cluster until what ran before ran well again. */
function undoneIn({ outcome, startedAt, endedAt, steps }: Run): readonly number[] {
  return outcome === 'rolled-back' ? [endedAt - (steps?.changedAt ?? startedAt)] : [];
}

/** A person's no, or that nobody answered, is no failure of anything. */
const BY_PEOPLE: readonly string[] = ['approval-rejected', 'approval-expired'];

function failureRate(promotions: readonly Run[]): Figure {
  const judged = promotions.filter(
    ({ outcome, refusal = '' }) =>
      outcome !== 'aborted' && outcome !== 'superseded' && !(outcome === 'refused' && BY_PEOPLE.includes(refusal)),
  );
  const failed = judged.filter(({ outcome }) => outcome !== 'released');
  return ofShare('failure-rate', failed.length, judged.length, 'no promotion has ended');
}

function deploymentFrequency(deployed: readonly Run[], { since, until }: Period): Figure {
  const days = (until - since) / 86_400_000;
  const name = 'deployment-frequency';
  return { name, unit: UNITS[name], value: deployed.length / days, runs: deployed.length };
}

function leadTimes(deployed: readonly Run[], builds: readonly Build[]): readonly number[] {
  const committed = new Map(builds.map((one) => [`${one.service} ${one.version}`, one.committedAt]));
  return deployed.flatMap(({ service, version, endedAt }) => {
    const at = committed.get(`${service} ${version}`);
    return at === undefined ? [] : [Math.max(0, endedAt - at)];
  });
}

/** Undone at once, or taken away by a later roll-back: each deployment counts once. */
function changeFailureRate(deployments: readonly Run[], wentBack: readonly Run[]): Figure {
  const failed = new Set(deployments.filter(({ outcome }) => outcome !== 'released'));
  for (const back of wentBack) {
    const taken = deployments
      .filter((one) => one.service === back.service && one.outcome === 'released' && one.endedAt <= back.startedAt)
      .reduce<Run | undefined>(
        (last, one) => (last === undefined || one.endedAt > last.endedAt ? one : last),
        undefined,
      );
    if (taken !== undefined && taken.version !== back.version) failed.add(taken);
  }
  return ofShare('change-failure-rate', failed.size, deployments.length, 'nothing was deployed');
}

function ofKnown(name: FigureName, runs: readonly Run[], holds: (steps: NonNullable<Run['steps']>) => boolean): Figure {
  const known = runs.flatMap(({ steps }) => steps ?? []);
  return ofShare(name, known.filter(holds).length, known.length, forgotten(runs));
}

function forgotten(released: readonly Run[]): string {
  return released.length === 0 ? 'no promotion has ended well' : 'the engine has forgotten the histories';
}

function ofShare(name: FigureName, part: number, whole: number, because: string): Figure {
  const value = share(part, whole);
  return { name, unit: UNITS[name], runs: whole, ...(value === undefined ? { because } : { value }) };
}

function ofTimes(name: FigureName, times: readonly number[], because: string): Figure {
  const value = median(times);
  return { name, unit: UNITS[name], runs: times.length, ...(value === undefined ? { because } : { value }) };
}

function isWithin(at: number, { since, until }: Period): boolean {
  return at >= since && at < until;
}
