/** One way of a rehearsal: the engine's own roll-back as a child, timed from the asking until its version was proven to run. */
import {
  ChildWorkflowCancellationType,
  isCancellation,
  type ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { RehearsalLeg, RehearsalStatus, VersionThere } from '../../src/contract/rehearsal-workflow.ts';
import {
  ROLLBACK,
  type RollbackInput,
  type RollbackResult,
  rollbackStart,
} from '../../src/contract/rollback-workflow.ts';
import type { Outcome, StepStatus } from '../../src/contract/status.ts';
import { now } from '../steps/run.ts';
import { refusalFrom } from '../steps/trouble.ts';
import type { Rehearsing } from './run.ts';

export interface Ends {
  /** What runs, and has to run again. */
  readonly from: VersionThere;
  /** Where the way back leads. */
  readonly to: VersionThere;
}

interface Way {
  readonly to: string;
  readonly awayFrom: string;
  /** Of the way back: a rehearsal that is ended from outside takes it back; the way forward goes on whatever becomes of the rehearsal. */
  readonly ifClosed: ParentClosePolicy;
}

/** `shown` hears of each change. However it ends, it ends with an outcome. */
export async function goLeg(
  { input, reason }: Rehearsing,
  { to, awayFrom, ifClosed }: Way,
  shown: (leg: RehearsalLeg) => void,
): Promise<RehearsalLeg> {
  let leg: RehearsalLeg = { to, askedAt: now() };
  const change = (fields: Partial<RehearsalLeg>): RehearsalLeg => {
    leg = { ...leg, ...fields };
    shown(leg);
    return leg;
  };
  change({});
  const { service, environment, requestedBy } = input;
  const asked: RollbackInput = { service, environment, to, reason, requestedBy, rehearsal: { awayFrom } };
  try {
    const child = await startChild<(input: RollbackInput) => Promise<RollbackResult>>(ROLLBACK, {
      ...rollbackStart(asked),
      args: [asked],
      parentClosePolicy: ifClosed,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    });
    change({ runId: child.firstExecutionRunId });
    const { outcome, promotion } = await child.result();
    return change({ outcome, ...timesOf(leg, promotion?.evidence ?? []) });
  } catch (error) {
    return change({ outcome: outcomeOf(error) });
  }
}

function outcomeOf(error: unknown): Outcome {
  if (isCancellation(error)) return { kind: 'aborted', reason: 'cancelled from outside' };
  if (error instanceof WorkflowExecutionAlreadyStartedError)
    return { kind: 'refused', reason: 'a roll-back of somebody else is under way there' };
  return { kind: 'aborted', reason: refusalFrom(error).message };
}

const WAITS: readonly StepStatus['step'][] = ['approval', 'lease'];

/** By the clocks of whoever did the steps: a workflow that was read again late knows no better. */
export function timesOf(
  { askedAt }: Pick<RehearsalLeg, 'askedAt'>,
  steps: readonly StepStatus[],
): Pick<RehearsalLeg, 'provenAt' | 'tookMs' | 'waitedMs'> {
  const proven = steps.find(({ step, state }) => step === 'prove-running' && state === 'done')?.endedAt;
  if (proven === undefined) return {};
  const waited = steps.filter(({ step }) => WAITS.includes(step)).map(lengthOf);
  return {
    provenAt: proven,
    tookMs: Math.max(0, Date.parse(proven) - Date.parse(askedAt)),
    waitedMs: waited.reduce((sum, one) => sum + one, 0),
  };
}

function lengthOf({ startedAt, endedAt }: StepStatus): number {
  return startedAt === undefined || endedAt === undefined ? 0 : Date.parse(endedAt) - Date.parse(startedAt);
}

/** One command, which knows from the rehearsal where to go. */
export function finishCommand({ input: { service, environment } }: Pick<Rehearsing, 'input'>): string {
  return `sluice rehearse rollback ${service} --environment ${environment} --finish`;
}

/** What a person finds, and the commands that end it. */
export function leftAfter(run: Rehearsing, { from, to }: Ends): NonNullable<RehearsalStatus['left']> {
  const { service, environment } = run.input;
  const state =
    run.status.forward === undefined
      ? `it is not proven that ${environment} runs ${from.version} as before: what the way to ${to.version} has done is not all undone`
      : `${environment} does not run ${from.version} as before: the rehearsal went back to ${to.version}`;
  return { state: `${state}; ${service} is held`, todo: [`sluice environment ${environment}`, finishCommand(run)] };
}
