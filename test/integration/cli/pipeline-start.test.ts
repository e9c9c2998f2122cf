/** `sluice start` as a pipeline calls it, again and again: with a real registry's wire, a real engine, and one release in the end. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ReleaseClient } from '../../../src/client/index.ts';
import { no } from '../../support/answers.ts';
import { APPROVAL, scriptedActivities } from '../../support/scripted-activities.ts';
import { sampleImage } from '../../ports/registry/subject.ts';
import { PUBLIC_KEY } from '../../unit/config/written.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from '../client/engine.ts';
import { type Emulated, startEmulated } from '../registry/emulated.ts';
import { commandsIn } from '../../support/agent.ts';
import { type Ran, runSluice } from './run-sluice.ts';

const MANIFESTS = fileURLToPath(new URL('../../../examples/iam/manifests', import.meta.url));

describe('when a pipeline starts a release', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let emulated: Emulated;
  let client: ReleaseClient;
  let folder = '';
  const image = sampleImage('built by a pipeline');
  const resolveImage = async () => ({ ok: true, image: { repository: 'iam', digest: image.manifestDigest } }) as const;
  const start = (version: string, args: string): Promise<Ran> =>
    runSluice(`start iam ${version} --image iam@${image.manifestDigest} ${args}`.split(' '), {
      cwd: folder,
      env: {
        ...emulated.emulator.hosts['pipeline']?.env,
        ...{ NODE_EXTRA_CA_CERTS: emulated.emulator.caFile, SLUICE_USER: 'pipeline' },
        ...{ TEMPORAL_ADDRESS: engine.address, TEMPORAL_NAMESPACE: engine.namespace },
        ...{ TF_BUILD: 'True', AGENT_TEMPDIRECTORY: folder, SLUICE_WEB: 'https://sluice.onestream.example/' },
      },
    });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-start-'));
    [engine, emulated] = await Promise.all([startEngine(), startEmulated()]);
    await emulated.push('iam', image);
    client = await engine.client('pipeline');
    cpSync(MANIFESTS, join(folder, 'manifests'), { recursive: true });
    writeFileSync(join(folder, 'cosign.pub'), PUBLIC_KEY);
    writeFileSync(join(folder, 'sluice.yaml'), configuration(emulated));
    engine.act(scriptedActivities({ resolveImage }, { approvals: { production: APPROVAL } }).activities);
  });
  after(async () => {
    await Promise.all([engine.stop(), emulated.close()]);
    rmSync(folder, { recursive: true });
  });

  test('ten runs of the job are one release, and each of them gets the same verdict', async () => {
    const runs = await Promise.all(
      Array.from({ length: 10 }, () => start('2.0.0', '--wait --wait-for staging --timeout 50s')),
    );
    for (const { exit, out, err } of runs) {
      assert.equal(exit, 0, err);
      const { variables } = commandsIn(out, 'azure');
      assert.deepEqual(
        [variables['verdict'], variables['environment'], variables['digest'], variables['releaseId']],
        ['reached', 'staging', image.manifestDigest, 'release/iam/2.0.0'],
      );
    }
    assert.equal(runs.filter(({ err }) => err.includes('iam 2.0.0 is started')).length, 1);
    assert.equal(runs.filter(({ err }) => err.includes('attached to it')).length, 9);
    await client.approve({ service: 'iam', version: '2.0.0', approver: 'anna' });
    const later = await start('2.0.0', '--wait --summary verdict.md');
    assert.deepEqual([later.exit, commandsIn(later.out, 'azure').variables['verdict']], [0, 'released']);
    const summary = readFileSync(join(folder, 'verdict.md'), 'utf8');
    assert.match(summary, /\| production \| released: [^|]+ \| anna yes \|/);
    assert.match(summary, /\| page \| <https:\/\/sluice\.onestream\.example\/releases\/iam\/2\.0\.0> \|/);
  });

  test('a job that only starts it has the variables that later ones need', async () => {
    const { exit, out } = await start('2.1.0', '--until dev');
    const { variables, others } = commandsIn(out, 'azure');
    assert.deepEqual([exit, variables['verdict'], variables['image']], [0, 'started', `iam@${image.manifestDigest}`]);
    assert.match(variables['manifests'] ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(others, []);
  });

  test('what a build reports is found in the figures, and a time to come is refused', async () => {
    const { exit, err } = await start('2.5.0', '--until dev --committed-at 1767225600 --build-took 27m');
    assert.equal(exit, 0, err);
    await client.wait({ service: 'iam', version: '2.5.0' });
    const [day, now] = [86_400_000, Date.now()];
    const period = { since: new Date(now - day).toISOString(), until: new Date(now + day).toISOString() };
    const figure = async (name: string) => {
      const { periods } = await client.metrics({ ...period, service: 'iam', environment: 'dev' });
      return periods[0]?.services[0]?.figures.find((one) => one.name === name);
    };
    while ((await figure('lead-time'))?.runs !== 1);
    assert.equal((await figure('build-time'))?.value, 27 * 60_000);
    assert.ok(((await figure('lead-time'))?.value ?? 0) > Date.UTC(2026, 1) - Date.UTC(2026, 0));
    for (const wrong of ['2999-01-01', 'yesterday', '12']) {
      const refused = await start('2.6.0', `--committed-at ${wrong}`);
      assert.deepEqual([refused.exit, /a time that is over/.test(refused.err)], [2, true], wrong);
    }
  });

  test('the same version with other content is refused, and annotated', async () => {
    const other = sampleImage('built again');
    await emulated.push('iam', other, '2.0.0-again');
    const { exit, err } = await start('2.0.0', '--wait --image iam:2.0.0-again');
    assert.equal(exit, 3);
    assert.match(
      commandsIn(err, 'azure').issues[0]?.message ?? '',
      /^sluice version-taken: .*give the new content a new version/,
    );
  });

  test('with JSON one value is on stdout, and the agent reads the rest', async () => {
    const { exit, out, err } = await start('2.0.0', '--wait --json');
    assert.equal(exit, 0, err);
    const told = JSON.parse(out) as { how: string; release: { outcome: { kind: string } } };
    assert.deepEqual([told.how, told.release.outcome.kind], ['finished', 'released']);
    assert.equal(commandsIn(err, 'azure').variables['verdict'], 'released');
  });

  test('an environment that it does not pass is found before anything is started', async () => {
    const { exit, err } = await start('2.2.0', '--wait --until dev --wait-for staging');
    assert.deepEqual([exit, /environment-unknown/.test(err)], [2, true]);
    await assert.rejects(client.status({ service: 'iam', version: '2.2.0' }), { code: 'release-not-found' });
  });

  test('a release that was rolled back fails the job by its own exit code', async () => {
    const checkHealth = async ({ to }: { readonly to: string }) =>
      to === 'new' ? no('health-failed') : ({ ok: true, summary: 'well', facts: {} } as const);
    engine.act(scriptedActivities({ checkHealth, resolveImage }).activities);
    const { exit, out } = await start('2.3.0', '--wait --summary back.md');
    assert.equal(exit, 4);
    assert.equal(commandsIn(out, 'azure').issues[0]?.level, 'error');
    assert.match(readFileSync(join(folder, 'back.md'), 'utf8'), /^## iam 2\.3\.0: rolled-back\n/);
  });
});

function configuration({ emulator }: Emulated): string {
  const registries = { dev: 'onestreamdev', staging: 'onestreamstaging', production: 'onestreamprod' };
  const environments = Object.entries(registries).map(([name, acr]) => {
    const login = emulator.registries[acr]?.loginServer ?? '';
    const registry = { acr, resourceGroup: `${acr}-rg`, subscription: 'sub', loginServer: login };
    const ca = { endpoint: emulator.resourceManager, ca: emulator.caFile };
    return [name, { registry: { ...registry, ...ca }, cluster: { simulated: true } }] as const;
  });
  // JSON is YAML
  return JSON.stringify({
    version: 1,
    path: Object.keys(registries),
    environments: Object.fromEntries(environments),
    trust: { signatures: [{ key: 'cosign.pub' }], approvers: 'unproven' },
    services: {
      iam: { repository: 'iam', manifests: 'manifests/iam', namespace: 'iam', workloads: ['deployment/iam'] },
    },
  });
}
