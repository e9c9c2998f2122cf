/** Runbooks of what is down: it is made so, gone through, and brought back. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Temporal } from '../../../local/temporal/start-temporal.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { openBook } from './support/book.ts';
import { type OnCall, startOnCall } from './support/on-call.ts';
import { temporalAgain } from './support/temporal-again.ts';

const skip = toolPath('temporal') === undefined && !process.env['CI'] && 'temporal is not installed: npm run setup';

describe('whoever is on call in an outage', { skip, timeout: 900_000 }, () => {
  let world: OnCall;
  let server: Temporal;
  /** What "Undo" takes back. */
  const stopAgain = async (environment: string): Promise<void> => {
    const words = ['--environment', environment, '--reason', 'a guess', '--for', '1h'];
    const { code, stderr } = await world.stack.sluice(['stop', ...words]);
    assert.equal(code, 0, stderr);
  };

  before(async () => {
    world = await startOnCall({ retryFor: '10s' });
    server = world.stack.temporal;
  });
  after(async () => {
    await world?.stop();
    await server?.stop();
  });

  test('brings the server back with its database, and everybody connects again by themselves', async () => {
    const at = { version: 'under-way' };
    await world.start('under-way');
    await world.untilWaits('under-way', 'approval');
    const book = openBook('temporal-down');
    const me = world.shell();
    await server.stop();
    await book.next('sluice doctor', me, at);
    await book.next('temporal operator cluster health', me, at);
    server = await temporalAgain(world.stack);
    await book.next('temporal operator cluster health', me, at);
    await book.next('sluice list --running', me, at);
    book.end();
    await world.approve('under-way');
    await world.untilEnded('under-way');
  });

  test('keeps new promotions out of an environment whose registry is down, and lets what is parked go on', async () => {
    const { faults } = world.stack.emulator;
    const at = { version: 'lost-1', environment: 'staging' };
    faults.set({ fault: 'status', status: 503, match: { registry: 'onestreamstaging' } });
    await world.start('lost-1', { example: 'v2', until: 'staging' });
    const book = openBook('registry-or-cluster-down');
    const me = world.shell();
    await book.next('sluice status', me, at);
    await book.next('sluice doctor', me, at);
    await book.next('sluice stop', me, at);
    await world.untilWaits('lost-1', 'attention');
    faults.clear();
    await book.next('sluice thaw', me, at);
    await book.next('sluice retry', me, at);
    await world.untilEnded('lost-1');
    await book.next('sluice status', me, at);
    await stopAgain('staging');
    await book.next('sluice thaw', me, at);
    book.end();
  });
});
