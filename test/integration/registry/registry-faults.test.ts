/** The adapters under the faults of a real service. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Fault } from '../../../local/acr-emulator/index.ts';
import type { Acr } from '../../../src/adapters/registry/acr/create-acr.ts';
import type { ErrorCode } from '../../../src/domain/error-code.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { NEVER, sampleImage } from '../../ports/registry/subject.ts';
import { type Emulated, startEmulated } from './emulated.ts';

const IMAGE = sampleImage('faults');
const REQUEST = { source: 'dev', repository: 'iam', digest: IMAGE.manifestDigest, tag: '1.0.0' };
/** No pauses between attempts. */
const QUICK = { attempts: 3, pauseMs: 1, longestPauseMs: 1000 };
const ONCE = { ...QUICK, attempts: 1 };
const BLOB = IMAGE.blobs[0]?.digest ?? IMAGE.manifestDigest;

let emulated: Emulated;
let worker: Acr;
beforeEach(async () => {
  emulated = await startEmulated({ importDurationMs: 1 });
  await emulated.push('iam', IMAGE, '1.0.0');
  worker = emulated.acr('staging', 'worker-staging', { requestTimeoutMs: 1000, retries: QUICK });
});
afterEach(() => emulated.close());

const set = (fault: Fault): void => emulated.emulator.faults.set(fault);
const run = async (): Promise<void> => worker.importer.finish(await worker.importer.begin(REQUEST, NEVER), NEVER);
const copied = async (): Promise<boolean> => (await worker.reader.manifest('iam', IMAGE.manifestDigest)) !== undefined;

describe('when reading goes wrong', () => {
  const match = { registry: 'onestreamdev', path: '^/v2/iam/(manifests|blobs)/' };
  const dev = (retries = QUICK): Acr =>
    emulated.acr('dev', 'worker-dev', { requestTimeoutMs: 500, transferTimeoutMs: 500, retries });
  const read = (retries?: typeof QUICK) => dev(retries).reader.manifest('iam', { tag: '1.0.0' });
  const blob = (retries?: typeof QUICK) => dev(retries).reader.blob('iam', BLOB, 1000);

  for (const fault of [
    { fault: 'status', status: 500, times: 2, match },
    { fault: 'reset', times: 2, match },
    { fault: 'reset', when: 'body', times: 2, match },
    { fault: 'throttle', retryAfterSeconds: 0, times: 2, match },
    { fault: 'invalid-token', times: 1, match },
    { fault: 'slow', delayMs: 20, match },
  ] as const satisfies readonly Fault[]) {
    test(`gets over ${JSON.stringify({ ...fault, match: undefined })}`, async () => {
      set(fault);
      assert.equal((await read())?.digest, IMAGE.manifestDigest);
      emulated.emulator.faults.clear();
      set(fault);
      assert.ok((await blob()).length > 0);
    });
  }

  for (const [fault, code] of [
    [{ fault: 'status', status: 500, match }, 'registry-failing'],
    [{ fault: 'reset', match }, 'registry-unreachable'],
    [{ fault: 'reset', when: 'body', match }, 'registry-unreachable'],
    [{ fault: 'throttle', retryAfterSeconds: 30, match }, 'registry-throttled'],
    [{ fault: 'hang', match }, 'registry-unreachable'],
    [{ fault: 'slow', bytesPerSecond: 1, match }, 'registry-unreachable'],
    [{ fault: 'swap', match }, 'digest-mismatch'],
    [{ fault: 'invalid-token', match }, 'registry-unauthorized'],
  ] as const satisfies readonly (readonly [Fault, ErrorCode])[]) {
    test(`names ${JSON.stringify({ ...fault, match: undefined })}: ${code}`, async () => {
      set(fault);
      await assertRefused(read(ONCE), code);
      emulated.emulator.faults.clear();
      set(fault);
      await assertRefused(blob(ONCE), code);
    });
  }

  test('does not believe a digest that the header claims', async () => {
    set({ fault: 'swap', what: 'header', match });
    await assertRefused(read(), 'digest-mismatch');
  });
});

