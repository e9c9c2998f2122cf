/** Runbooks of an incident, gone through in the condition that they are for. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { openBook } from './support/book.ts';
import { type OnCall, startOnCall } from './support/on-call.ts';

const missing = (['temporal', 'control-plane'] as const).filter((tool) => toolPath(tool) === undefined);
const skip = missing.length > 0 && !process.env['CI'] && `${missing.join(', ')} not installed: npm run setup`;

describe('whoever is on call in an incident', { skip, timeout: 900_000 }, () => {
  let world: OnCall;
  before(async () => {
    world = await startOnCall({ cluster: 'real' });
    world.configure((document) => {
      document['environments'].production.guardian = { every: '1d', onDrift: 'alert' };
    });
    await world.restartWorkers();
    await world.release('2026.11.3');
  });
  after(() => world?.stop());
  const runs = async (): Promise<string> => {
    const { stdout } = await world.stack.sluice(['environment', 'production']);
    return /^ {2}iam +(\S+)/m.exec(stdout)?.[1] ?? '';
  };

  test('stops everything, goes back, lets a mend pass, and goes on', async () => {
    await world.release('bad-1', { example: 'v2' });
    await world.start('mend-1', { words: ['--wait', '--wait-for', 'staging'] });
    const book = openBook('emergency-stop');
    const me = world.shell();
    await book.next('sluice board', me);
    await book.next('sluice stop --reason', me);
    await book.next('sluice stop --environment production --service', me);
    await book.next('sluice rollback', me);
    await world.approve('2026.11.3', ['ada', 'linus']);
    await world.until('production has gone back', async () => (await runs()) === '2026.11.3');
    await world.approve('mend-1');
    const mend = { mend: 'mend-1' };
    await world.untilWaits('mend-1', 'turn');
    await book.next('sluice override iam 2026.11.4 --gate stop', world.shell('margaret'), mend);
    await book.next('sluice override iam 2026.11.4 --gate hold', world.shell('ada'), mend);
    await world.until('the mend is there', async () => (await runs()) === 'mend-1');
    await book.next('sluice thaw --reason', me);
    await book.next('sluice thaw --environment production --service', me);
    assert.match(await book.next('sluice environment', me), /^\$ sluice environment(?![^$]*\n {2}(?:stop|hold): )/);
    await book.next('sluice thaw --reason "false alarm"', me);
    book.end();
  });

  test('changes by hand what Sluice cannot, is told of it, and brings back what was released', async () => {
    await world.release('next-1', { example: 'v2' });
    const book = openBook('break-glass');
    const me = world.shell();
    await book.next('sluice doctor', me);
    await book.next('sluice stop', me);
    await book.next('kubectl --namespace iam get', me);
    await book.next('sluice guardian', me);
    await book.next('sluice audit', me);
    await book.next('sluice rollback', me);
    await world.approve('mend-1', ['ada', 'linus']);
    await world.until('production has gone back', async () => (await runs()) === 'mend-1');
    await book.next('sluice hold lift', me);
    book.end();
  });

  test('hears from a receiver again that answered nothing but errors', async () => {
    world.receiver.status = 500;
    const book = openBook('dead-webhook');
    const me = world.shell();
    await book.next('sluice notifications test', me);
    await book.next('sluice notifications test --name ops --json', me);
    await book.next('sluice doctor', me);
    world.receiver.status = 200;
    await book.next('sluice audit', me);
    await book.next('sluice notifications test', me);
    book.end();
  });

  test('finds an image that nobody signed, and what was signed instead', async () => {
    await world.start('2026.11.5', { example: 'unsigned', until: 'dev' });
    const book = openBook('unsigned-image');
    const me = world.shell();
    const unsigned = { version: '2026.11.5' };
    await book.next('sluice verify', me, unsigned);
    await book.next('sluice status', me, unsigned);
    await book.next('sluice stop', me);
    await book.next('sluice verify', me, { mend: '2026.11.3' });
    await book.next('sluice thaw', me);
    book.end();
  });
});
