import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOARD_SHOWS, type BoardPlace, leftOut, Places } from '../../../src/client/board.ts';
import type { Engine } from '../../../src/client/engine.ts';

interface Asked {
  readonly query: string;
  readonly pageSize: number;
}

/** An engine whose visibility store answers when it is told to. */
function aStore(underWay = 0) {
  const queries: string[] = [];
  const pages: number[] = [];
  const waiting: (() => void)[] = [];
  const listWorkflowExecutions = ({ query, pageSize }: Asked) => {
    queries.push(query);
    if (query.includes('Running')) pages.push(pageSize);
    return new Promise((resolve) => {
      const found = query.includes('Running') ? Math.min(pageSize, underWay) : 0;
      const nextPageToken = Buffer.from(found === pageSize ? 'more' : '');
      waiting.push(() => resolve({ executions: Array.from({ length: found }, anExecution), nextPageToken }));
    });
  };
  const connection = {
    workflowService: { listWorkflowExecutions },
    withDeadline: <Result>(_: number, call: () => Promise<Result>) => call(),
  };
  const engine = { connection, namespace: 'default', address: 'localhost:7233', callTimeoutMs: 10_000 };
  return {
    queries,
    pages,
    places: new Places(engine as unknown as Engine),
    answer: () => waiting.splice(0).forEach((one) => one()),
  };
}

describe('when several people look at the board', () => {
  test('those who ask while one is being answered share its answer, and the next one asks anew', async () => {
    const { places, queries, answer } = aStore();
    const asked = [places.read(), places.read(), places.read({})];
    await Promise.resolve();
    const each = queries.length;
    assert.ok(each > 0);
    answer();
    await Promise.all(asked);
    assert.equal(queries.length, each);
    const again = places.read();
    await Promise.resolve();
    answer();
    await again;
    assert.equal(queries.length, 2 * each);
  });

  test('who asks for one service is answered for itself', async () => {
    const { places, queries, answer } = aStore();
    const asked = [places.read(), places.read({ service: 'iam' })];
    await Promise.resolve();
    answer();
    await Promise.all(asked);
    assert.equal(queries.filter((one) => one.includes("= 'iam'")).length, 2);
  });
});

describe('when thousands are under way', () => {
  test('the newest are one question to the store, as many as are wanted', async () => {
    const { places, pages, answer } = aStore(10_000);
    const asked = places.read({ newest: 250 });
    await Promise.resolve();
    answer();
    const [place] = await asked;
    assert.deepEqual(pages, [250]);
    assert.equal(place?.entering.length, 250);
  });

  test('how many are left out is said, and none where all are there', () => {
    const shown = (length: number): readonly BoardPlace[] => {
      const entering = Array.from({ length }, () => ({ version: '1.0.0', since: '2026-11-30T10:00:00Z' }));
      return [{ service: 'iam', environment: 'dev', entering }];
    };
    assert.equal(leftOut(shown(BOARD_SHOWS), 10_000), 10_000 - BOARD_SHOWS);
    assert.equal(leftOut(shown(BOARD_SHOWS), BOARD_SHOWS), 0);
    assert.equal(leftOut(shown(3), 4), 0, 'one has begun since');
  });
});

function anExecution() {
  return { execution: { workflowId: 'promotion/iam/1.0.0/dev' }, status: 1 };
}
