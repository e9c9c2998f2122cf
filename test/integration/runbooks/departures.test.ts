/** Runbooks of people who are no longer there, and of a service that goes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { openBook } from './support/book.ts';
import { type OnCall, startOnCall } from './support/on-call.ts';

const skip = toolPath('temporal') === undefined && !process.env['CI'] && 'temporal is not installed: npm run setup';

describe('whoever goes on without somebody or something', { skip, timeout: 900_000 }, () => {
  let world: OnCall;
  before(async () => {
    world = await startOnCall();
  });
  after(() => world?.stop());

  test('finds somebody else who answers, asks again under other rules, and ends what nobody will answer', async () => {
    await world.start('2026.11.3');
    await world.untilWaits('2026.11.3', 'approval');
    const book = openBook('lost-approver');
    const me = world.shell();
    const seen = await book.next('sluice status', me);
    const plan = /--plan (sha256:[0-9a-f]{64})/.exec(seen)?.[1] ?? '';
    await book.next('sluice approve', world.shell('ada'), { plan });
    world.configure((document) => {
      const { approvers } = document['trust'];
      approvers['release-managers'].push(...approvers['incident-managers']);
    });
    await world.restartWorkers();
    await world.approve('2026.11.3', ['margaret']);
    await book.next('sluice status', me);
    await book.next('sluice abort', me);
    await world.untilEnded('2026.11.3');
    await book.next('sluice status', me);
    book.end();
  });

  test('ends a service, and keeps what proves how it came there', async () => {
    await world.release('last-1');
    await world.start('waits-1', { example: 'v2' });
    await world.untilWaits('waits-1', 'approval');
    const book = openBook('decommission');
    const me = world.shell();
    await book.next('sluice board', me);
    await book.next('sluice hold set', me);
    await book.next('sluice abort', me, { mend: 'waits-1' });
    await world.untilEnded('waits-1');
    await book.next('sluice evidence export', me, { version: 'last-1' });
    world.configure((document) => {
      const { iam, ...others } = document['services'];
      document['services'] = { ...others, 'iam-next': iam };
    });
    await world.restartWorkers();
    await book.next('sluice doctor', me, { version: 'last-1' });
    world.configure((document) => {
      document['services'].iam = document['services']['iam-next'];
      delete document['services']['iam-next'];
    });
    await world.restartWorkers();
    await book.next('sluice hold lift', me);
    book.end();
    assert.match((await world.stack.sluice(['environment', 'production'])).stdout, /last-1/);
  });
});
