import assert from 'node:assert/strict';
import { WorkflowNotFoundError } from '@temporalio/common';
import { describe, test } from 'node:test';
import type { Engine } from '../../../src/client/engine.ts';
import { readStatus } from '../../../src/client/status.ts';
import { ReleaseEngineError } from '../../../src/client/release-engine-error.ts';
import { promotionId, releaseId } from '../../../src/contract/workflow-ids.ts';

const key = { service: 'iam', version: '1' };
const missing = promotionId('iam', '1', 'dev');

/** A release whose first leg has the given state, and no promotion workflow at all. */
function engineWithout(legState: 'running' | 'finished'): Engine {
  const release = {
    phase: 'promoting',
    legs: [{ environment: 'dev', workflowId: missing, state: legState }],
  };
  const handle = (workflowId: string) => {
    const answer = async (value: unknown): Promise<unknown> => {
      if (workflowId === releaseId('iam', '1')) return value;
      throw new WorkflowNotFoundError('workflow not found', workflowId, undefined);
    };
    return { query: () => answer(release), describe: () => answer({ raw: {} }) };
  };
  return {
    address: '127.0.0.1:1',
    namespace: 'default',
    user: 'somebody',
    callTimeoutMs: 1000,
    connection: { withDeadline: (_: number, call: () => Promise<unknown>) => call() },
    temporal: { workflow: { getHandle: handle } },
  } as unknown as Engine;
}

describe('when a leg is announced and its workflow is not there yet', () => {
  test('the release is shown without it', async () => {
    const { release, promotions, retrying } = await readStatus(engineWithout('running'), key);
    assert.equal(release.legs.length, 1);
    assert.deepEqual(promotions, []);
    assert.deepEqual(retrying, []);
  });

  test('a finished leg without a workflow is an error all the same', async () => {
    await assert.rejects(readStatus(engineWithout('finished'), key), (error) => {
      assert.ok(error instanceof ReleaseEngineError);
      assert.equal(error.code, 'release-not-found');
      return true;
    });
  });
});
