import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { approveSignal, approveUpdate, rejectSignal, rejectUpdate } from '../../../src/contract/promotion-workflow.ts';
import type { PromotionRecord } from '../../../src/contract/plan.ts';
import type { PromotionStatus } from '../../../src/contract/status.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { answerBy, aVersion, promotionOf, type Release, startRelease, until } from '../../support/releases.ts';
import {
  APPROVAL,
  IMAGE,
  MANIFESTS,
  NO_BASELINE,
  planned,
  type Script,
  scriptedActivities,
} from '../../support/scripted-activities.ts';
import { isRefusal, no, YES } from '../../support/answers.ts';

const PRODUCTION = 'production';

const RECORD: PromotionRecord = {
  ...{ service: 'iam', version: '0.8.0', image: IMAGE, manifests: MANIFESTS, objects: [] },
  format: 1,
  ...{
    since: '2026-11-01T00:00:00Z',
    workflowId: 'promotion/iam/0.8.0/production',
    approvedBy: [],
    requestedBy: 'rita',
  },
} as const;

interface Question {
  readonly release: Release;
  readonly promotion: WorkflowHandle;
  readonly status: PromotionStatus;
  readonly calls: string[];
  readonly version: string;
}

const CHANGES = { against: '0.9.0', objects: [], same: 3, more: 0 };

