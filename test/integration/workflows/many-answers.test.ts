import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { approveSignal, approveUpdate } from '../../../src/contract/promotion-workflow.ts';
import { YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { answerBy, aVersion, promotionOf, startRelease, until } from '../../support/releases.ts';
import { APPROVAL, scriptedActivities } from '../../support/scripted-activities.ts';

const MANY = 1_000;
/** The client repeats those that the end of the promotion cuts off, more and more slowly. */
const UPDATES = 200;
const numbers = Array.from({ length: MANY }, (_, index) => index);

describe('when many people answer one question at once', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');

  async function whenAsked(
    work: (asked: Awaited<ReturnType<typeof until>>, version: string, calls: readonly string[]) => Promise<void>,
    required = 1,
  ): Promise<void> {
    const version = aVersion();
    const { activities, calls } = scriptedActivities(
      { lockImage: async () => YES },
      { path: ['dev'], approvals: { dev: { ...APPROVAL, required } } },
    );
    await engine.during(activities, async () => {
      const release = await startRelease(engine.env.client, version);
      await work(await until(engine.env.client, version, 'dev', (one) => one.approval?.open === true), version, calls);
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  }
  const codeOf = (error: unknown): string => {
    assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
    return (error.cause as { type?: string }).type ?? '';
  };

  it('counts one of two answers that the same person sends from two shells at the same instant', async () => {
    // a second yes is still wanted: what keeps hers from being it is that it is hers
    await whenAsked(async (question, version) => {
      const promotion = promotionOf(engine.env.client, version, 'dev');
      const say = (name: string, reason: string) =>
        promotion.executeUpdate(approveUpdate, { args: [answerBy(name, question, { reason })] });
      const shells = await Promise.allSettled(['one', 'two'].map((reason) => say('ada', reason)));
      const refused = shells.flatMap((one) => (one.status === 'rejected' ? [codeOf(one.reason)] : []));
      assert.deepEqual(refused, ['approval-duplicate']);
      const { approval } = await until(engine.env.client, version, 'dev', (one) => one.approval?.given.length === 1);
      assert.deepEqual([approval?.open, approval?.missing], [true, 1]);
      assert.equal((await say('bob', 'three')).missing, 0);
    }, 2);
  });

  it('counts one of a thousand signals, tells of the others, and asks the zone about few of them', async () => {
    await whenAsked(async (question, version, calls) => {
      const promotion = promotionOf(engine.env.client, version, 'dev');
      await Promise.all(
        numbers.map((number) => promotion.signal(approveSignal, answerBy(`person ${number}`, question))),
      );
      const ended = await until(engine.env.client, version, 'dev', (one) => one.phase === 'finished');
      assert.equal(ended.approval?.given.length, 1);
      assert.match(ended.refusedAnswers[0]?.code ?? '', /approval-not-open|release-finished/);
      assert.ok(calls.filter((call) => call.startsWith('checkApproval')).length <= 200);
      assert.ok((await promotion.describe()).historyLength < 5_000);
    });
  });

  it('answers two hundred updates: one counts, every other one is refused', async () => {
    await whenAsked(async (question, version) => {
      const promotion = promotionOf(engine.env.client, version, 'dev');
      const answers = await Promise.allSettled(
        numbers
          .slice(0, UPDATES)
          .map((number) => promotion.executeUpdate(approveUpdate, { args: [answerBy(`person ${number}`, question)] })),
      );
      const refused = answers.filter((one) => one.status === 'rejected').map((one) => one.reason as unknown);
      assert.equal(refused.length, UPDATES - 1);
      // those that the end of the promotion cuts off are answered by the server, in words of its own
      for (const error of refused)
        if (error instanceof WorkflowUpdateFailedError)
          assert.match(codeOf(error), /^(approval-not-open|release-finished)$/);
      assert.ok((await promotion.describe()).historyLength < 5_000);
    });
  });
});
