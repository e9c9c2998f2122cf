import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { environmentQuery, liftUpdate } from '../../../src/contract/environment-workflow.ts';
import type { KnownGoodAnswer, PlanRequest, StepRequest } from '../../../src/contract/activities.ts';
import {
  ROLLBACK,
  type RollbackInput,
  rollbackQuery,
  type RollbackResult,
} from '../../../src/contract/rollback-workflow.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import { environmentId, rollbackId } from '../../../src/contract/workflow-ids.ts';
import { connect } from '../../../src/client/index.ts';
import { YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { hasPlace, promotionOf, startRelease, until } from '../../support/releases.ts';
import { IMAGE, MANIFESTS, planned, scriptedActivities } from '../../support/scripted-activities.ts';

const KNOWN = { image: IMAGE, manifests: MANIFESTS, since: '2026-11-01T00:00:00Z' };

describe('going back to what ran well before', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');

  const goBack = (fields: Partial<RollbackInput>): Promise<RollbackResult> => {
    const input = { service: 'iam', environment: 'dev', reason: 'errors', requestedBy: 'grace', ...fields };
    return engine.env.client.workflow.execute(ROLLBACK, {
      workflowId: rollbackId(input.service, input.environment),
      taskQueue: ENGINE_QUEUE,
      args: [input],
    }) as Promise<RollbackResult>;
  };

  it('holds the service first, brings the version back without asking gates, and keeps newer ones out until it is lifted', async () => {
    const seen: StepRequest[] = [];
    const { activities, calls } = scriptedActivities(
      {
        applyManifests: async (request) => {
          seen.push(request);
          return { ok: true, summary: '', facts: {} };
        },
      },
      { path: ['dev'], gates: ['dev'], turns: 'queue' },
    );
    await engine.during(activities, async () => {
      const { outcome, to } = await goBack({});
      assert.equal(outcome.kind, 'released', outcome.reason);
      assert.equal(to, '0.9.0');
      assert.equal(seen[0]?.plan.rollback, true);
      assert.equal(
        calls.some((call) => call.startsWith('checkGates')),
        false,
      );
      assert.equal(
        calls.some((call) => call.startsWith('importImage')),
        false,
      );
      assert.ok(calls.indexOf('writeRestraints(dev)') < calls.indexOf('applyManifests(dev)'), calls.join());
      const status = await engine.env.client.workflow.getHandle(rollbackId('iam', 'dev')).query(rollbackQuery);
      assert.equal(status.promotion, 'promotion/iam/0.9.0/dev');

      const desk = engine.env.client.workflow.getHandle(environmentId('dev'));
      const { restraints, running } = await desk.query(environmentQuery);
      assert.match(restraints[0]?.reason ?? '', /going back to 0.9.0: errors/);
      assert.equal(running['iam']?.version, '0.9.0');

      const next = await startRelease(engine.env.client, '9.9.1');
      const kept = await until(engine.env.client, '9.9.1', 'dev', hasPlace);
      assert.match(kept.waiting?.reason ?? '', /grace holds iam: going back to 0.9.0/);
      assert.match(kept.waiting?.answer[0] ?? '', /^sluice hold lift iam --environment /);
      await desk.executeUpdate(liftUpdate, { args: [{ kind: 'hold', service: 'iam', by: 'grace' }] });
      assert.equal((await next.result()).outcome.kind, 'released');
    });
  });

  it('is refused while the promotion of that version is under way, and holds the service all the same', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { activities } = scriptedActivities(
      {
        checkPullable: () => promise.then(() => YES),
        findKnownGood: async () => ({ ok: true, known: { ...KNOWN, version: '8.0.0' } }),
      },
      { path: ['dev'], turns: 'queue' },
    );
    await engine.during(activities, async () => {
      const release = await startRelease(engine.env.client, '8.0.0');
      await until(engine.env.client, '8.0.0', 'dev', (one) => one.step === 'pullable');
      const { outcome } = await goBack({});
      assert.equal(outcome.refusal?.code, 'command-not-possible', outcome.reason);
      const desk = engine.env.client.workflow.getHandle(environmentId('dev'));
      assert.equal((await desk.query(environmentQuery)).restraints[0]?.kind, 'hold');
      await desk.executeUpdate(liftUpdate, { args: [{ kind: 'hold', service: 'iam', by: 'grace' }] });
      resolve();
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('that names no version is refused at once while another promotion is inside, says who and what to do, and holds nothing', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let inside: (KnownGoodAnswer & { readonly ok: true })['inside'];
    const options = { path: ['dev'], turns: 'queue' } as const;
    const { activities, calls } = scriptedActivities(
      {
        checkPullable: ({ plan }) => (plan.version === '8.2.0' ? promise.then(() => YES) : Promise.resolve(YES)),
        findKnownGood: async () => ({
          ok: true,
          known: { ...KNOWN, version: '0.9.0' },
          current: '1.0.0',
          ...(inside === undefined ? {} : { inside }),
        }),
      },
      options,
    );
    await engine.during(activities, async () => {
      const release = await startRelease(engine.env.client, '8.2.0');
      const { workflowId } = await until(engine.env.client, '8.2.0', 'dev', (one) => one.step === 'pullable');
      const { runId } = await promotionOf(engine.env.client, '8.2.0', 'dev').describe();
      inside = { service: 'iam', version: '8.2.0', workflowId, runId, fence: 1, since: KNOWN.since };
      const written = calls.filter((call) => call.startsWith('writeRestraints')).length;
      const { outcome } = await goBack({});
      assert.equal(outcome.refusal?.code, 'command-not-possible', outcome.reason);
      assert.match(outcome.reason, /^promotion\/iam\/8\.2\.0\/dev is under way/);
      assert.match(outcome.refusal.remedy ?? '', /"sluice rollback iam 8\.2\.0 --environment dev".*"--to"/);
      assert.equal(calls.filter((call) => call.startsWith('writeRestraints')).length, written);
      resolve();
      assert.equal((await release.result()).outcome.kind, 'released');
      // it is marked as inside for good when it did not end well
      const later = await goBack({});
      assert.equal(later.outcome.kind, 'released', later.outcome.reason);
      const desk = engine.env.client.workflow.getHandle(environmentId('dev'));
      await desk.executeUpdate(liftUpdate, { args: [{ kind: 'hold', service: 'iam', by: 'grace' }] });
    });
  });

  it('leads away from what ran when it was asked for, unless it names where it goes', async () => {
    const asked: PlanRequest[] = [];
    const options = { path: ['dev'], turns: 'queue' } as const;
    const { activities } = scriptedActivities(
      {
        findKnownGood: async () => ({ ok: true, known: { ...KNOWN, version: '0.9.0' }, current: '1.0.0' }),
        planPromotion: async (request) => {
          asked.push(request);
          return planned(request, options);
        },
      },
      options,
    );
    await engine.during(activities, async () => {
      await goBack({});
      const [first] = asked.splice(0);
      assert.equal(first?.awayFrom, '1.0.0');
      await goBack({ to: '0.9.0' });
      assert.deepEqual([asked[0]?.rollback, asked[0]?.awayFrom], [true, undefined]);
      const desk = engine.env.client.workflow.getHandle(environmentId('dev'));
      await desk.executeUpdate(liftUpdate, { args: [{ kind: 'hold', service: 'iam', by: 'grace' }] });
    });
  });

  it('leaves what the release of that version says of itself as it was', async () => {
    const { activities } = scriptedActivities(
      { findKnownGood: async () => ({ ok: true, known: { ...KNOWN, version: '8.1.0' } }) },
      { path: ['dev'], turns: 'queue' },
    );
    await engine.during(activities, async () => {
      await (await startRelease(engine.env.client, '8.1.0')).result();
      const client = await connect({ address: engine.env.address, namespace: 'default', user: 'ada' });
      try {
        const before = await client.status({ service: 'iam', version: '8.1.0' });
        assert.equal((await goBack({})).outcome.kind, 'released');
        const after = await client.status({ service: 'iam', version: '8.1.0' });
        assert.deepEqual(after.promotions, before.promotions);
      } finally {
        await client.close();
      }
    });
  });

  it('refuses where nothing is known that it could go back to, and holds nothing', async () => {
    const refusal = { code: 'rollback-impossible', message: 'nothing else ran well' } as const;
    const { activities, calls } = scriptedActivities(
      { findKnownGood: async () => ({ ok: false, refusal }) },
      { path: ['dev'], turns: 'queue' },
    );
    await engine.during(activities, async () => {
      const { outcome } = await goBack({ service: 'billing' });
      assert.equal(outcome.refusal?.code, 'rollback-impossible');
      assert.equal(
        calls.some((call) => call.startsWith('writeRestraints')),
        false,
      );
    });
  });
});
