/** What a release would do, and how it would be undone, without doing any of it. */
import { isDeepStrictEqual } from 'node:util';
import { FORECAST, type ForecastInput, type ForecastResult } from '../contract/release-workflow.ts';
import { SERVICE, VERSION } from '../contract/search-attributes.ts';
import { ENGINE_QUEUE, environmentQueue } from '../contract/task-queues.ts';
import { forecastId } from '../contract/workflow-ids.ts';
import type { Engine } from './engine.ts';
import { assertKey } from './keys.ts';
import { explained } from './temporal-errors.ts';
import { missingWorker } from './workers.ts';

/** A forecast nobody serves must not stay for ever. */
const LIFETIME = '5 minutes';
const PATIENCE_MS = 60_000;

export interface ForecastRequest extends Omit<ForecastInput, 'requestedBy'> {
  readonly requestedBy?: string;
  /** Environments whose workers have to answer; named in the error when they do not. */
  readonly environments?: readonly string[];
}

/** Throws `worker-missing`, `temporal-unreachable`, and what the plan's activities throw. */
export async function forecast(engine: Engine, request: ForecastRequest): Promise<ForecastResult> {
  assertKey(request);
  const { environments = [], ...rest } = request;
  const input: ForecastInput = { ...rest, requestedBy: request.requestedBy ?? engine.user };
  const workflowId = forecastId(input.service, input.version);
  try {
    return await engine.connection.withDeadline(Date.now() + PATIENCE_MS, () => run(engine, workflowId, input));
  } catch (error) {
    for (const queue of [ENGINE_QUEUE, ...environments.map(environmentQueue)]) {
      const missing = await missingWorker(engine, queue, error).catch(() => undefined);
      if (missing !== undefined) throw missing;
    }
    throw await explained(engine, { what: workflowId, workflowId }, error);
  }
}

/** Somebody may be asking about the same version at this moment: about the same content the answer is shared, else it is waited for. */
async function run(engine: Engine, workflowId: string, input: ForecastInput): Promise<ForecastResult> {
  for (;;) {
    const handle = await engine.temporal.workflow.start(FORECAST, {
      workflowId,
      taskQueue: ENGINE_QUEUE,
      args: [input],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowExecutionTimeout: LIFETIME,
      memo: { input },
      typedSearchAttributes: [
        { key: SERVICE, value: input.service },
        { key: VERSION, value: input.version },
      ],
      staticSummary: `plan of ${input.service} ${input.version}, changes nothing`,
    });
    const { memo } = await handle.describe();
    const mine = isDeepStrictEqual(memo?.['input'], JSON.parse(JSON.stringify(input)));
    if (mine) return (await handle.result()) as ForecastResult;
    await handle.result().catch(() => undefined);
  }
}
