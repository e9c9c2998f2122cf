/** A closer look at the engine, for `doctor`. */
import { ENGINE_QUEUE, environmentQueue } from '../contract/task-queues.ts';
import { type ConnectOptions, openEngine } from './connect.ts';
import { ATTRIBUTES } from './registering.ts';
import { asking } from './temporal-errors.ts';
import { type QueueState, describeQueue } from './workers.ts';

export interface EngineReport {
  readonly address: string;
  readonly namespace: string;
  /** Version of the server. */
  readonly server: string;
  /** Search attributes that Sluice needs and the namespace lacks. */
  readonly missingAttributes: readonly string[];
  readonly queues: readonly QueueState[];
}

/** Throws `temporal-unreachable`, also when the namespace does not exist. */
export async function inspectEngine(options: ConnectOptions, environments: readonly string[]): Promise<EngineReport> {
  const engine = await openEngine(options);
  const { connection, namespace, address } = engine;
  try {
    return await asking(engine, { what: 'looking at the engine' }, async () => {
      const [info, known] = await Promise.all([
        connection.workflowService.getSystemInfo({}),
        connection.operatorService.listSearchAttributes({ namespace }),
      ]);
      const queues = await Promise.all(
        [ENGINE_QUEUE, ...environments.map(environmentQueue)].map((queue) => describeQueue(engine, queue)),
      );
      const missingAttributes = ATTRIBUTES.filter((name) => !(name in (known.customAttributes ?? {})));
      return { address, namespace, server: info.serverVersion ?? 'of unknown version', missingAttributes, queues };
    });
  } finally {
    await engine.close();
  }
}
