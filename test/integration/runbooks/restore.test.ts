/** Runbook of a database that is lost: an earlier one is put back, and what has happened since is found. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Temporal } from '../../../local/temporal/start-temporal.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { openBook } from './support/book.ts';
import { type OnCall, startOnCall } from './support/on-call.ts';
import { temporalAgain } from './support/temporal-again.ts';

const skip = toolPath('temporal') === undefined && !process.env['CI'] && 'temporal is not installed: npm run setup';

describe('whoever is on call when the database is lost', { skip, timeout: 900_000 }, () => {
  let world: OnCall;
  let server: Temporal;
  before(async () => {
    world = await startOnCall();
    server = world.stack.temporal;
  });
  after(async () => {
    await world?.stop();
    await server?.stop();
  });

  test('puts an earlier one back, ends what is not where it seems to be, and goes on', async () => {
    const workers = Object.values(world.stack.workers);
    const database = join(world.stack.dir, 'temporal');
    const backup = join(world.stack.dir, 'backup');
    const down = async (): Promise<void> => {
      await Promise.all(workers.map((one) => one.stop()));
      await server.stop();
    };
    await world.start('under-way');
    await world.untilWaits('under-way', 'approval');
    await down();
    cpSync(database, backup, { recursive: true });
    server = await temporalAgain(world.stack);
    await Promise.all(workers.map((one) => one.start()));
    await world.approve('under-way');
    await world.untilEnded('under-way');
    await world.start('since-1', { example: 'v2', until: 'dev', words: ['--wait'] });

    await down();
    rmSync(database, { recursive: true });
    cpSync(backup, database, { recursive: true });
    server = await temporalAgain(world.stack);
    const book = openBook('restore-from-backup');
    const me = world.shell();
    const at = { version: 'under-way' };
    await book.next('temporal operator namespace list', me, at);
    await book.next('sluice list', me, at);
    await book.next('temporal operator search-attribute list', me, at);
    // the engine's worker is that of dev and staging as well
    await world.stack.workers.nonproduction.start();
    await book.next('sluice stop', me, at);
    await world.stack.workers.production.start();
    await book.next('sluice abort', me, at);
    await world.untilEnded('under-way');
    await book.next('sluice doctor', me, at);
    await book.next('sluice thaw', me, at);
    book.end();
  });
});
