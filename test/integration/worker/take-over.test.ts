import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { NativeConnection } from '@temporalio/worker';
import { until } from '../../../local/tools/until.ts';
import { PROMOTION, type PromotionInput } from '../../../src/contract/promotion-workflow.ts';
import { ENGINE_QUEUE, environmentQueue } from '../../../src/contract/task-queues.ts';
import { promotionId } from '../../../src/contract/workflow-ids.ts';
import { takeOver } from '../../../src/worker/take-over.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import { IMAGE, MANIFESTS, scriptedActivities } from '../../support/scripted-activities.ts';

/** Longer than this test may take: what goes on sooner was taken over. */
const HEARTBEAT_MS = 60 * 60_000;
const DEAD = '4711@host#production-0/2026-11-24T08:00:00.000Z';
const BACK = '4711@host#production-0/2026-11-24T08:00:05.000Z';

describe('when a worker was killed in the middle of a step', () => {
  let engine: Engine;
  let connection: NativeConnection;
  before(async () => {
    engine = await startEngine('real');
    connection = await NativeConnection.connect({ address: engine.env.address });
  });
  after(async () => {
    await connection.close();
    await engine.stop();
  });

  test('its successor of the same name goes on at once, and one of another name leaves it alone', async () => {
    const namespace = engine.env.namespace ?? 'default';
    const timing = { heartbeatMs: HEARTBEAT_MS, retryForMs: HEARTBEAT_MS, attentionForMs: 1, pauseForMs: 1 };
    const release = { service: 'iam', version: '1.0.0', image: IMAGE, manifests: MANIFESTS, requestedBy: 'pipeline' };
    const input: PromotionInput = { ...release, environment: 'dev', source: 'dev', timing };
    const workflowId = promotionId(input.service, input.version, input.environment);
    // the engine's worker only: what the environment is asked to do is taken by nobody but the dead worker below
    await engine.during(
      scriptedActivities().activities,
      async () => {
        const handle = await engine.env.client.workflow.start(PROMOTION, {
          workflowId,
          taskQueue: ENGINE_QUEUE,
          args: [input],
        });
        const taken = await connection.workflowService.pollActivityTaskQueue({
          namespace,
          taskQueue: { name: environmentQueue(input.environment) },
          identity: DEAD,
        });
        assert.equal(taken.activityType?.name, 'planPromotion');
        await until(
          async () => {
            const successor = {
              connection,
              namespace,
              identity: '1@host#dev-0/2026-11-24T08:00:05.000Z',
              engine: false,
            };
            assert.deepEqual(await takeOver(successor), []);
            return (await takeOver({ connection, namespace, identity: BACK, engine: true })).length > 0;
          },
          { what: 'the promotion is listed as at work', timeoutMs: 30_000 },
        );
        const { raw } = await handle.describe();
        assert.deepEqual(
          raw.pendingActivities?.map((one) => [one.activityType?.name, one.attempt, one.lastFailure?.message]),
          [['planPromotion', 2, 'the worker that did this was killed; its successor takes over']],
        );
        await handle.terminate('seen');
      },
      [],
    );
  });
});
