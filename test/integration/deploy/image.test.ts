/** The Containerfile cannot be built without a registry of images: its rules, and that the files which it copies are a worker. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../../../local/tools/until.ts';
import { startEngine } from '../../support/engine.ts';
import { EXAMPLE } from './support/kubectl.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const read = (name: string) => readFileSync(join(ROOT, 'deploy/kubernetes', name), 'utf8');
const LINES = read('Containerfile')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const COPIED = LINES.filter((line) => line.startsWith('COPY ') && !line.includes('--from')).flatMap((line) =>
  line.split(' ').slice(1, -1),
);

describe('the image of a worker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-image-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('it has no base unless one is named, runs as nobody, and gets only what it copies', () => {
    assert.ok(LINES.includes('ARG NODE_IMAGE'), 'no default');
    for (const from of LINES.filter((line) => line.startsWith('FROM '))) assert.match(from, /^FROM \$\{NODE_IMAGE\}/);
    assert.ok(LINES.indexOf('USER 10001:10001') > LINES.findLastIndex((line) => /^(COPY|RUN)/.test(line)));
    const [, version] = /^NODE_VERSION=(.+)$/m.exec(readFileSync(join(ROOT, '.env'), 'utf8')) ?? [];
    assert.ok(read('Containerfile').includes(`node:${version}-bookworm-slim`), 'the Node that everything is tested on');
    for (const one of COPIED) assert.ok(existsSync(join(ROOT, one)), one);
    const letIn = [...read('Containerfile.dockerignore').matchAll(/^!(.+)$/gm)].map(([, name]) => name);
    assert.deepEqual(letIn.toSorted(), [...new Set(COPIED)].toSorted());
  });

  test('what it copies, with what it installs, is a worker that starts, and ends at SIGTERM', async () => {
    for (const one of COPIED) cpSync(join(ROOT, one), join(folder, one), { recursive: true });
    await promisify(execFile)('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'], {
      cwd: folder,
    });
    assert.ok(!existsSync(join(folder, 'node_modules/node')), 'Node is that of the base image');
    const engine = await startEngine('real');
    const worker = spawn(
      process.execPath,
      [join(folder, 'src/cli/main.ts'), '--config', join(EXAMPLE, 'config/sluice.yaml')].concat([
        'worker',
        '--engine',
        '--name',
        'sluice-engine.worker-0',
        '--probes',
        '127.0.0.1:0',
      ]),
      {
        cwd: tmpdir(),
        env: {
          PATH: process.env['PATH'],
          TEMPORAL_ADDRESS: engine.env.address,
          NODE_OPTIONS: '--max-old-space-size=768',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let told = '';
    for (const stream of [worker.stdout, worker.stderr]) stream.on('data', (data) => (told += String(data)));
    const ended = once(worker, 'exit');
    try {
      await until(async () => told.includes('serves sluice'), {
        what: `the worker serves; it says ${told}`,
        timeoutMs: 120_000,
      });
      worker.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null], told);
    } finally {
      worker.kill('SIGKILL');
      await engine.stop();
    }
  });
});
