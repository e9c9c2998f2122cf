/** What a SIGKILL leaves: everything that was answered, running imports, and each effect once. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { DEFAULT_WORLD, startEmulator, type Effect, type Emulator } from '../../../local/acr-emulator/index.ts';
import { OCI_IMAGE, Probe, resourceId, startProbe } from './probe.ts';

const MAIN = new URL('../../../local/acr-emulator/main.ts', import.meta.url).pathname;

describe('an emulator that is killed', () => {
  let dir: string;
  let child: ChildProcess | undefined;
  before(() => (dir = mkdtempSync(join(tmpdir(), 'acr-durability-'))));
  after(() => {
    child?.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });

  /** The emulator as a process, and a probe that talks to it. */
  async function spawnEmulator(...flags: readonly string[]): Promise<Probe> {
    const args = [MAIN, '--dir', dir, '--free-ports', ...flags];
    child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.stdout === null) throw new Error('no output');
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const ready = JSON.parse(line) as Emulator;
    const secrets = JSON.parse(readFileSync(join(dir, 'service-principals.json'), 'utf8')) as Record<string, string>;
    const numbers: Record<string, string> = { build: '01', 'worker-staging': '12', 'kubelet-staging': '22' };
    const servicePrincipals = Object.fromEntries(
      Object.entries(numbers).map(([name, digits]) => [
        name,
        { clientId: `00000000-0000-4000-8000-0000000001${digits}`, secret: secrets[name] ?? '' },
      ]),
    );
    return new Probe({ ...ready, servicePrincipals, close: () => Promise.resolve() }, dir);
  }

  async function kill(): Promise<void> {
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  function effects(): Effect[] {
    return readFileSync(join(dir, 'effects.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Effect);
  }

  test('answers at the same addresses, with the same content, tokens, locks and uploads, and finishes imports', async () => {
    const first = await spawnEmulator('--import-ms', '600000');
    const image = await first.pushImage('iam', '1', 'durable');
    const token = await first.token('build', 'onestreamdev', 'repository:iam:pull,push,metadata_write,metadata_read');
    await first.ask('onestreamdev', 'PATCH', '/acr/v1/iam/_tags/1', { token, body: '{"deleteEnabled":false}' });
    const upload =
      (await first.ask('onestreamdev', 'POST', '/v2/iam/blobs/uploads/', { token })).headers['location'] ?? '';
    await first.ask('onestreamdev', 'PATCH', upload, { token, body: 'half of ' });
    const submitted = await first.submitImport('worker-staging', 'onestreamstaging', {
      source: { resourceId: resourceId('onestreamdev'), sourceImage: `iam@${image.digest}` },
      targetTags: ['iam:1'],
    });
    assert.equal(submitted.status, 202);
    await kill();
    const before = effects();
    assert.deepEqual(
      before.filter(({ effect }) => effect.startsWith('import')).map(({ effect }) => effect),
      ['import-accepted'],
    );

    const second = await spawnEmulator();
    assert.deepEqual(second.emulator.registries, first.emulator.registries);
    const pulled = await second.ask('onestreamdev', 'GET', '/v2/iam/manifests/1', { token });
    assert.deepEqual(pulled.bytes, image.bytes);
    const { tag } = (await second.ask('onestreamdev', 'GET', '/acr/v1/iam/_tags/1', { token })).json();
    assert.equal(tag.changeableAttributes.deleteEnabled, false);
    const rest = await second.ask('onestreamdev', 'PATCH', upload, { token, body: 'a blob' });
    assert.equal(rest.headers['range'], '0-13');
    const ended = await second.untilEnded('worker-staging', submitted.headers['location'] ?? '');
    assert.deepEqual(ended.json(), { status: 'Succeeded' });
    await kill();
    const names = effects().map(({ effect }) => effect);
    assert.deepEqual(names, [
      'manifest-put',
      'tag-put',
      'attributes-changed',
      'import-accepted',
      'manifest-put',
      'tag-put',
      'import-completed',
    ]);
  });

  test('logs after a crash what it had stored but not yet logged, and an import does not conflict with itself', async () => {
    const log = join(dir, 'effects.jsonl');
    const all = effects();
    // As if the crash had come between the repository's file and the log, and before the operation was marked as done.
    const lost = all.filter(({ effect, registry }) => registry === 'onestreamstaging' && effect !== 'import-accepted');
    assert.equal(lost.length, 3);
    writeFileSync(
      log,
      all
        .slice(0, -3)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    );
    const operation = all.find(({ effect }) => effect === 'import-accepted')?.operation;
    const file = join(dir, 'registries', 'onestreamstaging', 'operations', `${operation}.json`);
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), state: 'running' }));

    const probe = await spawnEmulator();
    await untilLogged(probe, 'import-completed');
    await kill();
    const key = ({ effect, id }: Effect): string => (effect === 'import-completed' ? effect : `${effect} ${id}`);
    assert.deepEqual(effects().map(key).sort(), all.map(key).sort());
  });

  async function untilLogged(probe: Probe, wanted: string): Promise<void> {
    const { admin } = JSON.parse(readFileSync(join(dir, 'secrets.json'), 'utf8')) as { admin: string };
    for (;;) {
      const answer = await probe.ask('arm', 'GET', '/_emulator/effects', { headers: { 'x-emulator-secret': admin } });
      if (answer.json<Effect[]>().some(({ effect }) => effect === wanted)) return;
    }
  }

  test('in the middle of pushes keeps exactly what it answered, and nothing half', async () => {
    const probe = await spawnEmulator();
    const token = await probe.token('build', 'onestreamdev', 'repository:busy:pull,push');
    const base = await probe.pushImage('busy', 'base', 'busy');
    const answered: string[] = [];
    const put = async (tag: string): Promise<void> => {
      const answer = await probe.ask('onestreamdev', 'PUT', `/v2/busy/manifests/${tag}`, {
        token,
        headers: { 'content-type': OCI_IMAGE },
        body: base.bytes,
      });
      if (answer.status === 201) answered.push(tag);
    };
    const pushes: Promise<void>[] = [];
    for (let n = 0; n < 400; n += 1) pushes.push(put(`t${n}`));
    const over = Promise.allSettled(pushes);
    // Killed as soon as some, but not all, have been answered.
    await Promise.race(pushes.slice(100));
    await kill();
    await over;
    assert.ok(answered.length < 400, 'all pushes were over before the kill');

    const again = await spawnEmulator();
    const reader = await again.token('build', 'onestreamdev', 'repository:busy:metadata_read');
    const { tags } = (await again.ask('onestreamdev', 'GET', '/v2/busy/tags/list?n=1000', { token: reader })).json();
    await kill();
    assert.deepEqual(
      answered.filter((tag) => !tags.includes(tag)),
      [],
    );
    const logged = effects().filter(({ effect, repository }) => effect === 'tag-put' && repository === 'busy');
    assert.deepEqual(logged.map(({ tag }) => tag).sort(), [...tags].sort());
  });

  test('leaves secrets that only the owner can read', () => {
    for (const file of ['ca.json', 'hosts.json', 'service-principals.json', 'secrets.json', 'token-key.json']) {
      assert.equal(statSync(join(dir, file)).mode & 0o077, 0, file);
    }
  });
});

