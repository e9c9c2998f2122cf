import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openInbox } from '../../support/events.ts';
import { formatTime } from '../../../src/cli/render/time.ts';
import { CALENDAR, GOOD, PUBLIC_KEY } from '../../unit/config/written.ts';
import { type Ran, runSluice } from './run-sluice.ts';

const GATES =
  'gates: [{ freeze: { calendar: freezes.ics, zone: Europe/Berlin } }, { ticket: { pattern: "[A-Z]+-[0-9]+" } }]';

describe('when gates are tried from the command line', () => {
  let folder = '';
  const sluice = (args: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    runSluice(`gates test iam 2026.11.3 --environment production ${args}`.split(' '), {
      cwd: folder,
      // no engine listens there: nothing may ask for one
      env: { AZURE_SUBSCRIPTION_ID: 'sub', TEMPORAL_ADDRESS: '127.0.0.1:1', SLUICE_USER: 'ada', ...env },
    });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-gates-'));
    const text = GOOD.replace('lockImages: true', GATES).replace('keys/cosign.pub', 'cosign.pub');
    writeFileSync(join(folder, 'sluice.yaml'), text);
    writeFileSync(join(folder, 'freezes.ics'), CALENDAR);
    writeFileSync(join(folder, 'cosign.pub'), PUBLIC_KEY);
  });
  after(() => rmSync(folder, { recursive: true }));

  test('a table says what each answers, and the exit code what they come to', async () => {
    const { exit, out, err } = await sluice('--at 2026-12-24T16:00[Europe/Berlin] --ticket OPS-12');
    assert.equal(exit, 7, err);
    assert.ok(out.includes(`\nwait    freeze  ${formatTime('2026-12-26T23:00:00.000Z')}`), out);
    assert.match(out, /^yes {5}ticket/m);
    assert.equal((await sluice('--at 2026-12-28T12:00Z --ticket OPS-12')).exit, 0);
    assert.equal((await sluice('--at 2026-12-28T12:00Z')).exit, 3);
  });

  test('programs read one JSON value', async () => {
    const { out } = await sluice('--at 2026-12-28T12:00Z --requested-by grace --json');
    const trial = JSON.parse(out) as { facts: { requestedBy: string }; admission: { gates: string[] } };
    assert.equal(trial.facts.requestedBy, 'grace');
    assert.deepEqual(trial.admission.gates, ['ticket']);
  });

  test('a time without a zone is one of this machine', async () => {
    const { exit, out } = await sluice('--at 2026-12-24T16:00 --ticket OPS-12 --json', {
      TZ: 'America/New_York',
    });
    const trial = JSON.parse(out) as { facts: { at: string }; admission: { gates: string[] } };
    assert.deepEqual([exit, trial.facts.at, trial.admission.gates], [7, '2026-12-24T21:00:00.000Z', ['freeze']]);
  });

  test('somebody outside is asked only when it is wanted', async () => {
    const board = await openInbox(
      () => (_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end('{"answer":"yes","reason":"the board has met"}'),
    );
    const before = readFileSync(join(folder, 'sluice.yaml'), 'utf8');
    const external = `gates: [{ external: { url: "${board.url}", secretFrom: { file: board } } }]`;
    try {
      writeFileSync(join(folder, 'sluice.yaml'), before.replace(GATES, external));
      writeFileSync(join(folder, 'board'), `whsec_${Buffer.alloc(32, 7).toString('base64')}\n`);
      const quiet = await sluice('--json');
      assert.deepEqual([quiet.exit, board.received.length], [7, 0], quiet.err);
      const { exit, out, err } = await sluice('--call');
      assert.deepEqual([exit, board.received.length], [0, 1], err);
      assert.match(out, /^yes {5}external .*the board has met/m);
    } finally {
      writeFileSync(join(folder, 'sluice.yaml'), before);
      await board.close();
    }
  });

  test('a time that is none is a usage error that shows one', async () => {
    const { exit, err } = await sluice('--at tomorrow');
    assert.equal(exit, 2);
    assert.match(err, /2026-12-24T16:00\[Europe\/Berlin\]/);
  });
});
