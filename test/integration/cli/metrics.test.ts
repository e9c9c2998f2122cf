/** `sluice metrics` over runs that have really been: a release, one that was rolled back, one that was taken away, one that was refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Metrics, ReleaseClient } from '../../../src/client/index.ts';
import type { FigureName } from '../../../src/figures/figures.ts';
import { no } from '../../support/answers.ts';
import { IMAGE, MANIFESTS, type Script, scriptedActivities } from '../../support/scripted-activities.ts';
import { aWorld } from '../../support/memory-world.ts';
import { worldActivities } from '../../support/world-activities.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from '../client/engine.ts';
import { type Ran, runSluice } from './run-sluice.ts';

const PATH = ['dev', 'production'];
const done = (facts: Readonly<Record<string, string>>) => async () => ({ ok: true, summary: 'done', facts }) as const;
const GOOD: Script = {
  verifySignatures: done({ signature: 'sha256:1' }),
  proveRunning: done({ digest: IMAGE.digest }),
};

describe('when figures are asked of an engine', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let client: ReleaseClient;
  let folder = '';
  const sluice = (args: string): Promise<Ran> =>
    runSluice(args.split(' '), {
      cwd: folder,
      env: { TEMPORAL_ADDRESS: engine.address, TEMPORAL_NAMESPACE: engine.namespace, SLUICE_USER: 'anna' },
    });
  const release = async (service: string, version: string, script: Script, built = {}): Promise<void> => {
    engine.act(scriptedActivities({ ...GOOD, ...script }, { path: PATH }).activities);
    const content = { image: `iam@${IMAGE.digest}`, manifests: MANIFESTS };
    await client.startRelease({ service, version, ...content, ...built });
    await client.wait({ service, version });
  };
  const metrics = async (args: string): Promise<Metrics> => {
    const { exit, out, err } = await sluice(`metrics --json ${args}`);
    assert.equal(exit, 0, err);
    return JSON.parse(out) as Metrics;
  };
  /** The list is a moment behind. */
  const untilListed = async (promotions: number): Promise<Metrics> => {
    for (;;) {
      const found = await metrics('--since 1d');
      if (found.runs >= promotions) return found;
    }
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-metrics-'));
    engine = await startEngine();
    client = await engine.client('pipeline');
    const committedAt = new Date(Date.now() - 3_600_000).toISOString();
    await release('iam', '1.0.0', {}, { built: { committedAt, tookMs: 27 * 60_000 } });
    await release('iam', '1.1.0', {
      checkHealth: async ({ plan, to }) =>
        plan.environment === 'production' && to === 'new' ? no('health-failed') : done({})(),
    });
    await release('iam', '1.2.0', {});
    const known = { version: '1.0.0', image: IMAGE, manifests: MANIFESTS, since: '2026-11-01T00:00:00Z' };
    engine.act(scriptedActivities({ ...GOOD, findKnownGood: async () => ({ ok: true, known }) }).activities);
    await client.startRollback({ service: 'iam', environment: 'production', to: '1.0.0', reason: 'errors' });
    await client.waitForRollback('iam', 'production');
    await release('billing', '1.0.0', { verifySignatures: async () => no('signature-missing') });
  });
  after(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true });
  });

  test('each service has its figures, by what has really been, and all of them together', async () => {
    const { periods, runs } = await untilListed(8);
    assert.equal(runs, 8);
    assert.equal(periods.length, 1);
    const services = periods[0]?.services ?? [];
    assert.deepEqual(
      services.map(({ service, environment }) => [service, environment]),
      [
        ['billing', undefined],
        ['iam', 'production'],
        [undefined, undefined],
      ],
    );
    const of = (index: number, name: FigureName) => services[index]?.figures.find((one) => one.name === name);
    const iam = (name: FigureName) => [of(1, name)?.value, of(1, name)?.runs];
    assert.deepEqual(iam('deployment-frequency'), [2, 2]);
    assert.deepEqual(iam('change-failure-rate'), [2 / 3, 3]);
    assert.deepEqual(iam('failure-rate'), [1 / 6, 6]);
    assert.deepEqual(iam('signed-images'), [1, 2]);
    assert.deepEqual(iam('digest-references'), [1, 5]);
    assert.deepEqual(iam('build-time'), [27 * 60_000, 1]);
    assert.equal(of(1, 'lead-time')?.runs, 1);
    assert.ok((of(1, 'lead-time')?.value ?? 0) >= 3_600_000);
    assert.equal(of(1, 'time-to-restore')?.runs, 2);
    assert.equal(of(0, 'failure-rate')?.value, 1);
    assert.equal(of(0, 'signed-images')?.because, 'no promotion has ended well');
    assert.equal(of(2, 'failure-rate')?.runs, 7);
  });

  test('a service, an environment and periods can be chosen', async () => {
    const dev = await metrics('--service iam --environment dev --since 1d');
    assert.deepEqual(
      dev.periods[0]?.services.map(({ service, environment }) => [service, environment]),
      [['iam', 'dev']],
    );
    const change = dev.periods[0]?.services[0]?.figures.find((one) => one.name === 'change-failure-rate');
    assert.deepEqual([change?.value, change?.runs], [0, 3]);
    const { periods } = await metrics('--service iam --since 3d --every 1d');
    const often = periods.map(({ services }) =>
      services[0]?.figures.find((one) => one.name === 'deployment-frequency'),
    );
    assert.deepEqual(
      often.map((one) => one?.value),
      [0, 0, 2],
    );
  });

  test('people read tables, with what each figure rests on and what it was before', async () => {
    const baseline = 'promotion-time: 20m\nfailure-rate: 12%\nbuild-time: 52m\ndeployment-frequency: 0.5\n';
    writeFileSync(join(folder, 'before.yaml'), baseline);
    const { exit, out, err } = await sluice('metrics --service iam --since 1d --baseline before.yaml');
    assert.equal(exit, 0, err);
    assert.match(out, /^ {2}build-time +27 min +1 +52 min, -48 % \(better\)$/m);
    assert.match(out, /^ {2}promotion-time +\S+ s +5 +20 min, -100 % \(better\)$/m);
    assert.match(out, /^ {2}failure-rate +16\.7 % +6 +12\.0 %, \+39 % \(worse\)$/m);
    assert.match(out, /^iam, deployments to production$/m);
    const json = await metrics('--service iam --since 1d --baseline before.yaml');
    const figure = json.periods[0]?.services[0]?.figures[0] as unknown as { before: { verdict: string } };
    assert.equal(figure.before.verdict, 'better');
  });

  test('a wrong baseline, a wrong time and an empty period are told', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), 'promotion-tim: 20m\nfailure-rate: 120%\n');
    const wrong = await sluice('metrics --baseline wrong.yaml');
    assert.equal(wrong.exit, 2);
    assert.match(wrong.err, /promotion-tim[^]*did you mean "promotion-time"[^]*"120%" is not a share/);
    assert.equal((await sluice('metrics --since yesterday')).exit, 2);
    const backwards = await sluice('metrics --since 1d --until 2d');
    assert.deepEqual([backwards.exit, /these are no periods/.test(backwards.err)], [2, true]);
  });

  test('what real activities leave of signatures and digests is understood', async () => {
    const world = await aWorld({ now: () => new Date() });
    engine.act(worldActivities(world));
    const { digest, manifests } = await world.push('v1');
    await client.startRelease({ service: 'iam', version: '2.0.0', image: `iam@${digest}`, manifests });
    const { outcome } = await client.wait({ service: 'iam', version: '2.0.0' });
    assert.equal(outcome.kind, 'released', outcome.reason);
    const figures = async () => {
      const { periods } = await metrics('--service iam --environment staging --since 1d');
      const all = periods[0]?.services[0]?.figures ?? [];
      return ['signed-images', 'digest-references'].map((name) => {
        const one = all.find((figure) => figure.name === name);
        return [one?.value, one?.runs];
      });
    };
    let found = await figures();
    while (found[0]?.[1] !== 1) found = await figures();
    assert.deepEqual(found, [
      [1, 1],
      [1, 7],
    ]);
  });
});
