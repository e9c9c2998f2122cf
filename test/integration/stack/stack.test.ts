import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startControlPlane } from '../../../local/control-plane/index.ts';
import { runningDigests } from '../../../local/demo/facts.ts';
import { auditorsFile, environmentFile } from '../../../local/stack/environment-files.ts';
import { belongingsOf } from '../../../local/stack/people.ts';
import { startStack } from '../../../local/stack/start-stack.ts';
import { readConfig } from '../../../src/config/read-config.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import type { Foresight } from '../../../src/cli/foresight.ts';

const missing = (['temporal', 'control-plane'] as const).filter((tool) => toolPath(tool) === undefined);
const skip = missing.length > 0 && !process.env['CI'] && `${missing.join(', ')} not installed: npm run setup`;

const folder = (): string => mkdtempSync(join(tmpdir(), 'sluice-stack-'));
const silentWorkers = { workers: [] } as const;

describe('when the local stack is started', { skip }, () => {
  test('approvers have keys of their own, and sign in at the emulator where that is asked for', async () => {
    const approvers = async (signIn: boolean): Promise<unknown> => {
      const stack = await startStack({ dir: folder(), ports: 'free', cluster: 'simulated', signIn, ...silentWorkers });
      try {
        const { configFile: file, emulator } = stack;
        const readText = (path: string): string => readFileSync(path, 'utf8');
        const config = readConfig({
          text: readText(file),
          file,
          variables: stack.env('person'),
          readText,
          readFolder: () => [],
        });
        if (config.approvers.kind === 'unproven') return 'unproven';
        const { people, identity } = config.approvers;
        return identity === undefined ? people.map(({ name }) => name) : identity.issuer === emulator.signIn.issuer;
      } finally {
        await stack.stop();
      }
    };
    assert.deepEqual(await approvers(false), ['ada', 'grace', 'linus', 'margaret']);
    assert.equal(await approvers(true), true);
  });

  test('a shell that reads a person’s file is theirs, also when it was the pipeline’s before', async () => {
    const stack = await startStack({ dir: folder(), ports: 'free', cluster: 'simulated', ...silentWorkers });
    try {
      const { environmentFile: graces } = belongingsOf(stack.peopleFolder, 'grace');
      const script = `. ${environmentFile(stack)}; . ${graces}; echo "header:$IDENTITY_HEADER"; exec sluice whoami --json`;
      const env = { PATH: process.env['PATH'], HOME: stack.dir };
      const { stdout } = await promisify(execFile)('sh', ['-c', script], { env, timeout: 60_000 });
      assert.match(stdout, /^header:\n[^]*"name": ?"grace",\s*"proof": ?"key"/);
      assert.equal(statSync(belongingsOf(stack.peopleFolder, 'grace').keyFile).mode & 0o077, 0);
      const nobody = await stack.sluice(['whoami', '--json'], { user: 'build-pipeline' });
      assert.match(nobody.stdout, /"proof": ?"none"/);
    } finally {
      await stack.stop();
    }
  });

  test('a shell that reads the auditor’s file may read every registry', async () => {
    const stack = await startStack({ dir: folder(), ports: 'free', cluster: 'simulated', ...silentWorkers });
    try {
      const { version } = await stack.push('v1');
      const script = `. ${environmentFile(stack)}; . ${auditorsFile(stack)}; exec sluice verify iam:${version} --environment`;
      const env = { PATH: process.env['PATH'], HOME: stack.dir };
      const ask = (name: string) => promisify(execFile)('sh', ['-c', `${script} ${name}`], { env, timeout: 60_000 });
      const { stdout } = await ask('dev');
      assert.match(stdout, /proven/);
      const answer: unknown = await ask('production').catch((error: unknown) => error);
      assert.ok(answer instanceof Error && 'code' in answer && answer.code === 9, String(answer));
      assert.equal(statSync(auditorsFile(stack)).mode & 0o077, 0);
    } finally {
      await stack.stop();
    }
  });

  test('the web pages are served beside it when they are asked for', async () => {
    const stack = await startStack({ dir: folder(), ports: 'free', cluster: 'simulated', web: true, ...silentWorkers });
    try {
      const answer = await fetch(`${stack.webUrl}healthz`);
      assert.equal(answer.status, 200);
    } finally {
      await stack.stop();
    }
    await assert.rejects(fetch(`${stack.webUrl}healthz`));
  });

  test('each environment has credentials of its own that end at its namespace', async () => {
    const stack = await startStack({ dir: folder(), ports: 'free', cluster: 'real', ...silentWorkers });
    try {
      const doctor = await stack.sluice(['doctor', '--json'], { host: 'worker-nonproduction' });
      const text = doctor.stdout + doctor.stderr;
      for (const name of ['dev', 'staging', 'production']) assert.match(text, new RegExp(`cluster ${name}`), text);
      const { dev, production } = stack.clusters.entries;
      assert.notDeepEqual(dev, production);
      assert.notEqual(stack.clusters.adminKubeconfigs['dev'], stack.clusters.adminKubeconfigs['production']);
    } finally {
      await stack.stop();
    }
  });

  test('secrets of the identity endpoint are in a file for the owner and not in the configuration', async () => {
    const stack = await startStack({ dir: folder(), ports: 'free', cluster: 'simulated', ...silentWorkers });
    try {
      const header = stack.emulator.hosts['pipeline']?.header ?? '';
      assert.ok(header.length > 20);
      assert.ok(readFileSync(environmentFile(stack), 'utf8').includes(header));
      assert.ok(!readFileSync(stack.configFile, 'utf8').includes(header));
      assert.equal(stack.env('person')['IDENTITY_HEADER'], undefined);
    } finally {
      await stack.stop();
    }
  });

  test('a second start in the same folder finds images and addresses again', async () => {
    const dir = folder();
    const options = { dir, ports: 'free', cluster: 'simulated', ...silentWorkers } as const;
    const first = await startStack(options);
    const { image } = await first.push('v1');
    await first.stop();
    const second = await startStack(options);
    try {
      assert.deepEqual(second.emulator.registries, first.emulator.registries);
      assert.ok(second.emulator.effects().some((one) => one.effect === 'tag-put' && one.digest === image.digest));
    } finally {
      await second.stop();
    }
  });

  test('a port that is taken stops everything that was up already', async () => {
    const one = await startStack({ dir: folder(), ports: 'free', cluster: 'simulated', ...silentWorkers });
    const base = Number(new URL(one.emulator.resourceManager).port);
    const up: string[] = [];
    try {
      const second = startStack({
        dir: one.dir,
        ports: 'free',
        cluster: 'simulated',
        ...silentWorkers,
        onUp: (name) => up.push(name),
      });
      await assert.rejects(second, /in use|cannot listen/);
      assert.deepEqual(up, []);
      assert.ok(base > 0 && existsSync(one.configFile));
    } finally {
      await one.stop();
    }
  });

  test('a killed worker can be started again and goes on with the release', { timeout: 240_000 }, async () => {
    const stack = await startStack({ dir: folder(), ports: 'free', cluster: 'simulated' });
    try {
      const { version, image } = await stack.push('v1');
      const worker = stack.workers.nonproduction;
      const before = worker.pid;
      await worker.kill();
      assert.equal(worker.running, false);
      const started = await stack.sluice(['start', 'iam', version, '--until', 'dev'], { user: 'build-pipeline' });
      assert.equal(started.code, 0, started.stderr);
      await worker.start();
      assert.notEqual(worker.pid, before);
      const ended = await stack.sluice(['start', 'iam', version, '--until', 'dev', '--wait'], {
        user: 'build-pipeline',
      });
      assert.equal(ended.code, 0, ended.stderr + ended.stdout);
      assert.deepEqual(await runningDigests(stack, 'dev'), [image.digest]);
    } finally {
      await stack.stop();
    }
  });

  test('a plan says what runs already and when the rest could be entered', { timeout: 240_000 }, async () => {
    const stack = await startStack({ dir: folder(), ports: 'free', cluster: 'simulated' });
    try {
      const { version, image } = await stack.push('v1');
      const ended = await stack.sluice(['start', 'iam', version, '--until', 'dev', '--wait']);
      assert.equal(ended.code, 0, ended.stderr + ended.stdout);
      const planned = await stack.sluice(['plan', 'iam', version, '--json']);
      const { foresight } = JSON.parse(planned.stdout) as { foresight: Foresight };
      assert.deepEqual(foresight.otherRules, []);
      assert.deepEqual(
        foresight.environments.map((one) => [one.environment, one.answer, one.asked?.whom]),
        [
          ['dev', 'there', undefined],
          ['staging', 'earliest', undefined],
          ['production', 'earliest', '2 of release-managers'],
        ],
      );
      const stop = ['--environment', 'staging', '--reason', 'errors', '--for', '2h'];
      const stopped = await stack.sluice(['stop', ...stop], { user: 'grace' });
      assert.equal(stopped.code, 0, stopped.stderr);
      const told = await stack.sluice(['plan', 'iam', version]);
      assert.match(told.stdout, /\n {2}staging .* later\n.*stop: grace stopped every service: errors/);
      assert.match(told.stdout, /earliest times .*\n {2}dev {9}runs it since /);
      const next = await stack.push('v2');
      const changed = await stack.sluice(['plan', 'iam', next.version]);
      assert.match(
        changed.stdout,
        new RegExp(
          `manifests against ${version}: of the objects 1 changes; 2 stay as they are\\n` +
            ` +~ deployment/iam\\n +/spec/template/spec/containers/0/image {2}".*${image.digest}" → ".*${next.image.digest}"`,
        ),
      );
    } finally {
      await stack.stop();
    }
  });

  test('an API server of the user’s is used instead of ours, with nodes of ours', { timeout: 240_000 }, async () => {
    const binary = toolPath('control-plane') as string;
    const plane = await startControlPlane({ binary, dir: folder() });
    try {
      const kubeconfig = plane.adminKubeconfig;
      const stack = await startStack({ dir: folder(), ports: 'free', cluster: 'real', kubeconfig });
      try {
        const { version, image } = await stack.push('v1');
        const ended = await stack.sluice(['start', 'iam', version, '--until', 'staging', '--wait']);
        assert.equal(ended.code, 0, ended.stderr + ended.stdout);
        assert.deepEqual(await runningDigests(stack, 'staging'), [image.digest]);
      } finally {
        await stack.stop();
      }
    } finally {
      await plane.stop();
    }
  });
});
