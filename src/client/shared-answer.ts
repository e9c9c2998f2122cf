/** Workflows that only answer: whoever asks for the same at the same moment shares the answer. */
import { isDeepStrictEqual } from 'node:util';
import { SERVICE, VERSION } from '../contract/search-attributes.ts';
import { ENGINE_QUEUE, environmentQueue } from '../contract/task-queues.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { explained } from './temporal-errors.ts';
import { missingWorker } from './workers.ts';

export interface Asked {
  readonly workflow: string;
  readonly workflowId: string;
  readonly input: ReleaseKey;
  /** What tells one asking from another. */
  readonly memo: Record<string, unknown>;
  readonly summary: string;
  /** One that nobody serves must not stay for ever. */
  readonly lifetime: '5 minutes' | '15 minutes';
  readonly patienceMs: number;
  /** Environments whose workers have to answer; named in the error when they do not. */
  readonly environments: readonly string[];
}

/** Throws `worker-missing`, `temporal-unreachable`, and what the workflow's activities throw. */
export async function sharedAnswer<Result>(engine: Engine, asked: Asked): Promise<Result> {
  const { workflowId, environments, patienceMs } = asked;
  try {
    return await engine.connection.withDeadline(Date.now() + patienceMs, () => run<Result>(engine, asked));
  } catch (error) {
    for (const queue of [ENGINE_QUEUE, ...environments.map(environmentQueue)]) {
      const missing = await missingWorker(engine, queue, error).catch(() => undefined);
      if (missing !== undefined) throw missing;
    }
    throw await explained(engine, { what: workflowId, workflowId }, error);
  }
}

/** Somebody may be asking about the same version at this moment: about the same content the answer is shared, else it is waited for. */
async function run<Result>(engine: Engine, asked: Asked): Promise<Result> {
  const { workflow, workflowId, input, memo, summary, lifetime } = asked;
  for (;;) {
    const handle = await engine.temporal.workflow.start(workflow, {
      workflowId,
      taskQueue: ENGINE_QUEUE,
      args: [input],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowExecutionTimeout: lifetime,
      memo,
      typedSearchAttributes: [
        { key: SERVICE, value: input.service },
        { key: VERSION, value: input.version },
      ],
      staticSummary: summary,
    });
    const found = await handle.describe();
    if (isDeepStrictEqual(found.memo, JSON.parse(JSON.stringify(memo)))) return (await handle.result()) as Result;
    await handle.result().catch(() => undefined);
  }
}