describe('an approval', { timeout: 300_000 }, () => {
  const engine = engineOfSuite();

  /** Runs `test` at the moment when production asks. */
  async function whenAsked(
    test: (question: Question) => Promise<void>,
    script: Script = {},
    required = 1,
  ): Promise<void> {
    const version = aVersion();
    const { activities, calls } = scriptedActivities(script, {
      path: ['dev', PRODUCTION],
      approvals: { [PRODUCTION]: { ...APPROVAL, required } },
    });
    await engine.during(activities, async () => {
      const release = await startRelease(engine.env.client, version, { requestedBy: 'rita' });
      const status = await until(engine.env.client, version, PRODUCTION, (one) => one.approval?.open === true);
      await test({ release, promotion: promotionOf(engine.env.client, version, PRODUCTION), status, calls, version });
    });
  }

  const update = (question: Question, statement: ReturnType<typeof answerBy>) =>
    question.promotion.executeUpdate(approveUpdate, { args: [statement] });

  it('lets the release go on, as an update that says so', async () => {
    await whenAsked(async (question) => {
      const reply = await update(question, answerBy('ada', question.status));
      assert.deepEqual(reply, { message: 'counted; it goes on', missing: 0 });
      assert.equal((await question.release.result()).outcome.kind, 'released');
    });
  });

  it('lets the release go on, as a signal', async () => {
    await whenAsked(async ({ promotion, release, status }) => {
      await promotion.signal(approveSignal, answerBy('ada', status));
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('says why it waits, for whom, until when, what then, and what to type', async () => {
    await whenAsked(async ({ status, version, promotion, release }) => {
      assert.equal(status.phase, 'waiting-for-approval');
      assert.match(status.waiting?.for ?? '', /1 of release-managers, not rita/);
      assert.ok(Date.parse(status.waiting?.until ?? '') > Date.parse(status.waiting?.since ?? ''));
      assert.equal(status.waiting?.then, 'the release is refused');
      assert.equal(
        status.waiting?.answer[0],
        `sluice approve iam ${version} --environment production --plan ${status.planDigest}`,
      );
      await promotion.signal(rejectSignal, answerBy('ada', status, { reason: 'enough seen' }));
      await release.result();
    });
  });

  const refused = [
    { title: 'for another plan', statement: { planDigest: 'sha256:other' }, code: 'approval-other-plan' },
    { title: 'from the one who started the release', statement: { approver: 'Rita ' }, code: 'approval-excluded' },
    { title: 'without a name', statement: { approver: ' ' }, code: 'approval-malformed' },
  ] as const;
  for (const { title, statement, code } of refused) {
    it(`is refused ${title}, and nothing happens`, async () => {
      await whenAsked(async (question) => {
        await assert.rejects(update(question, answerBy('ada', question.status, statement)), isRefusal(code));
        assert.equal(question.calls.includes('checkApproval(production)'), false);
        await update(question, answerBy('ada', question.status));
        await question.release.result();
      });
    });
  }

  it('counts once for each person, and waits for as many as the rule wants', async () => {
    await whenAsked(
      async (question) => {
        assert.equal((await update(question, answerBy('ada', question.status))).missing, 1);
        await assert.rejects(update(question, answerBy('ADA', question.status)), isRefusal('approval-duplicate'));
        assert.equal(question.calls.includes('importImage(production)'), false);
        assert.equal((await update(question, answerBy('bob', question.status))).missing, 0);
        assert.equal((await question.release.result()).outcome.kind, 'released');
      },
      {},
      2,
    );
  });

  it('is refused before the question is asked', async () => {
    const looked = Promise.withResolvers<void>();
    const version = aVersion();
    const verifySignatures: Script['verifySignatures'] = async ({ plan }) => {
      if (plan.environment === PRODUCTION) await looked.promise;
      return YES;
    };
    const options = { path: ['dev', PRODUCTION], approvals: { [PRODUCTION]: APPROVAL } };
    const { activities } = scriptedActivities({ verifySignatures }, options);
    await engine.during(activities, async () => {
      const { client } = engine.env;
      const release = await startRelease(client, version, { requestedBy: 'rita' });
      const early = await until(client, version, PRODUCTION, (one) => one.planDigest !== undefined);
      const promotion = promotionOf(client, version, PRODUCTION);
      const say = (status: PromotionStatus) =>
        promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', status)] });
      await assert.rejects(say(early), isRefusal('approval-not-open'));
      looked.resolve();
      const asked = await until(client, version, PRODUCTION, (one) => one.approval?.open === true);
      assert.deepEqual(asked.approval?.given, []);
      await say(asked);
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('is refused after the release has ended', async () => {
    await whenAsked(async (question) => {
      await update(question, answerBy('ada', question.status));
      await question.release.result();
      await assert.rejects(update(question, answerBy('bob', question.status)), /not found|already completed/);
    });
  });

  it('that says no ends the release with the reason, and needs one', async () => {
    await whenAsked(async ({ promotion, release, status, calls }) => {
      const silent = answerBy('ada', status, { decision: 'reject' });
      await assert.rejects(
        promotion.executeUpdate(rejectUpdate, { args: [silent] }),
        isRefusal('approval-reason-missing'),
      );
      await promotion.executeUpdate(rejectUpdate, { args: [{ ...silent, reason: 'quarter end' }] });
      const { outcome, promotions } = await release.result();
      assert.deepEqual([outcome.kind, outcome.refusal?.code], ['refused', 'approval-rejected']);
      const asked = promotions.at(-1)?.evidence.find((one) => one.step === 'approval');
      assert.deepEqual([asked?.state, asked?.summary], ['failed', 'rejected by ada: quarter end']);
      assert.match(outcome.reason, /rejected by ada: quarter end/);
      assert.equal(calls.includes('importImage(production)'), false);
    });
  });

  it('that the zone cannot verify does not count, and a signal says so in the status', async () => {
    let proven = false;
    const script: Script = {
      checkApproval: async ({ statement }) =>
        proven ? { ok: true, subject: statement.approver, groups: [] } : no('approval-unproven'),
    };
    await whenAsked(async (question) => {
      await assert.rejects(update(question, answerBy('ada', question.status)), isRefusal('approval-unproven'));
      await question.promotion.signal(approveSignal, answerBy('ada', question.status));
      const seen = await until(
        engine.env.client,
        question.version,
        PRODUCTION,
        (status) => status.refusedAnswers.length > 0,
      );
      assert.equal(seen.refusedAnswers[0]?.code, 'approval-unproven');
      proven = true;
      await update(question, answerBy('ada', question.status));
      await question.release.result();
    }, script);
  });

  it('is void when the plan changes meanwhile: people are asked again', async () => {
    let policy = 'before';
    const options = { approvals: { [PRODUCTION]: APPROVAL } };
    const script: Script = {
      planPromotion: async ({ manifests, ...request }) => {
        const plan = planned({ ...request, manifests: `${manifests.split('+')[0]}+${policy}` }, options);
        return policy === 'before' ? { ...plan, changes: CHANGES } : plan;
      },
    };
    await whenAsked(async (question) => {
      assert.deepEqual(question.status.changes, CHANGES);
      policy = 'after';
      await update(question, answerBy('ada', question.status));
      const again = await until(
        engine.env.client,
        question.version,
        PRODUCTION,
        (status) => status.approval?.open === true && status.planDigest !== question.status.planDigest,
      );
      assert.equal(again.changes, undefined, 'what changed by the other plan says nothing of this one');
      assert.equal(question.calls.includes('importImage(production)'), false);
      const { manifests: was = '' } = question.status.plan ?? {};
      const { manifests: is = '' } = again.plan ?? {};
      assert.deepEqual(again.approval?.askedAgain, {
        planDigest: question.status.planDigest,
        changes: [{ what: 'manifests', was, is }],
        void: ['ada'],
      });
      const asked = `asked again, because of manifests: ${was} → ${is}; the yes of ada is void`;
      assert.ok(again.waiting?.reason.includes(asked), again.waiting?.reason);
      await assert.rejects(update(question, answerBy('ada', question.status)), isRefusal('approval-other-plan'));
      await update(question, answerBy('ada', again));
      assert.equal((await question.release.result()).outcome.kind, 'released');
    }, script);
  });

  it('holds when something else runs there by then, and whoever gave it is told', async () => {
    let version = '0.8.0';
    const options = { approvals: { [PRODUCTION]: APPROVAL } };
    const there = () => ({ ...NO_BASELINE, current: { ...RECORD, version } });
    const script: Script = {
      planPromotion: async (request) => planned(request, { ...options, baseline: there() }),
      checkPullable: async ({ plan }) => {
        if (plan.environment === PRODUCTION) await opened;
        return { ok: true, summary: '', facts: {} };
      },
    };
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    await whenAsked(async (question) => {
      version = '0.9.0';
      await update(question, answerBy('ada', question.status));
      const told = await until(engine.env.client, question.version, PRODUCTION, (one) => one.step === 'pullable');
      assert.deepEqual(told.approval?.replacesNow, { what: 'what it replaces', was: '0.8.0', is: '0.9.0' });
      assert.match(
        told.steps.find((one) => one.step === 'admit')?.summary ?? '',
        /replaces 0\.9\.0 by now, and 0\.8\.0/,
      );
      open();
      assert.equal((await question.release.result()).outcome.kind, 'released');
    }, script);
  });

  it('is shown as it comes: who has said yes, and how many are missing', async () => {
    await whenAsked(
      async (question) => {
        assert.equal(question.status.approval?.missing, 2);
        await update(question, answerBy('ada', question.status));
        const { waiting, approval } = await until(
          engine.env.client,
          question.version,
          PRODUCTION,
          (one) => one.approval?.given.length === 1,
        );
        assert.match(waiting?.reason ?? '', /ada said yes, 1 more needed/);
        assert.equal(approval?.missing, 1);
        await update(question, answerBy('bob', question.status));
        assert.equal((await question.release.result()).outcome.kind, 'released');
      },
      {},
      2,
    );
  });

  it('that never comes refuses the release after its deadline, days later', async () => {
    await whenAsked(async ({ release }) => {
      const { outcome } = await release.result();
      assert.deepEqual([outcome.kind, outcome.refusal?.code], ['refused', 'approval-expired']);
    });
  });
});
