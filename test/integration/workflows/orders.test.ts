import assert from 'node:assert/strict';
import type { WorkflowUpdateFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { describe, it } from 'node:test';
import type { StepAnswer } from '../../../src/contract/activities.ts';
import {
  abortUpdate,
  pauseUpdate,
  resumeUpdate,
  retryUpdate,
  rollBackUpdate,
} from '../../../src/contract/promotion-workflow.ts';
import { abortReleaseUpdate, pauseReleaseUpdate, resumeReleaseUpdate } from '../../../src/contract/release-workflow.ts';
import type { Refusal } from '../../../src/domain/error-code.ts';
import type { PromotionStatus } from '../../../src/contract/status.ts';
import { failure, isRefusal, no, YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { aVersion, promotionOf, type Release, startRelease, until } from '../../support/releases.ts';
import { type Script, scriptedActivities } from '../../support/scripted-activities.ts';

const BY = { by: 'otto' };

describe("an operator's order", { timeout: 300_000 }, () => {
  const engine = engineOfSuite();

  interface Scene {
    readonly release: Release;
    readonly promotion: ReturnType<typeof promotionOf>;
    readonly calls: string[];
    seen(is: (status: PromotionStatus) => boolean): Promise<PromotionStatus>;
  }

  /** A release into staging only, so that one promotion with a copy is under way. */
  async function play(script: Script, scene: (scene: Scene) => Promise<void>): Promise<void> {
    const { client } = engine.env;
    const version = aVersion();
    const { activities, calls } = scriptedActivities(script, { path: ['dev', 'staging'] });
    await engine.during(activities, async () => {
      const release = await startRelease(client, version);
      await scene({
        release,
        promotion: promotionOf(client, version, 'staging'),
        calls,
        seen: (is) => until(client, version, 'staging', is),
      });
    });
  }

  /** An activity that waits until the test opens it. */
  function gate(answer: StepAnswer = YES): {
    act: (request: { plan: { environment: string } }) => Promise<StepAnswer>;
    reached: Promise<void>;
    open: () => void;
  } {
    const reached = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    const act = async (request: { plan: { environment: string } }): Promise<StepAnswer> => {
      if (request.plan.environment !== 'staging') return YES;
      reached.resolve();
      await opened.promise;
      return answer;
    };
    return { act, reached: reached.promise, open: opened.resolve };
  }

  it('to pause waits for the next safe point, never between import and verification', async () => {
    const importing = gate();
    await play({ importImage: importing.act }, async ({ release, promotion, calls, seen }) => {
      await importing.reached;
      await promotion.executeUpdate(pauseUpdate, { args: [{ ...BY, reason: 'lunch' }] });
      await assert.rejects(promotion.executeUpdate(pauseUpdate, { args: [BY] }), (error) => {
        isRefusal('command-not-possible')(error);
        const { message, details } = (error as WorkflowUpdateFailedError).cause as ApplicationFailure;
        assert.match(message, /otto has paused it already, until /);
        assert.match((details?.[0] as Refusal).remedy ?? '', /"sluice resume iam \S+ --environment staging"/);
        return true;
      });
      importing.open();
      const paused = await seen((status) => status.phase === 'paused');
      assert.deepEqual(calls.at(-1), 'verifySignatures(staging, destination)');
      assert.match(paused.waiting?.reason ?? '', /otto paused it before pullable: lunch/);
      await promotion.executeUpdate(resumeUpdate, { args: [BY] });
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('to pause is seen before it begins, and ends by itself after its time', async () => {
    const importing = gate();
    await play({ importImage: importing.act }, async ({ release, promotion, seen }) => {
      await importing.reached;
      await promotion.executeUpdate(pauseUpdate, { args: [{ ...BY, forMs: 7_200_000 }] });
      const { pausing } = await seen((status) => status.pausing !== undefined);
      assert.deepEqual([pausing?.by, pausing?.reason], ['otto', '']);
      importing.open();
      const paused = await seen((status) => status.phase === 'paused');
      assert.equal(paused.pausing, undefined);
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('to pause a release may be given again once the pause before it has ended by itself', async () => {
    const [importing, looking] = [gate(), gate()];
    const script = { importImage: importing.act, checkHealth: looking.act };
    await play(script, async ({ release, promotion, seen }) => {
      await importing.reached;
      await release.executeUpdate(pauseReleaseUpdate, { args: [{ ...BY, forMs: 500 }] });
      importing.open();
      await looking.reached;
      await release.executeUpdate(pauseReleaseUpdate, { args: [{ ...BY, reason: 'lunch' }] });
      await assert.rejects(
        release.executeUpdate(pauseReleaseUpdate, { args: [BY] }),
        isRefusal('command-not-possible'),
      );
      looking.open();
      await seen((status) => status.phase === 'paused');
      await promotion.executeUpdate(resumeUpdate, { args: [BY] });
      await release.executeUpdate(resumeReleaseUpdate, { args: [BY] });
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('to pause, resume and abort a release reaches the promotion under way', async () => {
    const importing = gate();
    await play({ importImage: importing.act }, async ({ release, calls, seen }) => {
      await importing.reached;
      await release.executeUpdate(pauseReleaseUpdate, { args: [BY] });
      importing.open();
      await seen((status) => status.phase === 'paused');
      await release.executeUpdate(resumeReleaseUpdate, { args: [BY] });
      await release
        .executeUpdate(abortReleaseUpdate, { args: [{ ...BY, reason: 'wrong version' }] })
        .catch(() => undefined);
      const { outcome } = await release.result();
      assert.ok(['aborted', 'released'].includes(outcome.kind));
      if (outcome.kind === 'aborted') assert.equal(calls.includes('removeImage(staging)'), true);
    });
  });

  for (const [activity, undone] of [
    ['importImage', ['removeImage']],
    ['checkPullable', ['removeImage']],
    ['applyManifests', ['restoreManifests', 'rollOut', 'proveRunning', 'checkHealth', 'removeImage']],
    ['checkHealth', ['restoreManifests', 'rollOut', 'proveRunning', 'checkHealth', 'removeImage']],
  ] as const) {
    it(`to abort during ${activity} undoes what was done, in reverse`, async () => {
      const busy = gate();
      let first = true;
      const act = (request: { plan: { environment: string } }) => {
        if (!first) return Promise.resolve(YES);
        if (request.plan.environment === 'staging') first = false;
        return busy.act(request);
      };
      await play({ [activity]: act }, async ({ release, promotion, calls }) => {
        await busy.reached;
        await promotion.executeUpdate(abortUpdate, { args: [{ ...BY, reason: 'wrong version' }] });
        await assert.rejects(promotion.executeUpdate(abortUpdate, { args: [BY] }), isRefusal('command-not-possible'));
        busy.open();
        const { outcome } = await release.result();
        assert.deepEqual([outcome.kind, outcome.reason], ['aborted', 'staging: aborted by otto: wrong version']);
        assert.deepEqual(
          calls.slice(-undone.length).map((call) => call.replace(/\(.*/, '')),
          undone,
        );
      });
    });
  }

  it('to retry goes on with the step that needed attention and repeats none before it', async () => {
    let repaired = false;
    const lacking = async (request: { plan: { environment: string } }): Promise<StepAnswer> => {
      if (request.plan.environment === 'staging' && !repaired) throw failure('registry-forbidden');
      return YES;
    };
    await play({ copySignatures: lacking }, async ({ release, promotion, calls, seen }) => {
      const parked = await seen((status) => status.phase === 'needs-attention');
      assert.deepEqual(
        [parked.attention?.step, parked.attention?.code, parked.attention?.remedy],
        ['copy-signatures', 'registry-forbidden', 'repair it'],
      );
      assert.ok(parked.waiting?.answer.some((line) => line.startsWith('sluice retry iam')));
      await assert.rejects(promotion.executeUpdate(resumeUpdate, { args: [BY] }), isRefusal('command-not-possible'));
      repaired = true;
      await promotion.executeUpdate(retryUpdate, { args: [BY] });
      assert.equal((await release.result()).outcome.kind, 'released');
      assert.equal(calls.filter((call) => call === 'importImage(staging)').length, 1);
      assert.equal(calls.filter((call) => call === 'copySignatures(staging)').length, 2);
    });
  });

  it('to roll back is obeyed where attention is needed', async () => {
    await play(
      { checkPullable: async ({ plan }) => (plan.environment === 'staging' ? no('image-not-pullable') : YES) },
      async ({ release, promotion, seen }) => {
        await seen((status) => status.phase === 'needs-attention');
        await promotion.executeUpdate(rollBackUpdate, { args: [BY] });
        assert.equal((await release.result()).outcome.kind, 'rolled-back');
      },
    );
  });

  it('that never comes ends in an undo after the deadline', async () => {
    await play(
      { checkPullable: async ({ plan }) => (plan.environment === 'staging' ? no('image-not-pullable') : YES) },
      async ({ release, calls }) => {
        const { outcome } = await release.result();
        assert.deepEqual([outcome.kind, outcome.refusal?.code], ['rolled-back', 'attention-expired']);
        assert.equal(calls.at(-1), 'removeImage(staging)');
      },
    );
  });

  it('is needed when an undo fails: it parks, and goes on after a retry', async () => {
    let repaired = false;
    const script: Script = {
      checkHealth: async ({ plan, to }) => (plan.environment === 'staging' && to === 'new' ? no('health-failed') : YES),
      restoreManifests: async () => (repaired ? YES : no('cluster-forbidden')),
    };
    await play(script, async ({ release, promotion, seen }) => {
      const stuck = await seen((status) => status.phase === 'undo-stuck');
      assert.match(stuck.attention?.message ?? '', /undo could not put back the previous manifests/);
      repaired = true;
      await promotion.executeUpdate(retryUpdate, { args: [BY] });
      assert.equal((await release.result()).outcome.kind, 'rolled-back');
    });
  });

  it('may give a hopeless undo up, and the outcome says so', async () => {
    const script: Script = {
      checkHealth: async ({ plan, to }) => (plan.environment === 'staging' && to === 'new' ? no('health-failed') : YES),
      removeImage: async () => no('registry-forbidden'),
    };
    await play(script, async ({ release, promotion, seen }) => {
      await seen((status) => status.phase === 'undo-stuck');
      await promotion.executeUpdate(abortUpdate, { args: [{ ...BY, reason: 'registry is gone' }] });
      const { outcome } = await release.result();
      assert.match(outcome.reason, /not undone: remove the copy/);
    });
  });

  it('without a name, or with a senseless time, is refused', async () => {
    const busy = gate();
    await play({ importImage: busy.act }, async ({ release, promotion }) => {
      await busy.reached;
      await assert.rejects(promotion.executeUpdate(pauseUpdate, { args: [{ by: ' ' }] }), isRefusal('input-invalid'));
      await assert.rejects(
        promotion.executeUpdate(pauseUpdate, { args: [{ by: 'otto', forMs: -1 }] }),
        isRefusal('input-invalid'),
      );
      busy.open();
      await release.result();
    });
  });
});
