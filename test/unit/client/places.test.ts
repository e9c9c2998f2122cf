import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Places } from '../../../src/client/board.ts';
import type { Engine } from '../../../src/client/engine.ts';

/** An engine whose visibility store answers when it is told to. */
function aStore() {
  const queries: string[] = [];
  const waiting: (() => void)[] = [];
  const listWorkflowExecutions = ({ query }: { readonly query: string }) => {
    queries.push(query);
    return new Promise((resolve) => {
      waiting.push(() => resolve({ executions: [], nextPageToken: new Uint8Array() }));
    });
  };
  const connection = {
    workflowService: { listWorkflowExecutions },
    withDeadline: <Result>(_: number, call: () => Promise<Result>) => call(),
  };
  const engine = { connection, namespace: 'default', address: 'localhost:7233', callTimeoutMs: 10_000 };
  return {
    queries,
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
