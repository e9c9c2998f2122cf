import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gapsOf, promotionsOf, withoutEvidence, withoutHistory } from '../../../src/evidence/gaps.ts';
import { readHistory } from '../../../src/evidence/history.ts';
import { aReleaseWithEvidence, type EvidencedRelease } from '../../support/evidence.ts';
import { historyOf, type Told } from '../../support/histories.ts';

const found = (told: Told) =>
  gapsOf(told.workflowId, readHistory(historyOf(told))).map(({ gap, says }) => `${gap}: ${says}`);

async function aRelease(): Promise<{ readonly release: Told; readonly production: Told }> {
  const { told }: EvidencedRelease = await aReleaseWithEvidence();
  const [release, , production] = told as readonly [Told, Told, Told];
  return { release, production };
}

describe('a trail without a gap', () => {
  test('is one of a release whose promotions were let in, agreed to, recorded and kept', async () => {
    const { release, production } = await aRelease();
    assert.deepEqual([found(release), found(production)], [[], []]);
    const kept = { workflow: 'evidence', workflowId: 'evidence/iam', runId: 'e', input: {}, result: { kept: true } };
    assert.deepEqual(withoutEvidence('release', historyRead(release), historyRead(kept)), []);
  });

  test('is one of what is still under way', async () => {
    const { release, production } = await aRelease();
    const { result: _, ...going } = production;
    assert.deepEqual(found(going), []);
    const keeping = { workflow: 'evidence', workflowId: 'evidence/iam', runId: 'e', input: {} };
    assert.deepEqual(withoutEvidence('release', historyRead(release), historyRead(keeping)), []);
  });
});

describe('a trail breaks off', () => {
  test('where a release, a promotion or a roll-back has ended without an outcome', async () => {
    for (const workflow of ['release', 'promotion', 'rollback']) {
      const history = historyOf({ workflow, workflowId: 'x', runId: 'r', input: {}, result: {} }) as {
        events: { eventType: string }[];
      };
      const last = { eventTime: '2026-11-23T12:00:00Z', eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED' };
      history.events[history.events.length - 1] = last;
      assert.deepEqual(
        gapsOf('x', readHistory(history)).map(({ gap }) => gap),
        ['no-end'],
        workflow,
      );
    }
  });

  test('where an environment runs something that it has not let in', async () => {
    const { production } = await aRelease();
    const activities = production.activities?.filter(({ name }) => name !== 'admit') ?? [];
    assert.match(found({ ...production, activities }).join(), /^no-admission: /);
  });

  test('where fewer have agreed than the plan asked for, and where nothing vouches for a name', async () => {
    const { production } = await aRelease();
    const saying = (change: (given: readonly object[]) => readonly object[]): Told => {
      const activities = production.activities?.map((one) => {
        const request = one.request as { approvals?: readonly object[] };
        return request.approvals === undefined
          ? one
          : { ...one, request: { ...request, approvals: change(request.approvals) } };
      });
      return { ...production, ...(activities === undefined ? {} : { activities }) };
    };
    assert.deepEqual(found(saying((given) => given.slice(1))), ['no-approval: 2 had to agree, and 1 did']);
    const named = saying((given) => given.map((one, at) => (at === 0 ? { ...one, proof: undefined } : one)));
    assert.deepEqual(found(named), ['no-approval: nothing vouches for grace: names on trust']);
    const rejected = saying((given) => given.map((one) => ({ ...one, decision: 'reject' })));
    assert.deepEqual(found(rejected), ['no-approval: 2 had to agree, and 0 did']);
  });

  test('where an environment has left no signed record', async () => {
    const { production } = await aRelease();
    const result = { ...(production.result as object), evidence: [] };
    assert.deepEqual(found({ ...production, result }), ['no-record: the environment has left no signed record of it']);
  });

  test('where evidence should have been kept and was not', async () => {
    const { release } = await aRelease();
    const says = (kept: Told | undefined) =>
      withoutEvidence('release', historyRead(release), kept === undefined ? undefined : historyRead(kept)).map(
        (one) => one.says,
      );
    assert.deepEqual(says(undefined), ['nobody has kept its evidence']);
    const failed = { kept: false, refusal: { code: 'registry-forbidden', message: 'may not push' } };
    const keeping = { workflow: 'evidence', workflowId: 'evidence/iam', runId: 'e', input: {} };
    assert.deepEqual(says({ ...keeping, result: failed }), ['its evidence was not kept: may not push']);
  });

  test('where the history of a promotion that was begun is not there any more', async () => {
    const { release } = await aRelease();
    const begun = promotionsOf(historyRead(release));
    assert.deepEqual(
      begun.map(({ workflowId }) => workflowId),
      ['promotion/iam/2026.11.3/dev', 'promotion/iam/2026.11.3/production'],
    );
    const [, production] = begun.map(withoutHistory);
    assert.partialDeepStrictEqual(production, {
      ...{ gap: 'no-history', service: 'iam', version: '2026.11.3', environment: 'production' },
      runId: 'run-in-production',
    });
  });
});

function historyRead(told: Told) {
  return readHistory(historyOf(told));
}
