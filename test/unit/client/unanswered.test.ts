import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '@temporalio/client';
import { tellPromotion } from '../../../src/client/commands.ts';
import type { Engine } from '../../../src/client/engine.ts';
import { lift, restrain } from '../../../src/client/environments.ts';
import { ReleaseEngineError } from '../../../src/client/release-engine-error.ts';

// google.rpc.Code, as gRPC numbers them
const DEADLINE_EXCEEDED = 4;
const FAILED_PRECONDITION = 9;

/** An engine whose workers ask for work, and whose server answers every update so. */
function engineThatSays(code: number, details: string): Engine {
  const cause = Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
  const pollers = [{ identity: 'busy', lastAccessTime: { seconds: Math.floor(Date.now() / 1_000) } }];
  return engineThat(() => Promise.reject(new ServiceError('Workflow Update failed', { cause })), pollers);
}

function engineThat(does: () => Promise<never>, pollers: readonly object[]): Engine {
  const workflow = { getHandle: () => ({ executeUpdate: does }), executeUpdateWithStart: does };
  const connection = {
    withDeadline: <Result>(_: number, call: () => Promise<Result>) => call(),
    workflowService: { describeTaskQueue: () => Promise.resolve({ pollers }) },
  };
  const facts = { namespace: 'default', user: 'anna', callTimeoutMs: pollers.length === 0 ? 1 : 10_000 };
  return { ...facts, connection, temporal: { workflow } } as unknown as Engine;
}

async function messageOf(call: Promise<unknown>): Promise<string> {
  const error = await call.catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ReleaseEngineError && error.code === 'worker-missing', String(error));
  return error.message;
}

describe('when workers are there and do not answer in time', () => {
  const leg = { service: 'iam', version: '1.0.0', environment: 'dev' };
  const left = '; it was left with the server and may still take effect';

  test('it is said in our own words what was asked, and nothing of what gRPC says of a time that ran out', async () => {
    const engine = engineThatSays(DEADLINE_EXCEEDED, 'Deadline exceeded after 10.001s,remote_addr=127.0.0.1:7233');
    const scope = { environment: 'dev', service: 'iam' };
    const stop = { ...scope, reason: 'errors', forMs: 60_000 };
    const said = [
      [tellPromotion(engine, 'rollBack', leg), 'roll back promotion/iam/1.0.0/dev', 10],
      [tellPromotion(engine, 'retry', leg), 'retry promotion/iam/1.0.0/dev', 10],
      [restrain(engine, 'stop', stop), 'stop environment/dev', 30],
      [lift(engine, 'stop', scope), 'thaw environment/dev', 30],
      [restrain(engine, 'hold', { ...scope, reason: 'errors' }), 'hold set environment/dev', 30],
      [lift(engine, 'hold', scope), 'hold lift environment/dev', 30],
    ] as const;
    for (const [call, what, waited] of said)
      assert.equal(await messageOf(call), `${what}: no answer within ${waited} s${left}`);
  });

  test('whoever stops something hears that no worker is there without waiting as long as a desk may need', async () => {
    const engine = engineThat(() => new Promise(() => undefined), []);
    const stop = { environment: 'dev', reason: 'errors', forMs: 60_000 };
    assert.match(
      await messageOf(restrain(engine, 'stop', stop)),
      /^no worker serves the queue .*may still take effect$/,
    );
  });

  test('why the server could not ask is said as the server says it', async () => {
    const engine = engineThatSays(FAILED_PRECONDITION, 'workflow task in failed state');
    const message = await messageOf(tellPromotion(engine, 'retry', leg));
    assert.match(message, /: no answer within 10 s \(workflow task in failed state\)/);
  });
});
