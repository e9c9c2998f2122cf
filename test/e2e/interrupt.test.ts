/** Ctrl-C at every phase of the demo: the exit code says so and no process is left behind. Linux: processes are found in /proc. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { checkout } from '../../local/tools/place.mjs';
import { toolPath } from '../../local/tools/tool-path.ts';
import { until } from '../../local/tools/until.ts';

const missing = (['temporal', 'control-plane'] as const).filter((tool) => toolPath(tool) === undefined);
const skip =
  (missing.length > 0 && !process.env['CI'] && `${missing.join(', ')} not installed: npm run setup`) ||
  (process.platform !== 'linux' && 'processes are counted in /proc');

/** When the interrupt comes: at once, or when a line with this text has been shown. */
const PHASES: readonly (readonly [string, string])[] = [
  ['before anything is up', 'The local stack'],
  ['when the registries are up', 'registries'],
  ['when Temporal is up and the clusters are starting', 'Temporal'],
  ['when a control plane is up and its nodes are starting', 'Kubernetes'],
  ['when a worker is up', 'worker'],
  ['in the middle of the story', 'staging    promotion'],
];

describe('when the demo is interrupted', { skip, concurrency: 1 }, () => {
  for (const [phase, text] of PHASES) {
    test(`${phase}, nothing is left behind`, { timeout: 240_000 }, async () => {
      const demo = startDemo();
      await shows(demo.child, text);
      demo.child.kill('SIGINT');
      const [code] = (await once(demo.child, 'exit')) as [number | null];
      assert.equal(code, 130);
      await nothingLeft(demo);
    });
  }

  test('killed without a chance to stop, everything ends by itself', { timeout: 240_000 }, async () => {
    const demo = startDemo();
    await shows(demo.child, 'worker');
    assert.notDeepEqual(processesOf(demo), [], 'the mark finds the processes');
    demo.child.kill('SIGKILL');
    await once(demo.child, 'exit');
    await nothingLeft(demo);
  });
});

/** A guard that was started in the last moment learns by its closed channel that it is alone, and ends a moment after everybody else. */
async function nothingLeft(demo: Demo): Promise<void> {
  await until(() => processesOf(demo).length === 0, {
    what: 'the end of every process',
    timeoutMs: 60_000,
  }).catch((error: Error) => assert.fail(`${error.message}: ${processesOf(demo).join('\n')}`));
}

interface Demo {
  readonly child: ChildProcess;
  /** Its folder: every process of it has that in its arguments or its environment. */
  readonly mark: string;
}

function startDemo(): Demo {
  const mark = mkdtempSync(join(tmpdir(), 'sluice-interrupt-'));
  const args = ['local/demo/main.ts', '--exit', '--ports', 'free', '--dir', mark];
  const env = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  return { child: spawn(process.execPath, args, { cwd: checkout, env, stdio: [...stdio] }), mark };
}

async function shows(child: ChildProcess, text: string): Promise<void> {
  for await (const line of createInterface({ input: child.stdout as Readable })) {
    if (!line.includes(text)) continue;
    (child.stdout as Readable).resume();
    return;
  }
  assert.fail(`the demo ended before it showed "${text}"`);
}

function processesOf({ mark, child }: Demo): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`);
      const isGuard = command.includes(`guard.mjs ${child.pid} `);
      return isGuard || command.includes(mark) || read(`/proc/${pid}/environ`).includes(mark)
        ? [`${pid} ${command}`]
        : [];
    });
}

/** Empty for a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
