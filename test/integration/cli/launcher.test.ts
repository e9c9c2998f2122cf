import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { runSluice } from './run-sluice.ts';

const SLUICE = fileURLToPath(new URL('../../../bin/sluice', import.meta.url));

describe('when sluice is typed', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice cli '));
  });
  after(() => rmSync(folder, { recursive: true }));

  test('it runs from anywhere, through symbolic links, without a Node on the PATH', async () => {
    const link = join(folder, 'sluice');
    symlinkSync(SLUICE, link);
    mkdirSync(join(folder, 'bin'));
    symlinkSync('../sluice', join(folder, 'bin', 'sl'));
    const ran = await runSluice(['--version'], {
      program: join(folder, 'bin', 'sl'),
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    });
    assert.deepEqual([ran.exit, ran.err], [0, '']);
    assert.match(ran.out, /^\d+\.\d+\.\d+\n$/);
  });

  const COMMANDS =
    'start plan status watch list board approve reject pause resume abort retry rollback worker doctor completion'.split(
      ' ',
    );
  for (const command of COMMANDS) {
    test(`"${command} --help" has a description and an example`, async () => {
      const { exit, out } = await runSluice([command, '--help']);
      assert.equal(exit, 0);
      assert.match(out, new RegExp(`Examples?:\\n.*sluice ${command}|Examples?:\\n.*completion`, 's'));
    });
  }

  const wrong: [args: string[], says: RegExp][] = [
    [['statis', 'iam', '1'], /Did you mean status/],
    [['watch', 'iam'], /missing required argument 'version'/],
    [['status', 'iam', '1', 'more'], /too many arguments/],
    [['watch', 'iam', '1', '--timeout', 'soon'], /duration such as 30s/],
    [['list', '--outcome', 'good'], /Allowed choices are released, refused/],
    [['list', '--waiting', 'aproval'], /Allowed choices are gate, approval, turn, stop, operator, attention, undo/],
    [['list', '--limit', '0'], /number from 1/],
    [['worker'], /name --environments, --engine, or both/],
    [['completion', 'tcsh'], /Allowed choices/],
    [['approve', 'iam', '1', '--sure'], /unknown option '--sure'/],
  ];
  const BACK = ['rollback', 'iam', '--environment', 'production'];
  wrong.push(
    [BACK, /going back needs '--reason <text>', or name the version/],
    [['rollback', 'iam'], /going back needs '--environment <name>' and '--reason <text>'/],
    [['rollback', 'iam', '--reason', 'x'], /going back needs '--environment <name>', or/],
    [['rollback', 'iam', '2026.11.3', '--to', '2026.11.2', '--reason', 'x'], /name a version or --to, not both/],
    [['serve', '--address', '0.0.0.0'], /0\.0\.0\.0 is not loopback/],
    [['worker', '--engine', '--metrics', 'nonsense'], /IP address and a port such as 127\.0\.0\.1:9464/],
    [['stop', '--reason', 'errors', '--for', '400d'], /at most a year: 366d/],
    [['hold', 'set', 'iam', '--environment', 'dev', '--reason', 'errors', '--for', '400d'], /at most a year/],
    [['pause', 'iam', '1', '--for', '400d'], /at most a year: 366d/],
    [['stop', '--reason', '', '--for', '1h'], /a text that is not empty/],
    [['rollback', 'iam', '--environment', 'dev', '--reason', ' '], /a text that is not empty/],
    [['override', 'iam', '1', '--gate', 'freeze', '--reason', ''], /a text that is not empty/],
    [['help', 'release'], /unknown command 'release'/],
    [['help', 'gates', 'tset'], /unknown command 'gates tset' \(did you mean "test"\?\)/],
    [['gates'], /Usage: sluice gates/],
  );
  for (const [args, says] of wrong) {
    test(`"${args.join(' ')}" is a wrong call and exits with 2`, async () => {
      const { exit, out, err } = await runSluice(args);
      assert.equal(exit, 2);
      assert.equal(out, '');
      assert.match(err, says);
    });

    test(`"${args.join(' ')} --json" says so in one JSON value on stderr`, async () => {
      const { exit, out, err } = await runSluice([...args, '--json']);
      assert.deepEqual([exit, out], [2, '']);
      const { error } = JSON.parse(err) as { error: { code: string; message: string } };
      assert.equal(error.code, 'input-invalid');
      assert.match(error.message, /^(?!error)./);
    });
  }

  test('"help" shows the usage of the command that is named, however deep it lies', async () => {
    for (const [args, shows] of [
      [['help'], /^Usage: sluice \[options\]/],
      [['help', 'start'], /^Usage: sluice start/],
      [['help', 'gates', 'test'], /^Usage: sluice gates test/],
    ] as const) {
      const { exit, out, err } = await runSluice(args);
      assert.deepEqual([exit, err], [0, '']);
      assert.match(out, shows);
    }
  });

  test('whoever reads no further ends the output and nothing else', async () => {
    for (const args of [['--help'], ['whoami', '--json'], ['frob']]) {
      const whole = await runSluice(args, { env: { XDG_CONFIG_HOME: folder } });
      const { exit, err } = await runSluice(args, { env: { XDG_CONFIG_HOME: folder }, unread: true });
      assert.deepEqual([exit, err], [whole.exit, whole.err]);
    }
  });

  test('results that cannot be written are said to be lost', { skip: process.platform !== 'linux' }, async () => {
    const { exit, err } = await runSluice(['-c', `"${SLUICE}" --version > /dev/full`], { program: '/bin/sh' });
    assert.equal(exit, 20);
    assert.match(err, /^error: the results cannot be written: .*\n$/);
  });

  test('a configuration with mistakes is told line by line, as JSON if asked', async () => {
    writeFileSync(join(folder, 'sluice.yaml'), 'version: 1\npath: [dev]\nenvironmnts: {}\n');
    const people = await runSluice(['plan', 'iam', '1.0.0'], { cwd: folder });
    assert.equal(people.exit, 2);
    assert.match(
      people.err,
      /config-invalid: \d problems\n.*sluice\.yaml:3:1 environmnts\n.*did you mean "environments"/s,
    );
    const program = await runSluice(['plan', 'iam', '1.0.0', '--json'], { cwd: folder });
    const { error } = JSON.parse(program.err) as { error: { code: string; problems: unknown[] } };
    assert.equal(error.code, 'config-invalid');
    assert.ok(error.problems.length >= 2);
  });

  test('a configuration that is not there is said to be missing', async () => {
    const { exit, err } = await runSluice(['plan', 'iam', '1.0.0', '--config', 'nowhere.yaml'], { cwd: '/' });
    assert.equal(exit, 2);
    assert.match(err, /config-missing/);
  });

  test("mistakes in what Temporal's own clients read are the user's, each with its file", async () => {
    const broken = join(folder, 'temporal.toml');
    writeFileSync(broken, '[profile\nx');
    for (const [env, says] of [
      [{ TEMPORAL_PROFILE: 'nope' }, /config-invalid: .*\n.*\n +Profile 'nope' not found/],
      [{ TEMPORAL_CONFIG_FILE: broken }, /config-invalid: .*\n.*temporal\.toml\n +Invalid TOML document/],
      [{ TEMPORAL_CONFIG_FILE: folder }, /config-invalid: .*\n.*sluice cli .*\n +EISDIR/],
    ] as const) {
      const { exit, err } = await runSluice(['list'], { env: { HOME: folder, ...env } });
      assert.match(err, says);
      assert.equal(exit, 2);
    }
  });

  test('the doctor goes on where others stop: each thing that is unwell is named with a remedy', async () => {
    const { exit, out } = await runSluice(['doctor'], { cwd: folder, env: { TEMPORAL_ADDRESS: '127.0.0.1:9' } });
    assert.equal(exit, 10);
    assert.match(out, /✗ configuration: sluice\.yaml:3:1 environmnts/);
    assert.match(out, /✗ temporal: Temporal does not answer at 127\.0\.0\.1:9/);
    assert.match(out, /\d to repair\n$/);
    assert.doesNotMatch(out, /sluice doctor/, 'nobody is sent where they are');
  });

  test('completion knows commands, options and choices', async () => {
    const words = async (...line: string[]): Promise<string> => (await runSluice(['complete', '--', ...line])).out;
    assert.match(await words('st'), /^start\t.*\nstatus\t/);
    assert.match(await words('list', '--out'), /^--outcome\t/);
    assert.match(await words('list', '--outcome', ''), /rolled-back/);
    for (const shell of ['bash', 'zsh', 'fish']) {
      assert.match((await runSluice(['completion', shell])).out, /sluice complete/);
    }
  });
});