describe('two emulators', () => {
  test('do not share a folder', async () => {
    const probe = await startProbe();
    await assert.rejects(startEmulator({ dir: probe.dir }), /is in use by process/);
    await probe.remove();
  });

  test('of two processes do not share a folder either, but a mark without an emulator behind it is nothing', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'acr-claim-'));
    const probe = await startProbe({ dir });
    // As if the folder were another process's: this test's parent is alive, and the port answers.
    const mark = join(dir, 'emulator.pid');
    const copy = mkdtempSync(join(tmpdir(), 'acr-claim-'));
    writeFileSync(join(copy, 'emulator.pid'), String(process.ppid));
    writeFileSync(join(copy, 'ports.json'), readFileSync(join(dir, 'ports.json')));
    await assert.rejects(startEmulator({ dir: copy }), new RegExp(`is in use by process ${process.ppid}`));
    await probe.close();
    writeFileSync(mark, String(process.ppid));
    const again = await startProbe({ dir });
    await again.remove();
    rmSync(copy, { recursive: true, force: true });
  });

  test('a world that grows gets secrets for its new identities and keeps the old ones', async () => {
    const probe = await startProbe();
    const before = probe.credentials('build').secret;
    await probe.close();
    const added = {
      name: 'visitor',
      clientId: '00000000-0000-4000-8000-000000000199',
      objectId: '00000000-0000-4000-8000-000000000299',
    };
    const world = { ...DEFAULT_WORLD, identities: [...DEFAULT_WORLD.identities, added] };
    const grown = await startProbe({ dir: probe.dir, world });
    assert.equal(grown.credentials('build').secret, before);
    assert.ok(grown.credentials('visitor').secret.length > 20);
    await grown.remove();
  });

  test('a port that is taken is named, and the folder is free again', async () => {
    const probe = await startProbe();
    const taken = Number(new URL(probe.emulator.resourceManager).port);
    const dir = mkdtempSync(join(tmpdir(), 'acr-ports-'));
    await assert.rejects(startEmulator({ dir, ports: { base: taken } }), new RegExp(`127.0.0.1:${taken} for arm`));
    const second = await startProbe({ dir });
    await second.remove();
    await probe.remove();
  });
});
