import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { toolPath } from '../../../local/tools/tool-path.ts';
import type { Rehearsal } from '../../../src/rehearsal/rehearsal.ts';
import { GOOD, PUBLIC_KEY } from '../../unit/config/written.ts';
import { type Ran, runSluice } from './run-sluice.ts';

const MANIFESTS = fileURLToPath(new URL('../../../examples/iam/manifests', import.meta.url));
const program = toolPath('temporal-test-server');
const NEEDS_TEST_SERVER = {
  skip: program !== undefined || process.env['CI'] ? false : 'temporal-test-server is not installed: npm run setup',
} as const;

const GATES = `gates:
      - soak: { in: dev, for: 30m }
      - freeze: { name: weekend, zone: Europe/Berlin, from: Fri 16:00, to: Mon 09:00 }
      - order: {}`;

/** A Friday of winter in Berlin, years from now. */
const FRIDAY = '2032-01-09T15:45[Europe/Berlin]';

describe('when a release is rehearsed from the command line', NEEDS_TEST_SERVER, () => {
  let folder = '';
  const sluice = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    runSluice(['rehearse', 'iam', '2026.11.3', ...args], {
      cwd: folder,
      // no engine listens there: nothing may ask for one
      env: {
        ...{ AZURE_SUBSCRIPTION_ID: 'sub', TEMPORAL_ADDRESS: '127.0.0.1:1', SLUICE_USER: 'ada', TZ: 'Europe/Berlin' },
        SLUICE_TEMPORAL_TEST_SERVER: program ?? '',
        ...env,
      },
    });
  const rehearsed = async (...args: readonly string[]): Promise<Rehearsal> => {
    const { out, err } = await sluice([...args, '--json']);
    assert.notEqual(out, '', err);
    return JSON.parse(out) as Rehearsal;
  };
  /** To the minute: what really takes time here is added to the skipped clock. */
  const minute = (iso: string | undefined): string => (iso ?? 'never').slice(0, 16);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-rehearse-'));
    writeFileSync(join(folder, 'sluice.yaml'), GOOD.replace('lockImages: true', GATES).replace('keys/', ''));
    writeFileSync(join(folder, 'cosign.pub'), PUBLIC_KEY);
    cpSync(MANIFESTS, join(folder, 'manifests'), { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true }));

  test('a soak that ends in a frozen weekend enters on Monday at nine, when the people have answered', async () => {
    const { environments, events, outcome } = await rehearsed('--at', FRIDAY);
    assert.equal(outcome?.kind, 'released');
    assert.deepEqual(
      environments.map((one) => [one.environment, minute(one.enteredAt)]),
      [
        ['dev', '2032-01-09T14:45'],
        ['production', '2032-01-12T08:00'],
      ],
    );
    const waits = events.flatMap((one) => (one.kind === 'waits' ? [one] : []));
    assert.deepEqual(
      waits.filter((one) => one.waitsFor === 'gate').map((one) => [minute(one.at), minute(one.until)]),
      [
        ['2032-01-09T14:45', '2032-01-09T15:15'],
        ['2032-01-09T15:15', '2032-01-12T08:00'],
      ],
    );
    assert.deepEqual(
      events.flatMap((one) => (one.kind === 'answered' ? one.by : [])),
      ['release-managers 1', 'release-managers 2'],
    );
  });

  test('people who need two hours are waited for after that', async () => {
    const { exit, out } = await sluice(['--at', FRIDAY, '--approve-after', '2h']);
    assert.equal(exit, 0);
    assert.match(out, /nothing real was touched/);
    assert.match(
      out,
      /Mon 2032-01-12 09:00 {2}production {2}waits until Mon 2032-01-12 11:00 for 2 of release-managers/,
    );
    assert.match(out, /Mon 2032-01-12 11:00 {2}production {2}entered/);
    assert.match(out, /released, 3 days after its start/);
  });

  test('people who are slower than the question is open lead to a refusal', async () => {
    const { outcome } = await rehearsed('--at', FRIDAY, '--approve-after', '13h');
    assert.deepEqual([outcome?.kind, outcome?.refusal?.code], ['refused', 'approval-expired']);
  });

  test('a gate that says no ends it, with the exit code of a refusal', async () => {
    const { exit, out } = await sluice(['--at', FRIDAY, '--running', 'production=2027.1.1@2026-11-20T08:00Z']);
    assert.equal(exit, 3);
    assert.match(out, /production {2}refused\n/);
    assert.match(out, /2026\.11\.3 is older than 2027\.1\.1, which production runs/);
  });

  test('manifests that cannot roll out are rolled back', async () => {
    const file = join(folder, 'manifests', 'iam', 'production', 'deployment.yaml');
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.replace(/replicas: \d+/, 'replicas: 0'));
    const { exit, out } = await sluice(['--at', FRIDAY]);
    writeFileSync(file, good);
    assert.equal(exit, 4);
    assert.match(out, /rolled-back: production: deployment\/iam is scaled to 0/);
  });

  test('it stops where it is told to', async () => {
    const { environments, path } = await rehearsed('--until', 'dev');
    assert.deepEqual(path, ['dev']);
    assert.equal(environments.length, 1);
  });

  test('a start in the past, a service and an environment that are not there are refused before anything starts', async () => {
    assert.equal((await sluice(['--at', '2020-01-01T00:00Z'])).exit, 2);
    const unknown = await sluice(['--running', 'test=1@2026-11-20T08:00Z']);
    assert.equal(unknown.exit, 2);
    assert.match(unknown.err, /environment-unknown/);
  });
});

describe('when there is no test server', () => {
  const rehearse = async (name: (folder: string) => string): Promise<Ran> => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-rehearse-'));
    writeFileSync(join(folder, 'sluice.yaml'), GOOD.replace('keys/', ''));
    writeFileSync(join(folder, 'cosign.pub'), PUBLIC_KEY);
    const env = { AZURE_SUBSCRIPTION_ID: 'sub', SLUICE_TEMPORAL_TEST_SERVER: name(folder) };
    const ran = await runSluice(['rehearse', 'iam', '1.0.0'], { cwd: folder, env });
    rmSync(folder, { recursive: true });
    return ran;
  };

  test('a program that is another one does not start as one', async () => {
    const { exit, err } = await rehearse((folder) => {
      const program = join(folder, 'other');
      writeFileSync(program, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
      return program;
    });
    assert.equal(exit, 8);
    assert.match(err, /temporal-test-server-unavailable: .*other does not start as Temporal's test server/);
  });

  test('it says so, and how to get it', async () => {
    const { exit, err } = await rehearse((folder) => join(folder, 'nowhere'));
    assert.equal(exit, 8);
    assert.match(err, /temporal-test-server-unavailable/);
    assert.match(err, /setup\.mjs --only temporal-test-server/);
  });
});
