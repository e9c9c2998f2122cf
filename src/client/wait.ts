/** Waiting for the outcome of a release; days if need be. */
import type { ReleaseResult } from '../contract/release-workflow.ts';
import { releaseId } from '../contract/workflow-ids.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { assertKey } from './keys.ts';
import { explained } from './temporal-errors.ts';

/** Rejects with the signal's reason when it is aborted; the release goes on all the same. */
export async function waitForOutcome(engine: Engine, key: ReleaseKey, signal?: AbortSignal): Promise<ReleaseResult> {
  assertKey(key);
  const workflowId = releaseId(key.service, key.version);
  const result = (): Promise<ReleaseResult> =>
    engine.temporal.workflow.getHandle(workflowId).result() as Promise<ReleaseResult>;
  try {
    return await (signal === undefined ? result() : engine.connection.withAbortSignal(signal, result));
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    throw await explained(engine, { what: `outcome of ${workflowId}`, workflowId }, error);
  }
}
