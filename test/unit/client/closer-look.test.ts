import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '@temporalio/client';
import type { BoardPlace } from '../../../src/client/index.ts';
import { CloserLook } from '../../../src/client/closer-look.ts';
import type { Engine } from '../../../src/client/engine.ts';
import type { PromotionStatus } from '../../../src/contract/status.ts';
import { AT, DIGEST, aPromotion, aStep } from './views.ts';

const waiting = { reason: 'wants 1 yes', for: 'release-managers', since: AT, answer: ['sluice approve iam 1.0.0'] };
/** As Temporal's client throws what its server says. */
function serviceError(code: number, details: string): ServiceError {
  const cause = Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
  return new ServiceError('Failed to query Workflow', { cause });
}
const NOBODY = serviceError(4, 'query timed out before a worker could process it');
const FAILING = serviceError(9, 'Unable to query workflow due to Workflow Task in failed state.');

/** An engine whose workers answer as they are told. */
function anEngine(answer: (workflowId: string, runId?: string) => Promise<PromotionStatus>) {
  const asked: string[] = [];
  let atOnce = 0;
  let most = 0;
  const getHandle = (workflowId: string, runId?: string) => ({
    async query() {
      asked.push(workflowId);
      atOnce += 1;
      most = Math.max(most, atOnce);
      try {
        return await answer(workflowId, runId);
      } finally {
        atOnce -= 1;
      }
    },
  });
  const connection = { withDeadline: <Result>(_: number, call: () => Promise<Result>) => call() };
  const engine = { temporal: { workflow: { getHandle } }, connection, callTimeoutMs: 5_000 };
  return { asked, look: new CloserLook(engine as unknown as Engine), mostAtOnce: () => most };
}

function aPlace(environment: string, versions: readonly string[]): BoardPlace {
  const entering = versions.map((version, index) => ({
    version,
    waitingFor: 'approval',
    since: new Date(Date.parse(AT) + index).toISOString(),
  }));
  return { service: 'iam', environment, entering };
}

const RUNNING: BoardPlace = {
  service: 'iam',
  environment: 'dev',
  running: { version: '1.0.0', since: AT, approvedBy: [], runId: 'run-1' },
  entering: [],
};

describe('when promotions are asked for a board', () => {
  test('each that waits says why, and what runs says who brought it and how well it was', async () => {
    const health = aStep('health', 'done', { endedAt: AT, summary: 'answered 200' });
    const { look } = anEngine(async (workflowId) =>
      aPromotion(workflowId.endsWith('/2.0.0/dev') ? { waiting } : { workflowId, steps: [health] }),
    );
    const [place] = await look.at([{ ...RUNNING, entering: aPlace('dev', ['2.0.0']).entering }]);
    assert.deepEqual(place?.entering[0]?.waiting, waiting);
    assert.deepEqual(place?.running, {
      ...RUNNING.running,
      digest: DIGEST,
      requestedBy: 'pipeline',
      health: { state: 'well', at: AT, by: 'promotion/iam/1.0.0/dev', said: 'answered 200' },
    });
  });

  test('health that was skipped or never seen is not called well', async () => {
    const healthOf = async (status: Partial<PromotionStatus>): Promise<unknown> => {
      const [place] = await anEngine(async () => aPromotion(status)).look.at([RUNNING]);
      return place?.running?.health?.state;
    };
    assert.equal(await healthOf({ steps: [aStep('health', 'skipped')] }), 'not-looked-at');
    assert.equal(await healthOf({ steps: [aStep('health', 'pending')] }), undefined);
    assert.equal(await healthOf({ steps: [] }), undefined);
  });

  test('of thousands a bounded number is asked, few at once, the oldest of every place first; the others keep their word', async () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `1.${index}.0`);
    const { asked, look, mostAtOnce } = anEngine(async () => aPromotion({ waiting }));
    const [crowded, quiet] = await look.at([aPlace('dev', many), aPlace('staging', ['1.0.0'])]);
    assert.ok(asked.length <= 20, String(asked.length));
    assert.ok(mostAtOnce() <= 8, String(mostAtOnce()));
    assert.deepEqual(quiet?.entering[0]?.waiting, waiting);
    assert.deepEqual(crowded?.entering[0]?.waiting, waiting);
    const last = crowded?.entering.at(-1);
    assert.deepEqual([crowded?.entering.length, last?.waitingFor, last?.waiting], [5_000, 'approval', undefined]);
  });

  test('what has ended is asked once, and whoever asks at the same time shares the answer', async () => {
    const { asked, look } = anEngine(async () => aPromotion());
    await Promise.all([look.at([RUNNING]), look.at([RUNNING])]);
    await look.at([RUNNING]);
    assert.deepEqual(asked, ['promotion/iam/1.0.0/dev']);
  });

  test('where nobody answers, the board is as it was, and nobody is asked again for a while', async () => {
    const { asked, look } = anEngine(() => Promise.reject(NOBODY));
    const places = [RUNNING, aPlace('staging', ['2.0.0', '2.1.0'])];
    assert.deepEqual(await look.at(places), places);
    const before = asked.length;
    assert.deepEqual(await look.at(places), places);
    assert.equal(asked.length, before);
  });

  test('one promotion that cannot answer keeps nobody else from answering', async () => {
    for (const failure of [new Error('its history cannot be read'), FAILING, NOBODY]) {
      const { look } = anEngine(async (workflowId) => {
        if (!workflowId.includes('2.0.0')) return aPromotion({ waiting });
        // whoever is silent is so for longer than the others take to answer
        await new Promise((resolve) => setImmediate(resolve));
        throw failure;
      });
      for (const _ of ['first', 'again']) {
        const [place] = await look.at([aPlace('dev', ['2.0.0', '2.1.0'])]);
        assert.deepEqual(
          place?.entering.map((one) => one.waiting),
          [undefined, waiting],
          failure.message,
        );
      }
    }
  });

  test('a promotion whose workflow task fails has been heard of: it is no sign that nobody answers', async () => {
    const { look } = anEngine(async (workflowId) => {
      if (workflowId.includes('2.0.0')) throw FAILING;
      return aPromotion({ waiting });
    });
    await look.at([aPlace('dev', ['2.0.0'])]);
    const [place] = await look.at([aPlace('staging', ['2.1.0'])]);
    assert.deepEqual(place?.entering[0]?.waiting, waiting);
  });
});
