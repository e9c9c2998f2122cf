import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '@temporalio/client';
import { Desks, neverOpened } from '../../../src/client/desks.ts';
import type { Engine } from '../../../src/client/engine.ts';

/** Desks that answer, but for those that are named. */
function desksBut(silent: readonly string[]) {
  const asked: string[] = [];
  const getHandle = (workflowId: string) => ({
    query() {
      const environment = workflowId.slice('environment/'.length);
      asked.push(environment);
      if (silent.includes(environment)) return Promise.reject(new ServiceError('Failed to query Workflow'));
      return Promise.resolve(neverOpened(environment));
    },
  });
  const connection = { withDeadline: <Result>(_: number, call: () => Promise<Result>) => call() };
  const engine = { temporal: { workflow: { getHandle } }, connection, callTimeoutMs: 5_000 };
  return { asked, desks: new Desks(engine as unknown as Engine) };
}

describe('when desks are asked', () => {
  test('one that does not answer keeps nobody from knowing the others', async () => {
    const { desks } = desksBut(['broken']);
    const known = { known: [neverOpened('production')], unanswered: [] };
    assert.deepEqual(await desks.read('production'), known);
    assert.deepEqual(await desks.read('broken'), { known: [], unanswered: ['broken'] });
    assert.deepEqual(await desks.read('production'), known);
  });

  test('whoever did not answer is not waited for again for a while', async () => {
    const { asked, desks } = desksBut(['broken']);
    for (const _ of ['first', 'again']) {
      assert.deepEqual(await desks.read('broken'), { known: [], unanswered: ['broken'] });
    }
    assert.deepEqual(asked, ['broken']);
  });
});
