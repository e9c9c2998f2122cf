import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogger } from '../../../src/telemetry/logger.ts';

const TOKEN = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ3b3JrZXIifQ.c2lnbmF0dXJl';

function logged(log: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  log(createLogger((line) => lines.push(line)));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("the worker's log", () => {
  it('is one JSON object a line, with time, level and message', () => {
    const [line] = logged((logger) => logger.info('worker started', { taskQueue: 'sluice-dev' }));
    assert.deepEqual(
      [line?.['level'], line?.['message'], line?.['taskQueue']],
      ['INFO', 'worker started', 'sluice-dev'],
    );
    assert.ok(!Number.isNaN(Date.parse(String(line?.['time']))));
  });

  it('leaves out whatever it does not know, so that no secret slips in', () => {
    const text = JSON.stringify(
      logged((logger) =>
        logger.warn('call failed', { authorization: TOKEN, headers: { Authorization: TOKEN }, payload: TOKEN }),
      ),
    );
    assert.equal(text.includes(TOKEN), false);
  });

  it('writes what a zone refused, and to whom', () => {
    const about = {
      audit: 'refused',
      code: 'not-admitted',
      environment: 'production',
      service: 'iam',
      version: '1.0.0',
    };
    const who = { planDigest: 'sha256:a', requestedBy: 'rita', approver: 'ada', workflowId: 'by hand', runId: 'one' };
    const [line] = logged((logger) => logger.warn('refused: no', { ...about, ...who, statement: TOKEN }));
    assert.deepEqual({ ...line, time: '' }, { time: '', level: 'WARN', message: 'refused: no', ...about, ...who });
  });

  it('writes errors as their message', () => {
    const [line] = logged((logger) => logger.error('activity failed', { error: new Error('no route'), attempt: 2 }));
    assert.deepEqual([line?.['error'], line?.['attempt']], ['no route', 2]);
  });

  it('does not write what is only for debugging', () => {
    assert.deepEqual(
      logged((logger) => logger.debug('tick')),
      [],
    );
  });
});
