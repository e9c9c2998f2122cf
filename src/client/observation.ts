/** Shadow mode: what a release would do and whether it would succeed, looked at by the workers that would do it. Changes nothing. */
import { isDeepStrictEqual } from 'node:util';
import {
  OBSERVATION,
  type ObservationInput,
  type ObservationMemo,
  type ObservationResult,
} from '../contract/observation-workflow.ts';
import { SERVICE, VERSION } from '../contract/search-attributes.ts';
import { ENGINE_QUEUE, environmentQueue } from '../contract/task-queues.ts';
import { observationId } from '../contract/workflow-ids.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { assertKey } from './keys.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { asking, explained } from './temporal-errors.ts';
import { missingWorker } from './workers.ts';

/** One that nobody serves must not stay for ever. */
const LIFETIME = '15 minutes';
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
  const workflowId = observationId(input.service, input.version);
  try {
    return await engine.connection.withDeadline(Date.now() + timeoutMs, () => run(engine, workflowId, input));
  } catch (error) {
    for (const queue of [ENGINE_QUEUE, ...environments.map(environmentQueue)]) {
      const missing = await missingWorker(engine, queue, error).catch(() => undefined);
      if (missing !== undefined) throw missing;
    }
    throw await explained(engine, { what: workflowId, workflowId }, error);
  }
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

/** Somebody may observe the same version at this moment: about the same content the answer is shared, else it is waited for. */
async function run(engine: Engine, workflowId: string, input: ObservationInput): Promise<ObservationResult> {
  const { files: _, ...memo }: ObservationInput = input;
  for (;;) {
    const handle = await engine.temporal.workflow.start(OBSERVATION, {
      workflowId,
      taskQueue: ENGINE_QUEUE,
      args: [input],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowExecutionTimeout: LIFETIME,
      memo: { ...(memo satisfies ObservationMemo) },
      typedSearchAttributes: [
        { key: SERVICE, value: input.service },
        { key: VERSION, value: input.version },
      ],
      staticSummary: `observation of ${input.service} ${input.version}, changes nothing`,
    });
    const found = await handle.describe();
    if (isDeepStrictEqual(found.memo, JSON.parse(JSON.stringify(memo))))
      return (await handle.result()) as ObservationResult;
    await handle.result().catch(() => undefined);
  }
}
