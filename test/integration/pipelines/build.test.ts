/** `build.sh` with BuildKit and buildx themselves, into the registries of the local stack. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { commandsIn } from '../../support/agent.ts';
import { SCRIPTS } from '../../unit/pipelines/templates.ts';
import { OCI_IMAGE, type Probe, startProbe } from '../acr-emulator/probe.ts';
import { type BuildKit, skipWithoutBuildKit, startBuildKit } from './buildkit.ts';

const COMMITTED = 1_780_000_000;
const LATER = COMMITTED + 3600;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Manifest {
  readonly mediaType: string;
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

describe('build.sh', { skip: skipWithoutBuildKit(), timeout: 300_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-build-'));
  let probe: Probe;
  let dev = '';
  let folders = 0;

  before(async () => {
    probe = await startProbe();
    dev = probe.loginServer('onestreamdev');
  });
  after(async () => {
    await probe.remove();
    rmSync(dir, { recursive: true });
  });

  /** A checkout of the service, whose files have the times of another day each time. */
  function checkout(words: string): string {
    folders += 1;
    const folder = join(dir, `checkout-${folders}`);
    mkdirSync(join(folder, 'content'), { recursive: true });
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY content /srv\nLABEL service=iam\n');
    for (const name of ['one.txt', 'two.txt']) {
      writeFileSync(join(folder, 'content', name), `${name}: ${words}\n`);
      utimesSync(join(folder, 'content', name), LATER + folders * 86_400, LATER + folders * 86_400);
    }
    return folder;
  }

  /** With a BuildKit that knows nothing of earlier builds. */
  async function withBuildKit<T>(act: (buildkit: BuildKit) => Promise<T>): Promise<T> {
    const buildkit = await startBuildKit(join(dir, 'buildkit'), [dev], probe.emulator.caFile);
    try {
      return await act(buildkit);
    } finally {
      await buildkit.stop();
    }
  }

  function script(
    buildkit: BuildKit,
    { as = 'build', ...options }: Readonly<Record<string, string>>,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    const { clientId, secret } = probe.credentials(as);
    const auth = Buffer.from(`${clientId}:${secret}`).toString('base64');
    const docker = mkdtempSync(join(dir, 'docker-'));
    writeFileSync(join(docker, 'config.json'), JSON.stringify({ auths: { [dev]: { auth } } }));
    const given = { image: `${dev}/iam`, tag: '1.0.0', epoch: `${COMMITTED}`, out: join(docker, 'digest'), ...options };
    const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]);
    const env = {
      PATH: `${buildkit.bin}:${process.env['PATH']}`,
      ...{ HOME: docker, DOCKER_CONFIG: docker, BUILDKIT_HOST: buildkit.address, TF_BUILD: 'True' },
      SSL_CERT_FILE: probe.emulator.caFile,
      ...more,
    };
    return new Promise((resolve) => {
      execFile(join(SCRIPTS, 'build.sh'), args, { env, timeout: 240_000 }, (error, out, err) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err });
      });
    });
  }

  /** Builds, and answers with the digest that the script wrote down. */
  async function digestOf(buildkit: BuildKit, options: Readonly<Record<string, string>>): Promise<string> {
    const out = join(dir, 'digest');
    rmSync(out, { force: true });
    const { code, err } = await script(buildkit, { ...options, out });
    assert.equal(code, 0, err);
    const digest = readFileSync(out, 'utf8').trim();
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    assert.equal(commandsIn(err, 'azure').variables['image'], `${dev}/iam@${digest}`);
    return digest;
  }

  async function stored(path: string): Promise<{ readonly digest: string; readonly bytes: Buffer }> {
    const token = await probe.token('build', 'onestreamdev', 'repository:iam:pull,push');
    const answer = await probe.ask('onestreamdev', 'GET', `/v2/iam/${path}`, { token, headers: { accept: OCI_IMAGE } });
    assert.equal(answer.status, 200, path);
    return { digest: answer.headers['docker-content-digest'] ?? '', bytes: answer.bytes };
  }

  test('gives the same digest for the same commit, from another folder, with files of another day, by another BuildKit', async () => {
    const first = await withBuildKit((buildkit) => digestOf(buildkit, { context: checkout('a') }));
    const second = await withBuildKit((buildkit) => digestOf(buildkit, { context: checkout('a'), tag: '1.0.0-again' }));
    assert.equal(second, first);
    const others = await withBuildKit(async (buildkit) => [
      await digestOf(buildkit, { context: checkout('b'), tag: 'b' }),
      await digestOf(buildkit, { context: checkout('a'), tag: 'later', epoch: `${LATER}` }),
    ]);
    assert.equal(new Set([first, ...others]).size, 3);
  });

  test('pushes one manifest without statements of its own, dated by the commit down to each file', async () => {
    const digest = await withBuildKit((buildkit) => digestOf(buildkit, { context: checkout('c'), tag: 'dated' }));
    const byTag = await stored('manifests/dated');
    assert.equal(byTag.digest, digest);
    const manifest = JSON.parse(byTag.bytes.toString()) as Manifest;
    assert.deepEqual([manifest.mediaType, manifest.layers.length], [OCI_IMAGE, 1]);
    const config = JSON.parse((await stored(`blobs/${manifest.config.digest}`)).bytes.toString());
    assert.equal(Date.parse(config.created), COMMITTED * 1000);
    const times = await timesIn((await stored(`blobs/${manifest.layers[0]?.digest}`)).bytes);
    assert.deepEqual(times, { 'srv/': COMMITTED, 'srv/one.txt': COMMITTED, 'srv/two.txt': COMMITTED });
  });

  test('ends with an error, and names no image, where the identity may not push or the Dockerfile is wrong', async () => {
    await withBuildKit(async (buildkit) => {
      const broken = checkout('d');
      writeFileSync(join(broken, 'Dockerfile'), 'FROM scratch\nCOPY nowhere /srv\n');
      for (const [options, words] of [
        [{ as: 'auditor', context: checkout('d') }, /denied|unauthorized|insufficient|403|401/i],
        [{ context: broken }, /nowhere/],
      ] as const) {
        const out = join(dir, 'never');
        const { code, err } = await script(buildkit, { ...options, out });
        assert.notEqual(code, 0, err);
        assert.match(err, words);
        assert.deepEqual([existsSync(out), commandsIn(err, 'azure').variables['image']], [false, undefined]);
      }
    });
  });

  test('hands nothing of what is built on as an order to the agent, which would set the variables of the steps that sign', async () => {
    const hostile = checkout('e');
    const order = '##vso[task.setvariable variable=NODE_OPTIONS]--import=data:text/javascript,x';
    writeFileSync(join(hostile, 'Dockerfile'), `FROM scratch\nCOPY ["content", "/srv/${order}"]\n`);
    await withBuildKit(async (buildkit) => {
      const { code, out, err } = await script(buildkit, { context: hostile, tag: 'hostile' });
      assert.equal(code, 0, err);
      assert.match(err, /task\.setvariable variable=NODE_OPTIONS/);
      const { variables, others } = commandsIn(err, 'azure');
      assert.deepEqual([out, Object.keys(variables), others], ['', ['image'], []]);
    });
  });
});

/** Names and times of what a layer holds. */
async function timesIn(layer: Buffer): Promise<Readonly<Record<string, number>>> {
  const times: Record<string, number> = {};
  const reader = extract();
  reader.end(gunzipSync(layer));
  for await (const entry of reader) {
    times[entry.header.name] = (entry.header.mtime?.getTime() ?? 0) / 1000;
    entry.resume();
  }
  return times;
}