describe('when an import goes wrong', () => {
  const target = { registry: 'onestreamstaging' };

  test('says why it failed, whether the service says so by status or under 200', async () => {
    for (const asBody of [false, true]) {
      set({ fault: 'import-fails', times: 1, match: target, asBody });
      const error = await assertRefused(run(), 'import-failed');
      assert.match(error.got ?? '', /InvalidParameters/);
      assert.equal(await copied(), false);
    }
    await run();
    assert.equal(await copied(), true);
  });

  test('gives up on one that hangs, and the next one works', async () => {
    set({ fault: 'import-hangs', times: 1, match: target });
    const impatient = emulated.acr('staging', 'worker-staging', { importDeadlineMs: 50 });
    const ticket = await impatient.importer.begin(REQUEST, NEVER);
    await assertRefused(impatient.importer.finish(ticket, NEVER), 'import-stuck');
    await run();
    assert.equal(await copied(), true);
  });

  test('a lie is seen by looking', async () => {
    set({ fault: 'import-lies', times: 1, match: target });
    await run();
    assert.equal(await copied(), false);
  });

  test('never asks twice when the answer is an error after the effect', async () => {
    set({ fault: 'status', status: 500, when: 'after', times: 1, match: { registry: 'arm', method: 'POST' } });
    await assertRefused(worker.importer.begin(REQUEST, NEVER), 'registry-failing');
    const accepted = emulated.emulator.effects().filter((one) => one.effect === 'import-accepted');
    assert.equal(accepted.length, 1);
  });

  test('polls on through outages', async () => {
    const ticket = await worker.importer.begin(REQUEST, NEVER);
    set({ fault: 'status', status: 503, times: 1, match: { registry: 'arm', method: 'GET' } });
    await worker.importer.finish(ticket, NEVER);
    assert.equal(await copied(), true);
  });
});

describe('when changing goes wrong', () => {
  const subject = { repository: 'iam', digest: IMAGE.manifestDigest };
  const shut = { deletable: false, writable: false };

  test('a lock that did not take is seen by reading back', async () => {
    await run();
    set({ fault: 'lock-ignored' });
    await worker.locks.set(subject, shut);
    assert.deepEqual(await worker.locks.read(subject), { deletable: true, writable: true });
    emulated.emulator.faults.clear();
    await worker.locks.set(subject, shut);
    assert.deepEqual(await worker.locks.read(subject), shut);
  });

  test('locks through a lost answer', async () => {
    await run();
    set({ fault: 'reset', when: 'after', times: 1, match: { method: 'PATCH' } });
    await worker.locks.set(subject, shut);
    assert.deepEqual(await worker.locks.read(subject), shut);
  });

  test('removes through a lost answer', async () => {
    await run();
    set({ fault: 'reset', when: 'after', times: 2, match: { method: 'DELETE' } });
    assert.equal(await worker.remover.untag('iam', '1.0.0', IMAGE.manifestDigest), true);
    await worker.remover.deleteManifest('iam', IMAGE.manifestDigest);
    assert.equal(await copied(), false);
  });

  for (const fault of [
    { fault: 'absolute-location' },
    { fault: 'reset', when: 'after', times: 1, match: { method: 'PUT' } },
    { fault: 'status', status: 500, when: 'after', times: 1, match: { method: 'PUT', path: '/manifests/' } },
    {
      fault: 'status',
      status: 404,
      code: 'BLOB_UPLOAD_UNKNOWN',
      times: 1,
      match: { method: 'PUT', path: '/uploads/' },
    },
  ] as const satisfies readonly Fault[]) {
    test(`publishes through ${JSON.stringify(fault)}`, async () => {
      const artefact = sampleImage('published through faults', { subject: IMAGE });
      set(fault);
      const { publisher, reader } = emulated.acr('dev', 'build');
      await publisher.publish('iam', artefact);
      assert.deepEqual(
        (await reader.referrers('iam', IMAGE.manifestDigest)).map((one) => one.digest),
        [artefact.manifestDigest],
      );
    });
  }
});
