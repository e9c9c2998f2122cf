/** What in-memory registries can do beyond the ports: effects, faults, time, and a file that outlives the process. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  createMemoryRegistries,
  type MemoryRegistries,
} from '../../../src/adapters/registry/memory/create-memory-registries.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { NEVER, sampleImage } from '../../ports/registry/subject.ts';

const HOSTS = { dev: 'dev.test', staging: 'staging.test' };
const IMAGE = sampleImage('memory');
const REQUEST = { source: 'dev', repository: 'iam', digest: IMAGE.manifestDigest, tag: '1' };

function push(registries: MemoryRegistries): void {
  const blobs = IMAGE.blobs.map((blob) => blob.bytes);
  registries.push('dev', 'iam', { mediaType: IMAGE.mediaType, manifest: IMAGE.manifest, blobs, tag: '1' });
}

function kinds(registries: MemoryRegistries, environment: string): readonly string[] {
  return registries.effects.filter((one) => one.environment === environment).map((one) => one.effect);
}

describe('when effects are counted', () => {
  test('logs each change once, and looking never', async () => {
    const registries = createMemoryRegistries({ hosts: HOSTS });
    push(registries);
    push(registries);
    const { importer, locks, reader, remover } = registries.registry('staging');
    await importer.finish(await importer.begin(REQUEST, NEVER), NEVER);
    await reader.manifest('iam', { tag: '1' });
    await locks.set({ repository: 'iam', tag: '1' }, { deletable: true, writable: true });
    await remover.untag('iam', '1', IMAGE.manifestDigest);
    await remover.untag('iam', '1', IMAGE.manifestDigest);
    await remover.deleteManifest('iam', IMAGE.manifestDigest);
    await remover.deleteManifest('iam', IMAGE.manifestDigest);
    assert.deepEqual(kinds(registries, 'dev'), ['manifest-put', 'tag-put']);
    assert.deepEqual(kinds(registries, 'staging'), [
      'import-accepted',
      'manifest-put',
      'tag-put',
      'import-completed',
      'attributes-changed',
      'tag-deleted',
      'manifest-deleted',
    ]);
  });

  test('knows its environments', () => {
    const registries = createMemoryRegistries({ hosts: HOSTS });
    assert.equal(registries.registry('dev').reader.host, 'dev.test');
    assert.throws(
      () => registries.registry('moon'),
      (thrown) => thrown instanceof PortError && thrown.code === 'environment-unknown',
    );
  });
});

describe('when faults are set', () => {
  let registries: MemoryRegistries;
  beforeEach(() => {
    registries = createMemoryRegistries({ hosts: HOSTS, importDeadlineMs: 20 });
    push(registries);
  });
  const run = async (): Promise<void> => {
    const { importer } = registries.registry('staging');
    await importer.finish(await importer.begin(REQUEST, NEVER), NEVER);
  };

  test('fails before the effect, so many times, where told to', async () => {
    registries.faults.set({
      fault: 'error',
      code: 'registry-throttled',
      retry: { afterMs: 5 },
      times: 2,
      match: { environment: 'staging', call: 'import' },
    });
    for (let count = 0; count < 2; count += 1) {
      assert.deepEqual((await assertRefused(run(), 'registry-throttled')).retry, { afterMs: 5 });
    }
    assert.deepEqual(kinds(registries, 'staging'), []);
    await run();
  });

  test('fails after the effect: the answer is lost, the effect is not', async () => {
    registries.faults.set({
      fault: 'error',
      code: 'registry-failing',
      when: 'after',
      times: 1,
      match: { call: 'import' },
    });
    await assertRefused(run(), 'registry-failing');
    assert.notEqual(await registries.registry('staging').reader.manifest('iam', { tag: '1' }), undefined);
  });

  test('imports fail, hang and lie', async () => {
    registries.faults.set({ fault: 'import-fails', times: 1 });
    await assertRefused(run(), 'import-failed');
    registries.faults.set({ fault: 'import-hangs', times: 1 });
    await assertRefused(run(), 'import-stuck');
    registries.faults.set({ fault: 'import-lies', times: 1 });
    await run();
    assert.equal(await registries.registry('staging').reader.manifest('iam', { tag: '1' }), undefined);
  });

  test('content is swapped and locks are ignored', async () => {
    const { reader, locks } = registries.registry('dev');
    registries.faults.set({ fault: 'swap', match: { call: 'manifest' }, times: 1 });
    await assertRefused(reader.manifest('iam', { tag: '1' }), 'digest-mismatch');
    registries.faults.set({ fault: 'swap', match: { call: 'blob' }, times: 1 });
    await assertRefused(reader.blob('iam', IMAGE.blobs[0]?.digest ?? IMAGE.manifestDigest, 1000), 'digest-mismatch');
    registries.faults.set({ fault: 'lock-ignored' });
    await locks.set({ repository: 'iam', tag: '1' }, { deletable: false, writable: false });
    assert.deepEqual(await locks.read({ repository: 'iam', tag: '1' }), { deletable: true, writable: true });
    registries.faults.clear();
    await locks.set({ repository: 'iam', tag: '1' }, { deletable: false, writable: false });
    assert.deepEqual(await locks.read({ repository: 'iam', tag: '1' }), { deletable: false, writable: false });
  });
});

describe('when imports take their time', () => {
  test('the copy is made whether or not somebody waits, and only then', async () => {
    const registries = createMemoryRegistries({ hosts: HOSTS, importMs: 30, callMs: 1 });
    push(registries);
    const { importer, reader } = registries.registry('staging');
    await importer.begin(REQUEST, NEVER);
    assert.deepEqual(kinds(registries, 'staging'), ['import-accepted']);
    let found = await reader.manifest('iam', { tag: '1' });
    while (found === undefined) found = await reader.manifest('iam', { tag: '1' });
    assert.equal(found.digest, IMAGE.manifestDigest);
    assert.deepEqual(
      kinds(registries, 'staging').filter((one) => one.startsWith('import-')),
      ['import-accepted', 'import-completed'],
    );
  });
});

describe('when the state is kept in a file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-memory-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const open = (importMs = 0): MemoryRegistries =>
    createMemoryRegistries({ hosts: HOSTS, importMs, stateFile: join(folder, 'state.json') });

  test('a second process finds content, tags, locks, referrers and effects', async () => {
    const first = open();
    push(first);
    const signature = sampleImage('signature', { subject: IMAGE, artifactType: 'application/x-test' });
    await first.registry('dev').publisher.publish('iam', signature);
    await first.registry('dev').locks.set({ repository: 'iam', tag: '1' }, { deletable: false, writable: false });
    const second = open();
    const { reader, locks } = second.registry('dev');
    const found = await reader.manifest('iam', { tag: '1' });
    assert.deepEqual(Buffer.from(found?.bytes ?? []), Buffer.from(IMAGE.manifest));
    for (const { digest, bytes } of IMAGE.blobs) {
      assert.deepEqual(Buffer.from(await reader.blob('iam', digest, 1000)), Buffer.from(bytes));
    }
    assert.deepEqual(await locks.read({ repository: 'iam', tag: '1' }), { deletable: false, writable: false });
    assert.equal((await reader.referrers('iam', IMAGE.manifestDigest))[0]?.digest, signature.manifestDigest);
    assert.deepEqual(second.effects, first.effects);
  });

  test('a second process finishes the import of the first, which is made once', async () => {
    const first = open(20);
    push(first);
    const ticket = await first.registry('staging').importer.begin(REQUEST, NEVER);
    const second = open(20);
    await second.registry('staging').importer.finish(ticket, NEVER);
    assert.deepEqual(kinds(second, 'staging'), ['import-accepted', 'manifest-put', 'tag-put', 'import-completed']);
    assert.deepEqual(kinds(open(), 'staging'), kinds(second, 'staging'));
  });

  test('refuses a file that is something else', () => {
    writeFileSync(join(folder, 'state.json'), 'not json');
    assert.throws(open, SyntaxError);
  });
});
