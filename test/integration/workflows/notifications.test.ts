import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { approveUpdate, pauseUpdate, resumeUpdate, retryUpdate } from '../../../src/contract/promotion-workflow.ts';
import { notificationId, promotionId } from '../../../src/contract/workflow-ids.ts';
import { failure, no, YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { assertEvent } from '../../support/event-schema.ts';
import { answerBy, promotionOf, startRelease, until } from '../../support/releases.ts';
import {
  APPROVAL,
  IMAGE,
  MANIFESTS,
  NO_BASELINE,
  planned,
  type Script,
  type ScriptOptions,
} from '../../support/scripted-activities.ts';
import { arrived, eventsOf, heard, of, storyOf, tellingOf } from './support/telling.ts';

const BY = { by: 'otto', reason: 'because' };

describe('notifications', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');
  const { anInbox, during, replays } = tellingOf(engine);

  it('tell whoever approved when something else is replaced by then', async () => {
    const inbox = await anInbox();
    let version = '0.8.0';
    const approvals = { production: APPROVAL };
    const there = { service: 'iam', image: IMAGE, manifests: MANIFESTS, objects: [], since: '2026-11-01T00:00:00Z' };
    const by = { workflowId: 'promotion/iam/0/production', approvedBy: [], requestedBy: 'rita' };
    const script: Script = {
      planPromotion: async (request) => {
        const current = { format: 1, ...there, ...by, version } as const;
        return planned(request, { approvals, baseline: { ...NO_BASELINE, current } });
      },
    };
    await during({ at: { ops: inbox.url }, script, options: { approvals } }, async (name) => {
      const release = await startRelease(engine.env.client, name);
      const asked = await until(engine.env.client, name, 'production', (one) => one.approval?.open === true);
      version = '0.9.0';
      const promotion = promotionOf(engine.env.client, name, 'production');
      await promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', asked)] });
      await release.result();
      const event = await heard(inbox, (data) => data.environment === 'production' && data.event === 'working');
      assert.equal(event.data.changed, 'it replaces 0.9.0 by now, and 0.8.0 when it was planned');
      assertEvent(event);
    });
  });

  it('tell the story of a release and of its promotions, each event once', async () => {
    const inbox = await anInbox();
    const options = { approvals: { production: APPROVAL } };
    await during({ at: { ops: inbox.url }, options }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const asked = await until(engine.env.client, version, 'production', (one) => one.approval?.open === true);
      const promotion = promotionOf(engine.env.client, version, 'production');
      await promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', asked)] });
      await release.result();
      await arrived(inbox, 11);
      const story = storyOf(inbox);
      assert.deepEqual(of('release', story), ['started', 'released']);
      assert.deepEqual(of('dev', story), ['started', 'working', 'released']);
      assert.deepEqual(of('production', story), ['started', 'waiting', 'answered', 'approved', 'working', 'released']);
      const events = eventsOf(inbox);
      events.forEach(assertEvent);
      assert.equal(new Set(events.map((one) => one.id)).size, 11);
      const [waiting] = events.filter(({ data }) => data.event === 'waiting');
      assert.equal(waiting?.subject, promotionId('iam', version, 'production'));
      assert.match(waiting?.data.waiting?.for ?? '', /release-managers/);
      assert.match(waiting?.data.waiting?.answer[0] ?? '', /^sluice approve iam .* --plan sha256:/);
      const [approved] = events.filter(({ data }) => data.event === 'approved');
      assert.deepEqual(approved?.data.approvedBy, ['ada']);
      await replays(release, promotionId('iam', version, 'production'), notificationId(waiting?.id ?? ''));
    });
  });

  it('tell of trouble, of the pause and of the way back', async () => {
    const inbox = await anInbox();
    let tries = 0;
    const script: Script = {
      applyManifests: async () => {
        tries += 1;
        if (tries === 1) throw failure('cluster-forbidden');
        return YES;
      },
      checkHealth: async ({ to }) => (to === 'new' ? no('health-failed') : YES),
    };
    const options: ScriptOptions = { path: ['dev'], approvals: { dev: APPROVAL } };
    await during({ at: { ops: inbox.url }, script, options }, async (version) => {
      const { client } = engine.env;
      const release = await startRelease(client, version);
      const promotion = promotionOf(client, version, 'dev');
      const asked = await until(client, version, 'dev', (one) => one.approval?.open === true);
      await promotion.executeUpdate(pauseUpdate, { args: [BY] });
      await promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', asked)] });
      await until(client, version, 'dev', (one) => one.phase === 'paused');
      await promotion.executeUpdate(resumeUpdate, { args: [BY] });
      await until(client, version, 'dev', (one) => one.phase === 'needs-attention');
      await promotion.executeUpdate(retryUpdate, { args: [BY] });
      await release.result();
      await arrived(inbox, 13);
      assert.deepEqual(of('dev', storyOf(inbox)), [
        ...['started', 'waiting', 'answered', 'approved', 'paused', 'resumed', 'working'],
        ...['attention', 'resumed', 'undoing', 'rolled-back'],
      ]);
      const [attention] = eventsOf(inbox).filter(({ data }) => data.event === 'attention');
      assert.equal(attention?.data.attention?.code, 'cluster-forbidden');
      const [back] = eventsOf(inbox).filter(({ data }) => data.event === 'rolled-back' && data.about === 'promotion');
      assert.deepEqual([back?.data.outcome?.kind, back?.data.outcome?.code], ['rolled-back', 'health-failed']);
      await replays(release, promotionId('iam', version, 'dev'));
    });
  });

  it('tell of a release that was cancelled, too', async () => {
    const inbox = await anInbox();
    const options: ScriptOptions = { path: ['dev'], approvals: { dev: APPROVAL } };
    await during({ at: { ops: inbox.url }, options }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      await until(engine.env.client, version, 'dev', (one) => one.approval?.open === true);
      await release.cancel();
      assert.equal((await release.result()).outcome.kind, 'aborted');
      await arrived(inbox, 5);
      const story = storyOf(inbox);
      assert.deepEqual(of('dev', story), ['started', 'waiting', 'aborted']);
      assert.deepEqual(of('release', story), ['started', 'aborted']);
      await replays(release, promotionId('iam', version, 'dev'));
    });
  });
});
