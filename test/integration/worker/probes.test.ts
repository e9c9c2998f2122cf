import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NativeConnection, Worker } from '@temporalio/worker';
import { until } from '../../../local/tools/until.ts';
import { startProbes, type Probes } from '../../../src/worker/probes.ts';
import { startEngine } from '../../support/engine.ts';

const asked = async (probes: Probes, path: string, method = 'GET') => {
  const response = await fetch(`${probes.url}${path}`, { method });
  return { status: response.status, text: (await response.text()).trim() };
};

describe('the probes of a worker', () => {
  test('it is ready only while it polls; it lives when Temporal goes away, and is not ready', async () => {
    const engine = await startEngine('real');
    const connection = await NativeConnection.connect({ address: engine.env.address });
    const nothing = async () => undefined;
    const worker = await Worker.create({ connection, taskQueue: 'sluice-probed', activities: { nothing } });
    const probes = await startProbes('127.0.0.1:0', () => [worker], connection);
    try {
      assert.deepEqual(await asked(probes, '/readyz'), {
        status: 503,
        text: 'sluice-probed: not polled, its worker is INITIALIZED',
      });
      assert.deepEqual(await asked(probes, '/livez'), { status: 200, text: 'ok' });
      await worker.runUntil(async () => {
        await until(async () => (await asked(probes, '/readyz')).status === 200, {
          what: 'the worker polls',
          timeoutMs: 30_000,
        });
        assert.equal((await asked(probes, '/elsewhere')).status, 404);
        assert.equal((await asked(probes, '/livez', 'POST')).status, 405);
        await engine.stop();
        await until(async () => (await asked(probes, '/readyz')).text === 'Temporal does not answer', {
          what: 'it is seen that the server is away',
          timeoutMs: 60_000,
        });
        assert.deepEqual(await asked(probes, '/livez'), { status: 200, text: 'ok' });
      });
      assert.match((await asked(probes, '/readyz')).text, /its worker is STOPPED$/);
    } finally {
      await probes.close();
      await connection.close();
    }
    await assert.rejects(fetch(`${probes.url}/livez`));
  });

  test('a poller that has failed ends the life of its process; the others do not hide it', async () => {
    const probed = (taskQueue: string, state: ReturnType<Worker['getState']>) => ({
      options: { taskQueue },
      getState: () => state,
    });
    // whether a process lives is not asked of Temporal
    const unasked = {} as NativeConnection;
    const starting = await startProbes('127.0.0.1:0', () => [], unasked);
    assert.deepEqual(await asked(starting, '/readyz'), { status: 503, text: 'it is starting' });
    await starting.close();
    const probes = await startProbes('127.0.0.1:0', () => [probed('a', 'RUNNING'), probed('b', 'FAILED')], unasked);
    try {
      assert.deepEqual(await asked(probes, '/livez'), { status: 503, text: 'b: its worker has failed' });
      await assert.rejects(
        startProbes(new URL(probes.url).host, () => [], unasked),
        /EADDRINUSE/,
      );
    } finally {
      await probes.close();
    }
  });
});
