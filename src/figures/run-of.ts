/** What figures need of one promotion, from the steps that it has left. Pure. */
import type { StepName } from '../domain/step.ts';
import type { RunSteps } from './runs.ts';

/** A step as a promotion's result has it. */
export interface LeftStep {
  readonly step: StepName;
  readonly state: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly facts?: Readonly<Record<string, string>>;
}

/** In them nothing is done: somebody or something is waited for. */
const WAITS: readonly StepName[] = ['gates', 'approval', 'lease'];

/** `digest`: of the plan; undefined: there was none. */
export function stepsIn(steps: readonly LeftStep[], digest: string | undefined): RunSteps {
  const of = (name: StepName): LeftStep | undefined => steps.find(({ step }) => step === name);
  const changedAt = of('apply-manifests')?.startedAt;
  const work = steps.filter(({ step }) => !WAITS.includes(step)).map(spanOf);
  // where it is imported, the copy is what counts; at the beginning of a path there is no copy
  const verified = of('verify-destination')?.state === 'done' ? of('verify-destination') : of('verify-source');
  const seen = of('prove-running');
  return {
    workMs: work.reduce((sum, one) => sum + one, 0),
    ...(changedAt === undefined ? {} : { changedAt: Date.parse(changedAt) }),
    isSigned: verified?.state === 'done' && (verified.facts?.['signature'] ?? '') !== '',
    isByDigest: digest !== undefined && seen?.state === 'done' && seen.facts?.['digest'] === digest,
  };
}

function spanOf({ startedAt, endedAt }: LeftStep): number {
  return startedAt === undefined || endedAt === undefined ? 0 : Date.parse(endedAt) - Date.parse(startedAt);
}
