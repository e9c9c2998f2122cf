/** What docs/manifests.md tells a pipeline to do, done: `sluice manifests push`, the real `cosign`, and what `sluice start` would take. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { stringify } from 'yaml';
import { prepareRelease } from '../../src/cli/prepare-release.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { YAML } from '../support/memory-world.ts';
import { Probe, SUBSCRIPTION } from '../integration/acr-emulator/probe.ts';
import { type Emulated, startEmulated } from '../integration/registry/emulated.ts';
import { type Ran, runSluice } from '../integration/cli/run-sluice.ts';
import { type ClientProgram, skipWithout } from './program.ts';
import { FORMS, startSigningCosign } from './signing-cosign.ts';

const VERSION = '2026.11.3';

describe('a pipeline that signs the manifests before it starts the release', { skip: skipWithout('cosign') }, () => {
  let emulated: Emulated;
  let probe: Probe;
  let cosign: ClientProgram;
  let folder: string;
  let image: string;
  before(async () => {
    emulated = await startEmulated();
    probe = new Probe(emulated.emulator, '');
    cosign = await startSigningCosign(probe, 'cosign');
    cosign.loginAs('build', 'onestreamdev');
    folder = mkdtempSync(join(tmpdir(), 'sluice-push-'));
    mkdirSync(join(folder, 'manifests', 'iam', 'dev'), { recursive: true });
    writeFileSync(join(folder, 'manifests', 'iam', 'dev', 'iam.yaml'), YAML);
    writeFileSync(join(folder, 'cosign.pub'), readFileSync(join(cosign.home, 'cosign.pub')));
    writeFileSync(join(folder, 'sluice.yaml'), configuration(emulated));
    image = (await probe.pushImage('iam', VERSION, 'pushed and signed')).digest;
  });
  after(async () => {
    cosign.remove();
    await probe.close();
    await emulated.close();
    rmSync(folder, { recursive: true });
  });

  const sluice = (...args: readonly string[]): Promise<Ran> =>
    runSluice(args, {
      cwd: folder,
      env: { ...emulated.emulator.hosts['pipeline']?.env, NODE_EXTRA_CA_CERTS: emulated.emulator.caFile },
    });

  async function pushed(): Promise<{ readonly reference: string; readonly digest: string; readonly image: string }> {
    const { exit, out, err } = await sluice('manifests', 'push', 'iam', VERSION, '--json');
    assert.equal(exit, 0, err);
    return JSON.parse(out);
  }

  test('is told what to sign before there is a release, and the same once more', async () => {
    const first = await pushed();
    assert.deepEqual(await pushed(), first);
    assert.equal(first.image, `iam@${image}`);
    assert.equal(first.reference, `${probe.loginServer('onestreamdev')}/iam@${first.digest}`);
    const plain = await sluice('manifests', 'push', 'iam', VERSION);
    assert.ok(plain.out.includes(first.reference), plain.out);
  });

  test('signs just that, and cosign verifies it', async () => {
    const { reference } = await pushed();
    const signing = ['--key', 'cosign.key', ...FORMS.bundle, '--yes'];
    const verifying = ['verify', '--key', 'cosign.pub', '--insecure-ignore-tlog', reference];
    assert.notEqual((await cosign.run(...verifying)).code, 0);
    await cosign.output('sign', ...signing, reference);
    await cosign.output(...verifying);
  });

  test('starts what it has signed, with the files or by the digest alone', async () => {
    const { digest } = await pushed();
    const reader = async () => emulated.acr('dev', 'build').reader;
    const config = readConfigIn(folder);
    const wish = { service: 'iam', version: VERSION };
    const [fromFiles, byDigest] = await Promise.all([
      prepareRelease(config, wish, reader),
      prepareRelease(
        { ...config, manifests: { iam: join(folder, 'nowhere') } },
        { ...wish, manifests: digest },
        reader,
      ),
    ]);
    assert.deepEqual([fromFiles.manifests, byDigest.manifests], [digest, digest]);
    assert.deepEqual(byDigest.files, fromFiles.files);
    assert.equal(byDigest.packed, undefined, 'it is published');
  });

  test('is told when there are no such manifests, and when they are for another image', async () => {
    const other = (await probe.pushImage('iam', 'other', 'another image')).digest;
    const { digest } = await pushed();
    const config = readConfigIn(folder);
    const reader = async () => emulated.acr('dev', 'build').reader;
    const started = (image: string, manifests: string) =>
      prepareRelease(config, { service: 'iam', version: VERSION, image: `iam@${image}`, manifests }, reader);
    await assert.rejects(started(image, `sha256:${'0'.repeat(64)}`), { code: 'manifests-missing' });
    await assert.rejects(started(other, digest), { code: 'manifests-invalid' });
    await assert.rejects(started(image, 'latest'), { code: 'digest-malformed' });
  });

  test('is refused before anything is published when the manifests are not what the environment takes', async () => {
    const file = join(folder, 'manifests', 'iam', 'dev', 'iam.yaml');
    const sidecar = `, { name: proxy, image: "docker.io/envoy@sha256:${'a'.repeat(64)}" }] }`;
    writeFileSync(
      file,
      YAML.replace('ports: [{ containerPort: 8080 }] }]', `ports: [{ containerPort: 8080 }] }${sidecar.slice(0, -2)}`),
    );
    const { exit, err } = await sluice('manifests', 'push', 'iam', VERSION, '--json');
    writeFileSync(file, YAML);
    const { error } = JSON.parse(err) as { error: { code: string; problems: readonly { remedy: string }[] } };
    assert.deepEqual([exit, error.code], [2, 'manifests-not-allowed']);
    assert.match(error.problems[0]?.remedy ?? '', /add "docker\.io\/envoy" to environments\.dev\.manifests\.images/);
  });
});

function configuration({ emulator }: Emulated): string {
  const registry = {
    acr: 'onestreamdev',
    resourceGroup: 'onestream-dev-rg',
    subscription: SUBSCRIPTION,
    loginServer: emulator.registries['onestreamdev']?.loginServer,
    endpoint: emulator.resourceManager,
    ca: emulator.caFile,
  };
  return stringify({
    version: 1,
    path: ['dev'],
    environments: {
      dev: { registry, cluster: { simulated: true }, proofs: { manifests: { any: ['signatures'] } } },
    },
    trust: { signatures: [{ key: 'cosign.pub' }] },
    services: { iam: {} },
  });
}

function readConfigIn(folder: string) {
  const readText = (path: string): string => readFileSync(path, 'utf8');
  const file = join(folder, 'sluice.yaml');
  return readConfig({ text: readText(file), file, variables: {}, readText, readFolder: () => [] });
}
