import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { NOTIFICATION, type NotificationResult } from '../../../src/contract/notification-workflow.ts';
import { approveUpdate } from '../../../src/contract/promotion-workflow.ts';
import { notificationId, promotionId, releaseId } from '../../../src/contract/workflow-ids.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { deadAddress } from '../../support/events.ts';
import { answerBy, promotionOf, startRelease, until } from '../../support/releases.ts';
import { APPROVAL, type ScriptOptions } from '../../support/scripted-activities.ts';
import { arrived, eventsOf, of, OPS, SECRET, storyOf, tellingOf } from './support/telling.ts';

/** Whole suites are patient: a webhook that fails is tried again after a second and more. */
describe('notifications on their way', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');
  const { anInbox, during } = tellingOf(engine);

  it('never hold up a release: with a webhook that is dead all the time it ends as ever', async () => {
    await during({ at: { ops: await deadAddress() } }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const { outcome } = await release.result();
      assert.equal(outcome.kind, 'released');
      const query = `WorkflowType = '${NOTIFICATION}' AND SluiceVersion = '${version}'`;
      const running = async (): Promise<number> =>
        (await engine.env.client.workflow.count(`${query} AND ExecutionStatus = 'Running'`)).count;
      while ((await running()) < 8) await new Promise((resolve) => setImmediate(resolve));
      for await (const { workflowId } of engine.env.client.workflow.list({ query }))
        await engine.env.client.workflow.getHandle(workflowId).terminate();
    });
  });

  it('that fail twice arrive the third time, under one id, and are told once', async () => {
    const inbox = await anInbox((time) => (time <= 2 ? 500 : 204));
    const notify = [{ receiver: 'ops', on: ['released' as const], environments: ['production'] }];
    await during({ at: { ops: inbox.url }, options: { notify } }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      await release.result();
      await arrived(inbox, 3);
      const ids = inbox.received.map(({ headers }) => headers['webhook-id']);
      assert.equal(new Set(ids).size, 1);
      const { deliveries } = await resultOf(String(ids[0]));
      assert.deepEqual(
        deliveries.map(({ receiver, delivered }) => [receiver, delivered]),
        [['ops', true]],
      );
      const times = inbox.received.map(({ headers }) => Number(headers['webhook-timestamp']));
      assert.deepEqual(times, times.toSorted(), 'each attempt says its own time');
      assert.equal(inbox.received.length, 3);
    });
  });

  it('say in their result who did not want them, and the others have it', async () => {
    const inbox = await anInbox();
    const refusing = await anInbox(() => 404);
    const notify = ['ops', 'gone', 'nobody'].map((receiver) => ({
      receiver,
      environments: ['dev'],
      on: ['released' as const],
    }));
    await during({ at: { ops: inbox.url, gone: refusing.url }, options: { notify } }, async (version) => {
      await (await startRelease(engine.env.client, version)).result();
      await arrived(inbox, 1);
      const { deliveries } = await resultOf(String(inbox.received[0]?.headers['webhook-id']));
      assert.deepEqual(
        deliveries.map((one) => (one.delivered ? one.receiver : `${one.receiver}: ${one.refusal.code}`)),
        ['ops', 'gone: notification-refused', 'nobody: notification-misconfigured'],
      );
      assert.equal(refusing.received.length, 1);
    });
  });

  it('are told anew, and not again, when a promotion is reset', async () => {
    const inbox = await anInbox();
    const options: ScriptOptions = {
      path: ['dev'],
      approvals: { dev: APPROVAL },
      notify: [{ ...OPS, environments: ['dev'] }],
    };
    await during({ at: { ops: inbox.url }, options }, async (version) => {
      const { client } = engine.env;
      const promotion = promotionOf(client, version, 'dev');
      const approve = async (): Promise<void> => {
        const asked = await until(client, version, 'dev', (one) => one.approval?.open === true);
        await promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', asked)] });
        await promotion.result();
      };
      await startRelease(client, version);
      await approve();
      await arrived(inbox, 6);
      const before = eventsOf(inbox).map((one) => one.id);
      const { events } = await promotion.fetchHistory();
      const asking = (events ?? []).findIndex((one) => one.timerStartedEventAttributes != null);
      const task = (events ?? []).slice(asking).find((one) => one.workflowTaskCompletedEventAttributes != null);
      await client.workflowService.resetWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId: promotion.workflowId },
        workflowTaskFinishEventId: task?.eventId ?? null,
        resetReapplyType: 2,
        requestId: version,
        reason: 'test',
      });
      await approve();
      await arrived(inbox, 10);
      const later = eventsOf(inbox).slice(6);
      assert.deepEqual(later.map(({ data }) => data.event).toSorted(), ['answered', 'approved', 'released', 'working']);
      assert.deepEqual(
        later.filter((one) => before.includes(one.id)),
        [],
      );
    });
  });

  it('remind whoever is asked, as often as the policy says', async () => {
    const inbox = await anInbox();
    const options: ScriptOptions = { path: ['dev'], approvals: { dev: { ...APPROVAL, remindEveryMs: 300 } } };
    await during({ at: { ops: inbox.url }, options }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const asked = await until(engine.env.client, version, 'dev', (one) => one.approval?.open === true);
      await arrived(inbox, 5);
      const answer = answerBy('ada', asked);
      await promotionOf(engine.env.client, version, 'dev').executeUpdate(approveUpdate, { args: [answer] });
      await release.result();
      const [first, second, third, fourth] = of('dev', storyOf(inbox));
      assert.deepEqual([first, second, third, fourth], ['started', 'waiting', 'reminded', 'reminded']);
      const [reminded] = eventsOf(inbox).filter(({ data }) => data.event === 'reminded');
      assert.match(reminded?.data.waiting?.for ?? '', /release-managers/);
      assert.match(reminded?.data.waiting?.answer[0] ?? '', /^sluice approve iam/);
    });
  });

  it('are not there where nobody wants them', async () => {
    const options: ScriptOptions = { path: ['dev'], notify: [{ receiver: 'ops', on: ['rolled-back'] }] };
    await during({ at: {}, options }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      await release.result();
      const { events = [] } = await promotionOf(engine.env.client, version, 'dev').fetchHistory();
      assert.ok((events ?? []).every((one) => one.startChildWorkflowExecutionInitiatedEventAttributes == null));
    });
  });

  it('leave no secret in any history', async () => {
    const inbox = await anInbox();
    await during({ at: { ops: inbox.url }, options: { path: ['dev'] } }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      await release.result();
      await arrived(inbox, 5);
      const ids = inbox.received.map(({ headers }) => notificationId(String(headers['webhook-id'])));
      await Promise.all(ids.map((id) => engine.env.client.workflow.getHandle(id).result()));
      for (const id of [...ids, releaseId('iam', version), promotionId('iam', version, 'dev')]) {
        const text = historyToJSON(await engine.env.client.workflow.getHandle(id).fetchHistory());
        const decoded = `${text}${(text.match(/"data": ?"([^"]+)"/g) ?? []).map((one) => Buffer.from(one.split('"')[3] ?? '', 'base64').toString()).join()}`;
        assert.ok(decoded.includes(`"version":"${version}"`), 'it can be read');
        for (const secret of [SECRET, SECRET.slice(6), inbox.url]) assert.ok(!decoded.includes(secret), id);
      }
    });
  });

  async function resultOf(event: string): Promise<NotificationResult> {
    return engine.env.client.workflow.getHandle<() => Promise<NotificationResult>>(notificationId(event)).result();
  }
});
