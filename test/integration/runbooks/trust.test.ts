/** Runbooks of keys in other hands and of pushes by somebody who should not. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXAMPLE_KEYS } from '../../../examples/images.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { openBook } from './support/book.ts';
import { type OnCall, startOnCall } from './support/on-call.ts';

const skip = toolPath('temporal') === undefined && !process.env['CI'] && 'temporal is not installed: npm run setup';

describe('whoever is on call when a key or an image is not what it should be', { skip, timeout: 900_000 }, () => {
  let world: OnCall;
  const revoke = (list: readonly object[]): void =>
    writeFileSync(join(world.stack.dir, 'revoked.yaml'), JSON.stringify(list));
  before(async () => {
    world = await startOnCall();
    revoke([]);
    world.configure((document) => {
      document['trust'].revoked = join(world.stack.dir, 'revoked.yaml');
    });
    await world.restartWorkers();
    await world.start('2026.11.3', { until: 'dev', words: ['--wait'] });
  });
  after(() => world?.stop());

  test('looks at a push by somebody who does not usually push', async () => {
    const book = openBook('unusual-registry-access');
    const me = world.shell();
    const { version } = await world.stack.push('unsigned');
    await book.next('sluice audit', me);
    await book.next('sluice stop', me);
    await book.next('sluice verify', me, { version });
    await book.next('sluice doctor', me);
    await book.next('sluice thaw --reason "INC', me);
    const again = await world.stack.sluice(['stop', '--reason', 'a guess', '--for', '1h']);
    assert.equal(again.code, 0, again.stderr);
    await book.next('sluice thaw --reason "it was', me);
    book.end();
  });

  test('withdraws a key, sees what of it runs, and goes on with another one', async () => {
    const book = openBook('keys');
    const me = world.shell();
    const { version: mend } = await world.stack.push('foreign');
    await book.next('sluice doctor', me);
    await book.next('sluice stop', me);
    revoke([{ key: fileURLToPath(EXAMPLE_KEYS.trusted), since: '2020-01-01T00:00:00Z', why: 'stolen', by: 'grace' }]);
    await book.next('sluice verify', me);
    await book.next('sluice board', me);
    world.configure((document) => {
      document['trust'].signatures = [{ key: fileURLToPath(EXAMPLE_KEYS.foreign) }];
    });
    await world.restartWorkers();
    await book.next('sluice verify', me, { mend });
    await book.next('sluice thaw', me);
    book.end();
  });
});
