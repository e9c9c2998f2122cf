/** Shadow mode: what a release would do and whether it would succeed, looked at by the workers that would do it. Changes nothing. */
import {
  OBSERVATION,
  type ObservationInput,
  type ObservationMemo,
  type ObservationResult,
} from '../contract/observation-workflow.ts';
import { observationId } from '../contract/workflow-ids.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { assertKey } from './keys.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { sharedAnswer } from './shared-answer.ts';
import { asking } from './temporal-errors.ts';

const PATIENCE_MS = 5 * 60_000;

/** A server takes two megabytes in one piece, and everything else has to fit beside it. */
export const MOST_FILES = 1_000_000;

export interface ObserveRequest extends Omit<ObservationInput, 'requestedBy'> {
  /** The name under which it is started; the connection's user unless given. */
  readonly requestedBy?: string;
  /** Environments whose workers have to answer; named in the error when they do not. */
  readonly environments?: readonly string[];
  /** How long it is waited for; it goes on. */
  readonly timeoutMs?: number;
}

/**
 * Throws `manifests-invalid` for more than an observation can carry, `worker-missing`, `temporal-unreachable`, `input-invalid` when another
 * observation of the same version is under way for as long as it waits.
 */
export async function observe(engine: Engine, request: ObserveRequest): Promise<ObservationResult> {
  assertKey(request);
  const { environments = [], timeoutMs = PATIENCE_MS, ...rest } = request;
  assertCarried(rest.files);
  const input: ObservationInput = { ...rest, requestedBy: request.requestedBy ?? engine.user };
  const { files: _, ...memo }: ObservationInput = input;
  return sharedAnswer(engine, {
    workflow: OBSERVATION,
    workflowId: observationId(input.service, input.version),
    input,
    memo: { ...(memo satisfies ObservationMemo) },
    summary: `observation of ${input.service} ${input.version}, changes nothing`,
    lifetime: '15 minutes',
    patienceMs: timeoutMs,
    environments,
  });
}

/** Of the newest one of that version that has ended; needs no worker. */
export async function lastObservation(engine: Engine, key: ReleaseKey): Promise<ObservationResult> {
  assertKey(key);
  const workflowId = observationId(key.service, key.version);
  return asking(engine, { what: `looking at ${workflowId}`, workflowId }, async () => {
    const handle = engine.temporal.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') {
      const message = `${key.service} ${key.version} is being observed at this moment`;
      throw new ReleaseEngineError('command-not-possible', message, { remedy: 'ask again in a minute' });
    }
    return (await handle.result()) as ObservationResult;
  });
}

function assertCarried(files: string): void {
  if (files.length <= MOST_FILES) return;
  throw new ReleaseEngineError('manifests-invalid', 'these manifests are too large for an observation', {
    expected: `at most ${MOST_FILES} characters, compressed`,
    got: String(files.length),
    remedy: 'leave out of the service’s folder what is no manifest; a release itself takes more',
  });
}
