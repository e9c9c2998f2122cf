/**
 * `npm test`: unit suites while missing tools are fetched and built beside them, then the suites that need those tools, few
 * at a time; one summary at the end. Arguments: suites (`unit integration clients e2e`) or paths; none means all.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { installOwnPackages } from '../packages.mjs';
import { checkout } from '../place.mjs';
import { oneReport } from './one-report.ts';
import { writeRooms } from './rooms.ts';
import { type Suite, SUITES, testFiles } from './stages.ts';

/** Files that start servers: each brings its own, and a machine has few cores. */
const SERVERS_AT_A_TIME = 2;

const arguments_ = process.argv.slice(2);
const isSuite = (text: string): text is Suite => (SUITES as readonly string[]).includes(text);
const named = arguments_.filter(isSuite);
const suites = named.length > 0 ? named : SUITES;
const files = testFiles(
  checkout,
  suites,
  arguments_.filter((text) => !isSuite(text)),
);
const units = files.filter((file) => testFiles(checkout, ['unit']).includes(file));
const others = files.filter((file) => !units.includes(file));

const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
process.chdir(checkout);
// What one process has compiled the others need not compile again.
process.env['NODE_COMPILE_CACHE'] ??= join(checkout, '.sluice', 'compile-cache');

// What tests leave behind is one folder: gone when all passed, kept for whoever looks for the reason.
const scratch = mkdtempSync(join(tmpdir(), 'sluice-test-'));
process.env['TMPDIR'] = scratch;

if (files.length === 0) {
  console.error(`no test file matches ${arguments_.join(' ')}`);
  process.exitCode = 1;
} else {
  await runAll();
}
if (process.exitCode === 0) rmSync(scratch, { recursive: true, force: true });
else console.error(`temporary files and logs: ${scratch}`);

async function runAll(): Promise<void> {
  const setUp = others.length > 0 ? prepareTools() : Promise.resolve(true);
  const report = oneReport(process.stdout);
  if (units.length > 0) {
    const rooms = writeRooms(checkout, units, join(scratch, 'rooms'));
    await report.run(rooms, availableParallelism(), abort.signal);
  }
  const isSetUp = await setUp;
  if (others.length > 0 && !abort.signal.aborted) await report.run(others, SERVERS_AT_A_TIME, abort.signal);
  await report.close();
  process.exitCode = verdict(isSetUp, report) ? 0 : 1;
}

function verdict(isSetUp: boolean, { hasPassed, skipped }: ReturnType<typeof oneReport>): boolean {
  const isComplete = !process.env['CI'] || (isSetUp && skipped.length === 0);
  if (!isComplete) console.error('CI=true: nothing may be skipped and no tool may be missing');
  return isComplete && !abort.signal.aborted && hasPassed();
}

/** Set-up in a process of its own, so that its builds and the unit tests share the machine; the packages of `deploy/` meanwhile. */
async function prepareTools(): Promise<boolean> {
  const wantsAz = suites.includes('clients') && (Boolean(process.env['CI']) || named.includes('clients'));
  const args = ['local/tools/setup.mjs', ...(wantsAz ? ['--with', 'az'] : [])];
  const child = spawn(process.execPath, args, { cwd: checkout, stdio: ['ignore', 'inherit', 'inherit'] });
  abort.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const packages = await installOwnPackages(console.error).then(
    () => true,
    (error: unknown) => {
      console.error(`packages of deploy/: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    },
  );
  const [code] = await exit;
  if (code !== 0) console.error(`${relative(checkout, args[0] as string)} ended with exit code ${code}`);
  return code === 0 && packages;
}
