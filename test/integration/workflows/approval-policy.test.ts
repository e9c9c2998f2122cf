import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import type { ApprovalAnswer, GatesAnswer } from '../../../src/contract/activities.ts';
import { approveSignal, approveUpdate } from '../../../src/contract/promotion-workflow.ts';
import type { PromotionStatus } from '../../../src/contract/status.ts';
import type { ApprovalStatement } from '../../../src/domain/approval.ts';
import type { ApprovalRule } from '../../../src/domain/rulebook.ts';
import { isRefusal } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { answerBy, aVersion, promotionOf, type Release, startRelease, until } from '../../support/releases.ts';
import { APPROVAL, type Script, type ScriptOptions, scriptedActivities } from '../../support/scripted-activities.ts';

const PRODUCTION = 'production';
const HOUR = 3_600_000;

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  ada: ['release-managers', 'security'],
  bob: ['release-managers'],
  sam: ['security'],
  cal: ['on-call'],
};

interface Question {
  readonly release: Release;
  readonly promotion: WorkflowHandle;
  readonly status: PromotionStatus;
  readonly version: string;
}

describe('the policy of an approval', { timeout: 300_000 }, () => {
  const engine = engineOfSuite();

  /** A zone that proves whoever is in {@link GROUPS}; a statement's text stands for its id. */
  const zone: Script = {
    checkApproval: async ({ statement }): Promise<ApprovalAnswer> => {
      const groups = GROUPS[statement.approver];
      const jti = statement.statement ?? `${statement.approver} ${statement.reason ?? ''}`;
      if (groups !== undefined) return { ok: true, subject: statement.approver, groups, proof: 'key', jti };
      return { ok: false, refusal: { code: 'approval-wrong-group', message: 'not asked' }, jti };
    },
  };

  async function whenAsked(
    rule: Partial<ApprovalRule>,
    test: (question: Question) => Promise<void>,
    { script, ...options }: Pick<ScriptOptions, 'authors' | 'gates'> & { readonly script?: Script } = {},
  ): Promise<void> {
    const version = aVersion();
    const approvals = { [PRODUCTION]: { ...APPROVAL, ...rule } };
    const { activities } = scriptedActivities(
      { ...zone, ...script },
      { path: ['dev', PRODUCTION], approvals, ...options },
    );
    await engine.during(activities, async () => {
      const release = await startRelease(engine.env.client, version, { requestedBy: 'rita' });
      const status = await until(engine.env.client, version, PRODUCTION, (one) => one.approval?.open === true);
      await test({ release, promotion: promotionOf(engine.env.client, version, PRODUCTION), status, version });
    });
  }

  const say = ({ promotion, status }: Question, approver: string, fields: Partial<ApprovalStatement> = {}) =>
    promotion.executeUpdate(approveUpdate, { args: [answerBy(approver, status, fields)] });
  const see = ({ version }: Question, is: (status: PromotionStatus) => boolean) =>
    until(engine.env.client, version, PRODUCTION, is);
  const SECURITY = { further: [{ required: 1, from: ['security'], notRequester: true }] };

  it('asks several groups, and one person counts once', async () => {
    await whenAsked(SECURITY, async (question) => {
      assert.match(question.status.waiting?.for ?? '', /1 of release-managers and 1 of security, not rita/);
      assert.equal((await say(question, 'ada')).missing, 1);
      await assert.rejects(say(question, 'ada', { reason: 'again' }), isRefusal('approval-duplicate'));
      assert.equal((await say(question, 'bob')).missing, 0);
      assert.equal((await question.release.result()).outcome.kind, 'released');
    });
  });

  it('does not take the yes of whoever made the image, and says whom it waits for', async () => {
    const test = async (question: Question) => {
      assert.match(question.status.waiting?.for ?? '', /1 of release-managers, not rita, not ada/);
      await assert.rejects(say(question, 'ADA'), isRefusal('approval-excluded'));
      await say(question, 'bob');
      assert.equal((await question.release.result()).outcome.kind, 'released');
    };
    await whenAsked({ notAuthor: true }, test, { authors: ['ada'] });
  });

  it('asks one group after the other', async () => {
    await whenAsked({ ...SECURITY, order: 'in-order' }, async (question) => {
      await assert.rejects(say(question, 'sam'), isRefusal('approval-out-of-order'));
      await say(question, 'bob');
      await say(question, 'sam', { reason: 'now it is my turn' });
      assert.equal((await question.release.result()).outcome.kind, 'released');
    });
  });

  it('asks any one of several groups, and only a whole one is enough', async () => {
    await whenAsked({ ...SECURITY, required: 2, order: 'any-one' }, async (question) => {
      assert.match(question.status.waiting?.for ?? '', /2 of release-managers or 1 of security, not rita/);
      assert.equal((await say(question, 'bob')).missing, 1);
      assert.equal((await say(question, 'sam')).missing, 0);
      assert.equal((await question.release.result()).outcome.kind, 'released');
    });
  });

  it('counts a statement once, whether it was counted or refused', async () => {
    await whenAsked({ required: 2 }, async (question) => {
      await say(question, 'ada', { statement: 'one' });
      await assert.rejects(say(question, 'ada', { statement: 'one' }), isRefusal('approval-replayed'));
      await assert.rejects(say(question, 'bob', { statement: 'one' }), isRefusal('approval-replayed'));
      await assert.rejects(say(question, 'eve', { statement: 'two' }), isRefusal('approval-wrong-group'));
      await assert.rejects(say(question, 'bob', { statement: 'two' }), isRefusal('approval-replayed'));
      await say(question, 'bob', { statement: 'three' });
      assert.equal((await question.release.result()).outcome.kind, 'released');
    });
  });

  it('refuses a reason of a hundred kilobytes before it enters the history, and says so of a signal', async () => {
    await whenAsked({}, async (question) => {
      const reason = 'x'.repeat(100_000);
      await assert.rejects(say(question, 'ada', { reason }), isRefusal('approval-too-large'));
      await question.promotion.signal(approveSignal, answerBy('ada', question.status, { reason }));
      const seen = await see(question, (status) => status.refusedAnswers.length > 0);
      assert.equal(seen.refusedAnswers[0]?.code, 'approval-too-large');
      await say(question, 'ada');
      await question.release.result();
    });
  });

  it('reminds, and widens to others when nobody decides', async () => {
    const rule = { remindEveryMs: 4 * HOUR, widen: { afterMs: 10 * HOUR, to: ['on-call'] } };
    await whenAsked(rule, async (question) => {
      await assert.rejects(say(question, 'cal'), isRefusal('approval-wrong-group'));
      await engine.env.sleep(5 * HOUR);
      const reminded = await see(question, (status) => /reminder 1/.test(status.waiting?.reason ?? ''));
      assert.equal(reminded.phase, 'waiting-for-approval');
      await engine.env.sleep(6 * HOUR);
      const widened = await see(question, (status) => /now also on-call/.test(status.waiting?.for ?? ''));
      assert.deepEqual(widened.approval?.widenedTo, ['on-call']);
      await say(question, 'cal', { reason: 'I am on call' });
      assert.equal((await question.release.result()).outcome.kind, 'released');
    });
  });

  it('lets a yes grow old, and asks for it again', async () => {
    await whenAsked({ required: 2, goodForMs: 2 * HOUR }, async (question) => {
      assert.equal((await say(question, 'ada')).missing, 1);
      await engine.env.sleep(3 * HOUR);
      assert.equal((await say(question, 'bob')).missing, 1, 'the first yes is too old by now');
      await see(question, ({ waiting }) => /; bob said yes, 1 more needed/.test(waiting?.reason ?? ''));
      assert.equal((await say(question, 'ada', { reason: 'still' })).missing, 0);
      assert.equal((await question.release.result()).outcome.kind, 'released');
    });
  });

  it('stays open for the same time again at its deadline, where it is to be deferred', async () => {
    await whenAsked({ atDeadline: 'defer', deadlineMs: 24 * HOUR }, async (question) => {
      assert.equal(question.status.waiting?.then, 'it is asked again');
      await engine.env.sleep(49 * HOUR);
      const later = await see(question, (status) => /deferred 2 times/.test(status.waiting?.reason ?? ''));
      assert.ok(Date.parse(later.waiting?.until ?? '') - Date.parse(later.waiting?.since ?? '') >= 72 * HOUR);
      await say(question, 'ada');
      assert.equal((await question.release.result()).outcome.kind, 'released');
    });
  });

  it('refuses the release at the deadline, reminders and widening or not', async () => {
    const rule = { remindEveryMs: 20 * HOUR, widen: { afterMs: 30 * HOUR, to: ['on-call'] }, goodForMs: 4 * HOUR };
    await whenAsked(rule, async ({ release }) => {
      const { outcome } = await release.result();
      assert.deepEqual([outcome.kind, outcome.refusal?.code], ['refused', 'approval-expired']);
    });
  });

  it('is asked again, of the same plan, when the zone does not count the yeses at the door any more', async () => {
    let knocks = 0;
    const admit: Script['admit'] = async ({ plan, planDigest, baseline }) => {
      const known = { ok: true, plan, planDigest, baseline } as const;
      if (plan.environment !== PRODUCTION) return known;
      knocks += 1;
      const refusal = { code: 'approval-stale', message: 'the statement of ada has ended' } as const;
      return knocks === 1 ? { ok: false, refusal, askAgain: true } : known;
    };
    const test = async (question: Question) => {
      await say(question, 'ada');
      const again = await see(question, ({ approval }) => approval?.askedAgain !== undefined && approval.open);
      assert.equal(again.planDigest, question.status.planDigest);
      assert.deepEqual([again.approval?.given, again.approval?.askedAgain?.void], [[], ['ada']]);
      const step = again.steps.find((one) => one.step === 'approval');
      assert.deepEqual([step?.state, step?.endedAt, step?.summary], ['running', undefined, undefined]);
      assert.match(
        again.waiting?.reason ?? '',
        /asked again, because of .*the statement of ada has ended; the yes of ada is void/,
      );
      await say({ ...question, status: again }, 'ada', { reason: 'still' });
      assert.equal((await question.release.result()).outcome.kind, 'released');
      assert.equal(knocks, 2);
    };
    await whenAsked({}, test, { script: { admit } });
  });

  it('is not put off without an end', async () => {
    const rule = { atDeadline: 'defer', deadlineMs: 25 * 24 * HOUR } as const;
    await whenAsked(rule, async (question) => {
      const { release, promotion, status } = question;
      assert.equal(status.waiting?.then, 'it is asked again');
      await engine.env.sleep(51 * 24 * HOUR);
      const last = await see(question, ({ waiting }) => /deferred 2 times/.test(waiting?.reason ?? ''));
      assert.equal(last.waiting?.then, 'the release is refused');
      const { outcome } = await release.result();
      assert.equal(outcome.refusal?.code, 'approval-expired');
      const { closeTime } = await promotion.describe();
      const days = ((closeTime?.getTime() ?? 0) - Date.parse(status.waiting?.since ?? '')) / (24 * HOUR);
      assert.ok(days >= 60 && days < 75, `sixty days, not ${days}`);
    });
  });

  it('is deferred to the next open window, and for its time from then on', async () => {
    let asked = 0;
    let opensMs = 0;
    const checkGates = async (): Promise<GatesAnswer> => {
      asked += 1;
      if (asked !== 2) return { ok: true, answer: 'yes', verdicts: [] };
      opensMs = (await engine.env.currentTimeMs()) + 10 * 24 * HOUR;
      return { ok: true, answer: 'wait', verdicts: [], until: new Date(opensMs).toISOString() };
    };
    const rule = { atDeadline: 'defer', deadlineMs: 24 * HOUR } as const;
    const test = async (question: Question) => {
      await engine.env.sleep(25 * HOUR);
      const later = await see(question, ({ waiting }) => /deferred once/.test(waiting?.reason ?? ''));
      assert.equal(later.waiting?.until, new Date(opensMs + 24 * HOUR).toISOString());
      assert.ok(later.waiting?.reason.includes(`${PRODUCTION} opens at ${new Date(opensMs).toISOString()}`));
      await say(question, 'ada');
      assert.equal((await question.release.result()).outcome.kind, 'released');
    };
    await whenAsked(rule, test, { gates: [PRODUCTION], script: { checkGates } });
  });
});
