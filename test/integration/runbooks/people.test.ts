/** Runbooks of what people decide, gone through in the condition that they are for. */
import { after, before, describe, test } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { openBook } from './support/book.ts';
import { type OnCall, startOnCall } from './support/on-call.ts';

const skip = toolPath('temporal') === undefined && !process.env['CI'] && 'temporal is not installed: npm run setup';

describe('whoever is asked what is to be done', { skip, timeout: 900_000 }, () => {
  let world: OnCall;
  before(async () => {
    world = await startOnCall();
  });
  after(() => world?.stop());

  test('lets what is parked go on, be undone, or be given up', async () => {
    const { faults } = world.stack.emulator;
    const book = openBook('needs-attention');
    const me = world.shell();
    const park = async (version: string): Promise<{ version: string }> => {
      await world.stack.push('v2');
      faults.set({ fault: 'status', status: 403, match: { registry: 'onestreamdev', method: 'GET', path: '/blobs/' } });
      await world.start(version, { example: 'v2', until: 'dev' });
      await world.untilWaits(version, 'attention');
      faults.clear();
      return { version };
    };
    const first = await park('parked-1');
    await book.next('sluice status', me, first);
    await book.next('sluice watch', me, first);
    await book.next('sluice retry', me, first);
    await world.untilEnded('parked-1');
    await book.next('sluice rollback', me, await park('parked-2'));
    await world.untilEnded('parked-2');
    await book.next('sluice abort', me, await park('parked-3'));
    await world.untilEnded('parked-3');
    await book.next('sluice status', me, first);
    book.end();
  });
});
