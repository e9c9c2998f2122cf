/** What the scripts of pipelines/ call sluice with: caught by a sluice that writes down what it is given, and handed to the real command line. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { typedWords } from '../../support/typed.ts';
import { optionsOf, SCRIPTS } from './templates.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const IMAGE = `onestreamdev.azurecr.io/iam@${DIGEST}`;
const NAMED = ['--service', 'iam', '--version', '2026.12.1-ab12cd'];

/** Every option of a script in at least one call. */
const CALLS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'guard.sh': [
    ['--service', 'iam'],
    [
      ...['--service', 'iam', '--scheme', 'semantic', '--path', 'services/iam'],
      ...['--release-branch', 'release/*', '--source', '.'],
    ],
    ['--service', 'iam', '--path', '', '--release-branch', ''],
  ],
  'manifests.sh': [[...NAMED, '--image', IMAGE, '--key', 'cosign.key', '--config', 'other.yaml']],
  'release.sh': [
    NAMED,
    [...NAMED, '--wait-for', 'dev', '--timeout', '50m', '--waiting-ok', 'true', '--abort-on-cancel', 'True'],
    [
      ...[...NAMED, '--image', IMAGE, '--manifests', DIGEST, '--committed-at', '1780000000', '--wait-for', 'dev'],
      ...['--timeout', '50m', '--waiting-ok', 'true', '--abort-on-cancel', 'true', '--summary', 'summary.md'],
      ...['--config', 'other.yaml'],
    ],
    [...NAMED, '--image', IMAGE, '--manifests', '', '--committed-at', '', '--wait-for', '', '--waiting-ok', 'False'],
  ],
  'rollback.sh': [
    ['--service', 'iam', '--environment', 'production', '--reason', 'two words; "and" a sign', '--to', ''],
    [
      ...['--service', 'iam', '--environment', 'production', '--reason', 'it leaks', '--to', '2026.11.3-ab12cd'],
      ...['--timeout', '50m', '--config', 'other.yaml'],
    ],
  ],
};

describe('a script of pipelines/', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-typed-'));
  const calls = join(dir, 'calls');
  after(() => rmSync(dir, { recursive: true }));
  const pushed = JSON.stringify({ reference: `onestreamdev.azurecr.io/iam@${DIGEST}`, digest: DIGEST });
  writeFileSync(
    join(dir, 'sluice'),
    `#!/bin/sh\nprintf '%s\\0' "$@" >>"${calls}"\nprintf '\\n' >>"${calls}"\necho '${pushed}'\n`,
    { mode: 0o755 },
  );
  writeFileSync(join(dir, 'cosign'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });

  /** What a script gives to sluice, call by call. */
  function caught(script: string, args: readonly string[]): readonly (readonly string[])[] {
    rmSync(calls, { force: true });
    const env = { PATH: `${dir}:${process.env['PATH']}`, COSIGN: join(dir, 'cosign'), HOME: dir };
    const { status, stdout, stderr } = spawnSync(join(SCRIPTS, script), [...args], { encoding: 'utf8', env });
    assert.equal(status, 0, `${script} ${args.join(' ')}: ${stdout}${stderr}`);
    assert.ok(existsSync(calls), `${script} never called sluice`);
    const lines = readFileSync(calls, 'utf8').split('\0\n').slice(0, -1);
    return lines.map((line) => line.split('\0'));
  }

  test('that calls sluice is one of these, with every option that it has', () => {
    const calling = readdirSync(SCRIPTS)
      .filter((name) => name.endsWith('.sh') && name !== 'lib.sh')
      .filter((name) => /(?:^\s*|exec |\$\()sluice /m.test(readFileSync(join(SCRIPTS, name), 'utf8')));
    assert.deepEqual(calling.toSorted(), Object.keys(CALLS));
    for (const [script, each] of Object.entries(CALLS)) {
      assert.deepEqual([...new Set(each.flat().filter((word) => word.startsWith('--')))].toSorted(), optionsOf(script));
    }
  });

  for (const [script, each] of Object.entries(CALLS)) {
    test(`gives sluice what its command line takes: ${script}`, async () => {
      for (const args of each) {
        const given = caught(script, args);
        assert.equal(given.length, 1, script);
        for (const words of given) await typedWords(words);
      }
    });
  }

  test('would be found out by an option, a verb or a word that sluice does not have', async () => {
    const [first = []] = caught('release.sh', NAMED);
    await assert.rejects(typedWords([...first, '--wait-fro', 'dev']), /wait-fro/);
    await assert.rejects(typedWords(['realease', ...first.slice(1)]), /realease|unknown command/);
    await assert.rejects(typedWords([...first, 'one-too-many']), /too many arguments/);
  });

  test('hands a reason on as one word, whatever stands in it', () => {
    const reason = '##vso[task.complete]; $(id) "x" `y` *';
    const [words = []] = caught('rollback.sh', ['--service', 'iam', '--environment', 'dev', '--reason', reason]);
    assert.ok(words.includes(reason), words.join('|'));
  });
});
