import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { checkout } from '../../../local/tools/place.mjs';
import { startProgram } from '../../../local/tools/program.ts';
import { ownPackages } from '../../../local/tools/packages.mjs';
import { suiteOf, testFiles } from '../../../local/tools/tests/stages.ts';
import { until } from '../../../local/tools/until.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'sluice-programs-'));
const logFile = (): string => join(folder(), 'log');
const node = (script: string) => ({ name: 'child', file: process.execPath, args: ['-e', script], logFile: logFile() });
const STAYS = 'setInterval(() => undefined, 1000)';

describe('when a program is run', () => {
  test('stopping ends it, also when it does not listen to SIGTERM', async () => {
    const polite = await startProgram(node(STAYS));
    await polite.stop();
    assert.equal(await polite.ended, 'SIGTERM');
    assert.equal(polite.running, false);
    const deaf = await startProgram(node(`process.on('SIGTERM', () => undefined); console.log('ready'); ${STAYS}`));
    await until(() => deaf.logTail().includes('ready'), { what: 'the deaf program', timeoutMs: 10_000 });
    await deaf.stop(50);
    assert.equal(await deaf.ended, 'SIGKILL');
    await deaf.stop();
  });

  test('its end is told with its last words', async () => {
    const program = await startProgram(
      node(`console.log('out'); console.error('no such thing'); process.exitCode = 3`),
    );
    assert.equal(await program.ended, 'exit code 3');
    assert.match(program.logTail(), /out[\s\S]*no such thing/);
  });

  test('a program that is not there is an error', async () => {
    await assert.rejects(startProgram({ ...node(''), file: '/nowhere/tool' }), /child could not be started/);
  });

  test('it dies with a parent that is killed', async () => {
    const module = join(checkout, 'local', 'tools', 'program.ts');
    const script = `
      import { startProgram } from ${JSON.stringify(module)};
      const child = await startProgram({ name: 'x', file: process.execPath, args: ['-e', ${JSON.stringify(STAYS)}], logFile: ${JSON.stringify(logFile())} });
      console.log(child.pid);
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: parent.stdout as Readable }), 'line')) as [string];
    const pid = Number(line);
    assert.ok(isAlive(pid));
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid), { what: 'the end of the grandchild', timeoutMs: 20_000 });
  });
});

describe('when a condition is waited for', () => {
  const settings = { what: 'rain', timeoutMs: 60_000, everyMs: 1 };

  test('the first answer that is one counts, errors are asked again', async () => {
    const answers = [undefined, false, new Error('not yet'), 'yes'];
    const ask = (): string | undefined | false => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer as string;
    };
    assert.equal(await until(ask, settings), 'yes');
  });

  test('out of time, the last error is in the message', async () => {
    const ask = (): never => {
      throw new Error('connection refused');
    };
    await assert.rejects(until(ask, { ...settings, timeoutMs: 5 }), /rain: not within 0.005 s \(connection refused\)/);
  });

  test('hopelessness and interruption end it although the question is not answered', async () => {
    const never = (): Promise<undefined> => new Promise(() => undefined);
    await assert.rejects(until(never, { ...settings, hopeless: Promise.resolve('desert') }), /rain: desert/);
    const reason = new Error('enough');
    await assert.rejects(until(never, { ...settings, signal: AbortSignal.abort(reason) }), reason);
  });
});

describe('when tests are sorted into suites', () => {
  test('folders that name no suite need what integration tests need', () => {
    assert.equal(suiteOf(join('test', 'unit', 'tools', 'x.test.ts')), 'unit');
    assert.equal(suiteOf(join('test', 'clients', 'x.test.ts')), 'clients');
    assert.equal(suiteOf(join('test', 'e2e', 'deep', 'x.test.ts')), 'e2e');
    assert.equal(suiteOf(join('test', 'replay', 'x.test.ts')), 'integration');
    assert.equal(suiteOf(join('deploy', 'azure', 'test', 'x.test.ts')), 'integration');
  });

  test('quick ones come first, and paths narrow the choice', () => {
    const root = folder();
    for (const path of ['e2e/a', 'integration/b', 'unit/z', 'clients/c', 'replay/d', 'unit/not-a-test']) {
      const file = join(root, 'test', path.includes('not') ? `${path}.ts` : `${path}.test.ts`);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, '');
    }
    const all = testFiles(root, ['unit', 'integration', 'clients', 'e2e']);
    const names = ['unit/z', 'integration/b', 'replay/d', 'clients/c', 'e2e/a'];
    assert.deepEqual(
      all,
      names.map((name) => `test/${name}.test.ts`),
    );
    assert.deepEqual(testFiles(root, ['unit', 'e2e'], ['test/e2e']), ['test/e2e/a.test.ts']);
  });

  test('a package of its own keeps its tests beside it, and has a lockfile', () => {
    const root = folder();
    for (const path of ['deploy/cloud/test/a.test.ts', 'deploy/cloud/node_modules/x/test/b.test.ts']) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), '');
    }
    assert.deepEqual(testFiles(root, ['integration']), ['deploy/cloud/test/a.test.ts']);
    assert.deepEqual(ownPackages(root), []);
    writeFileSync(join(root, 'deploy', 'cloud', 'package-lock.json'), '{}');
    assert.deepEqual(ownPackages(root), ['deploy/cloud']);
  });
});

describe('when several runs become one report', () => {
  test('the last lines are the runner’s own summary with the sums; skips are listed with their reasons', async () => {
    const dir = folder();
    const write = (name: string, body: string): string => {
      const file = join(dir, name);
      writeFileSync(file, `import { test } from 'node:test';\n${body}`);
      return file;
    };
    const first = write('a.test.mjs', `test('works', () => undefined);`);
    const second = write(
      'b.test.mjs',
      `test('is not for here', { skip: 'no tool' }, () => undefined);\ntest('fails', () => { throw new Error('boom'); });`,
    );
    const script = `
      import { oneReport } from ${JSON.stringify(join(checkout, 'local', 'tools', 'tests', 'one-report.ts'))};
      const report = oneReport(process.stdout);
      await report.run([${JSON.stringify(first)}], 1, new AbortController().signal);
      await report.run([${JSON.stringify(second)}], 1, new AbortController().signal);
      await report.close();`;
    const main = join(dir, 'main.mjs');
    writeFileSync(main, script);
    const output = await outputOf(main);
    assert.match(output, /skipped: is not for here .*no tool/);
    assert.match(output, /boom/);
    const summary = output
      .trimEnd()
      .split('\n')
      .slice(-8)
      .map((line) => line.replace(/^\W+/, ''));
    assert.deepEqual(summary.slice(0, 7), [
      'tests 3',
      'suites 0',
      'pass 1',
      'fail 1',
      'cancelled 0',
      'skipped 1',
      'todo 0',
    ]);
    assert.match(summary[7] ?? '', /^duration_ms \d/);
  });

  test('a suite that breaks outside of its tests is no success, though no sum counts it', async () => {
    const dir = folder();
    const broken = join(dir, 'c.test.mjs');
    writeFileSync(broken, `import { suite } from 'node:test';\nsuite('breaks', () => { throw new Error('boom'); });`);
    const main = join(dir, 'main.mjs');
    const script = `
      import { oneReport } from ${JSON.stringify(join(checkout, 'local', 'tools', 'tests', 'one-report.ts'))};
      const report = oneReport(process.stdout);
      await report.run([${JSON.stringify(broken)}], 1, new AbortController().signal);
      console.log(report.hasPassed() ? 'passed' : 'not passed');`;
    writeFileSync(main, script);
    assert.match(await outputOf(main), /not passed/);
  });
});

/** What a program prints that runs tests itself: a runner inside of a test does nothing, unless it does not know where it is. */
function outputOf(main: string): Promise<string> {
  const env = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  return new Promise((resolve) => {
    execFile(process.execPath, [main], { env }, (_, stdout) => resolve(stdout));
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
