import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseResult } from '../../../src/contract/release-workflow.ts';
import { releaseId } from '../../../src/contract/workflow-ids.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { desksOf, door, historyUntil } from './support/desks.ts';

describe('the desk of an environment, when those who come to it are lost', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');
  const { version, release, enters, waits, promotion, seen, deskUntil, inOwnEnvironment } = desksOf(engine, 'leaving');

  it('passes over those who were terminated while they waited, wherever they stood', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment({ script }, async (environment) => {
      const first = await enters(1, environment);
      for (const number of [2, 3, 4, 5]) {
        await release(number);
        await deskUntil(environment, (status) => status.turns.queue.length === number - 1);
      }
      for (const number of [2, 3, 5]) await promotion(number, environment).terminate();
      letThrough();
      await first.result();
      const { outcome } = (await engine.env.client.workflow
        .getHandle(releaseId('iam', version(4)))
        .result()) as ReleaseResult;
      assert.equal(outcome.kind, 'released');
      const status = await deskUntil(environment, ({ turns }) => turns.held.length + turns.queue.length === 0);
      assert.equal(status.running['iam']?.version, version(4));
    });
  });

  it('gets the lease back when the release is terminated and its promotion is cancelled', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment({ script }, async (environment) => {
      const first = await enters(1, environment);
      const second = await release(2);
      await waits(2, environment);
      await first.terminate('by mistake');
      await historyUntil(promotion(1, environment), 'workflowExecutionCancelRequested');
      letThrough();
      assert.equal((await second.result()).outcome.kind, 'released');
      const ended = await seen(1, environment, (one) => one.phase === 'finished');
      assert.equal(ended.outcome?.kind, 'aborted');
    });
  });

  it('gets the lease back when the promotion is cancelled while it asks, and when it is cancelled while it waits', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment({ script }, async (environment) => {
      const first = await enters(1, environment);
      const hasty = await Promise.all([2, 3, 4].map((number) => release(number)));
      await waits(2, environment);
      await Promise.all(hasty.map((one) => one.cancel()));
      for (const one of hasty) assert.equal((await one.result()).outcome.kind, 'aborted');
      letThrough();
      await first.result();
      await deskUntil(environment, ({ turns }) => turns.held.length + turns.queue.length === 0);
    });
  });

  it('gives the lease to the next one when its holder was reset in Temporal, and takes no harm from the old number', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment({ script }, async (environment) => {
      const client = engine.env.client;
      await enters(1, environment);
      const begun = promotion(1, environment);
      await seen(1, environment, (one) => one.step === 'pullable');
      const { events } = await begun.fetchHistory();
      const completed = (events ?? []).filter((one) => one.workflowTaskCompletedEventAttributes != null);
      await client.workflowService.resetWorkflowExecution({
        namespace: engine.env.namespace ?? 'default',
        workflowExecution: { workflowId: begun.workflowId },
        reason: 'somebody tries it',
        workflowTaskFinishEventId: completed.at(-1)?.eventId ?? null,
        requestId: `reset-${environment}`,
      });
      const second = await release(2);
      letThrough();
      assert.equal((await second.result()).outcome.kind, 'released');
      await seen(1, environment, (one) => one.phase === 'finished');
      await deskUntil(environment, ({ turns }) => turns.held.length + turns.queue.length === 0);
    });
  });
});
