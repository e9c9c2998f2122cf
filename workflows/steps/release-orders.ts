/** Pause, resume and abort of a whole release: obeyed between promotions, and passed on to the one under way. */
import { condition, getExternalWorkflowHandle, setHandler } from '@temporalio/workflow';
import { type CommandAnswer, type Control, controlSignal } from '../../src/contract/promotion-workflow.ts';
import { abortReleaseUpdate, pauseReleaseUpdate, resumeReleaseUpdate } from '../../src/contract/release-workflow.ts';
import type { Waiting } from '../../src/contract/status.ts';
import { pausedAlready, refuseUnless } from './orders.ts';
import { changeRelease, type ReleaseRun, resumeRelease } from './release-run.ts';
import { Ending, later, now } from './run.ts';
import { tellRelease, tellReleaseWait } from './telling.ts';

export function listenForReleaseOrders(run: ReleaseRun): void {
  const { orders } = run;
  setHandler(
    pauseReleaseUpdate,
    async (command) => {
      const forMs = command.forMs ?? run.timing?.pauseForMs ?? DEFAULT_PAUSE_MS;
      orders.pause = { ...command, untilMs: Date.now() + forMs, since: now() };
      return passOn(
        run,
        { ...command, forMs, command: 'pause' },
        `pauses at the next safe point; goes on by itself at ${later(forMs)}`,
      );
    },
    {
      validator: (command) =>
        refuseUnless(
          ended(run) ?? pausedAlready(orders.pause, `sluice resume ${run.status.service} ${run.status.version}`),
          command,
        ),
    },
  );
  setHandler(
    resumeReleaseUpdate,
    async (command) => {
      orders.pause = undefined;
      return passOn(run, { ...command, command: 'resume' }, 'goes on');
    },
    {
      validator: (command) =>
        refuseUnless(ended(run) ?? (orders.pause === undefined ? impossible('it is not paused') : undefined), command),
    },
  );
  setHandler(
    abortReleaseUpdate,
    async (command) => {
      orders.abort = command;
      return passOn(run, { ...command, command: 'abort' }, 'ends at the next safe point and undoes what it did');
    },
    {
      validator: (command) =>
        refuseUnless(
          ended(run) ?? (orders.abort === undefined ? undefined : impossible('it is being aborted already')),
          command,
        ),
    },
  );
}

/** Used only before the configuration was read: one day. */
const DEFAULT_PAUSE_MS = 24 * 60 * 60 * 1_000;

/** Between promotions: ends, or waits out a pause. */
export async function betweenPromotions(run: ReleaseRun): Promise<void> {
  const { orders } = run;
  throwIfAborted(run);
  while (orders.pause !== undefined && orders.pause.untilMs > Date.now()) {
    const held = orders.pause;
    const waiting: Waiting = {
      reason: `${held.by} paused it${held.reason === undefined ? '' : `: ${held.reason}`}`,
      for: 'an operator',
      since: held.since,
      until: new Date(held.untilMs).toISOString(),
      then: 'it goes on by itself',
      answer: [
        `sluice resume ${run.status.service} ${run.status.version}`,
        `sluice abort ${run.status.service} ${run.status.version}`,
      ],
    };
    changeRelease(run, { phase: 'paused', waiting });
    tellReleaseWait(run, 'paused', waiting);
    await condition(() => orders.pause !== held || orders.abort !== undefined, held.untilMs - Date.now(), {
      summary: 'paused',
    });
    resumeRelease(run);
    throwIfAborted(run);
    if (orders.pause === undefined || orders.pause === held) tellRelease(run, 'resumed');
  }
  orders.pause = undefined;
}

export function throwIfAborted({ orders }: ReleaseRun): void {
  if (orders.abort === undefined) return;
  const { by, reason } = orders.abort;
  throw new Ending({ kind: 'aborted', reason: `aborted by ${by}${reason === undefined ? '' : `: ${reason}`}` });
}

/** A promotion that has just ended no longer listens; what it did not hear is obeyed before the next one. */
async function passOn(run: ReleaseRun, control: Control, message: string): Promise<CommandAnswer> {
  const leg = run.status.legs.find((one) => one.state === 'running');
  if (leg === undefined) return { message };
  try {
    await getExternalWorkflowHandle(leg.workflowId).signal(controlSignal, control);
    return { message: `${message} (${leg.environment})` };
  } catch {
    return { message: `${message} (${leg.environment} has just ended; it takes effect before the next environment)` };
  }
}

type Reason = Parameters<typeof refuseUnless>[0];

function ended({ status }: ReleaseRun): Reason {
  if (status.outcome === undefined) return undefined;
  return { code: 'release-finished', message: `this release has ended: ${status.outcome.kind}` };
}

function impossible(message: string): Reason {
  return { code: 'command-not-possible', message };
}
