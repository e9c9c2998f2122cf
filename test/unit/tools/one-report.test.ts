import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../../../local/tools/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-report-'));

/** As one whose worker listens for SIGTERM itself, and whose server holds the runner's pipes. */
const HANGS = `
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
process.on('SIGTERM', () => undefined);
const server = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'inherit' });
writeFileSync(process.env.SLUICE_TEST_PID, String(server.pid));
test('never ends', () => new Promise(() => undefined));
`;

/** In a process of its own: node's runner does not run inside of itself. */
const RUNS = (file: string) => `
import { oneReport } from ${JSON.stringify(new URL('../../../local/tools/tests/one-report.ts', import.meta.url).href)};
const report = oneReport(process.stdout, { testMs: 1_000, processMs: 2_000 });
await report.run([${JSON.stringify(file)}], 1, new AbortController().signal);
await report.close();
console.log(report.hasPassed() ? 'passed' : 'failed');
`;

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the report of all test files', () => {
  test('comes to its end when a file does not, and leaves nothing running', async () => {
    const file = join(folder, 'hangs.test.mjs');
    const runner = join(folder, 'runner.mjs');
    const pidFile = join(folder, 'pid');
    writeFileSync(file, HANGS);
    writeFileSync(runner, RUNS(file));
    const env: NodeJS.ProcessEnv = { ...process.env, SLUICE_TEST_PID: pidFile };
    delete env['NODE_TEST_CONTEXT'];
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, [runner], { env }, (_, stdout) => resolve(stdout));
    });
    assert.match(output, /never ends/);
    assert.match(output, /^failed$/m);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await until(() => !isThere(pid), { what: 'the server it has started is gone', timeoutMs: 30_000 });
  });
});
