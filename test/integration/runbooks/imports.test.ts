/** Runbook of an import that does not end: it hangs, fails, is asked for again, and is given up. */
import { after, before, describe, test } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { openBook } from './support/book.ts';
import { type OnCall, startOnCall } from './support/on-call.ts';

const skip = toolPath('temporal') === undefined && !process.env['CI'] && 'temporal is not installed: npm run setup';
const HANGS = { fault: 'import-hangs', match: { registry: 'onestreamstaging' } } as const;
/** Whoever asks for the operation is told that they may not. */
const REFUSED = { fault: 'status', status: 403, match: { registry: 'arm', path: '/operationResults/' } } as const;

describe('whoever is on call when an import does not end', { skip, timeout: 900_000 }, () => {
  let world: OnCall;
  before(async () => {
    world = await startOnCall();
  });
  after(() => world?.stop());

  test('waits, has it tried again once its cause is mended, and gives up what cannot be mended', async () => {
    const { faults } = world.stack.emulator;
    const book = openBook('stuck-import');
    const me = world.shell();
    const at = { version: 'hanging-1', environment: 'staging' };
    faults.set(HANGS);
    await world.start('hanging-1', { until: 'staging' });
    await book.next('sluice status', me, at);
    await book.next('sluice watch', me, at);
    await book.next('temporal workflow describe', me, at);
    faults.set(REFUSED);
    await world.untilWaits('hanging-1', 'attention');
    faults.clear();
    await book.next('sluice retry', me, at);
    await world.untilEnded('hanging-1');
    faults.set(HANGS);
    faults.set(REFUSED);
    await world.start('hanging-2', { example: 'v2', until: 'staging' });
    await world.untilWaits('hanging-2', 'attention');
    await book.next('sluice abort', me, { version: 'hanging-2' });
    await world.untilEnded('hanging-2');
    await book.next('sluice status', me, at);
    book.end();
  });
});
