/** Every way in which a registry or the network can say no, and the word that Sluice has for it. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { codeOf, errorOfNetwork } from '../../../src/adapters/registry/acr/network-errors.ts';
import { retryAfterMs } from '../../../src/adapters/registry/acr/retrying.ts';
import { missingRole } from '../../../src/adapters/registry/acr/rights.ts';
import type { ErrorCode } from '../../../src/domain/error-code.ts';
import type { Retry } from '../../../src/ports/port-error.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { sampleImage } from '../../ports/registry/subject.ts';
import { challenge, RESOURCE_ID, type Scene, startScene } from './scene.ts';
import { registryError, type WireAnswer } from './wire.ts';

const RETRY_AFTER = { 'retry-after': '7' };

describe('when the registry says no', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await startScene({ retries: { attempts: 1, pauseMs: 1, longestPauseMs: 1 } });
  });
  afterEach(() => scene.wire.close());

  const rows: readonly (readonly [string, WireAnswer, ErrorCode, Retry])[] = [
    ['400 of no known kind', registryError(400, 'NAME_ODD'), 'registry-protocol', 'no'],
    ['400 DIGEST_INVALID', registryError(400, 'DIGEST_INVALID'), 'digest-mismatch', 'no'],
    ['400 MANIFEST_BLOB_UNKNOWN', registryError(400, 'MANIFEST_BLOB_UNKNOWN'), 'blob-unknown', 'yes'],
    ['403', registryError(403, 'DENIED'), 'registry-forbidden', 'no'],
    ['403 without a body', { status: 403 }, 'registry-forbidden', 'no'],
    ['405 of a lock', registryError(405, 'REGISTRY_DISALLOWED_OPERATION'), 'image-locked', 'no'],
    ['408', { status: 408 }, 'registry-failing', 'yes'],
    [
      '429 with Retry-After',
      registryError(429, 'TOOMANYREQUESTS', RETRY_AFTER),
      'registry-throttled',
      { afterMs: 7000 },
    ],
    ['429 without', registryError(429, 'TOOMANYREQUESTS'), 'registry-throttled', 'yes'],
    ['500', registryError(500, 'UNKNOWN'), 'registry-failing', 'yes'],
    ['502 of a gateway', { status: 502, body: '<html>Bad Gateway</html>' }, 'registry-failing', 'yes'],
    ['503 with Retry-After', { status: 503, headers: RETRY_AFTER }, 'registry-failing', { afterMs: 7000 }],
    [
      '503 with Retry-After: 0',
      { status: 503, headers: { 'retry-after': '0' } },
      'registry-failing',
      { afterMs: 1000 },
    ],
    ['302 to a portal', { status: 302, headers: { location: 'https://portal.test' } }, 'registry-protocol', 'no'],
    ['204 where content must be', { status: 204 }, 'registry-protocol', 'no'],
  ];
  for (const [what, answer, code, retry] of rows) {
    test(`${what} is ${code}`, async () => {
      scene.wire.on('GET', /manifests/, () => answer);
      const error = await assertRefused(scene.acr.reader.manifest('iam', { tag: '1.0.0' }), code);
      assert.deepEqual(error.retry, retry);
      assert.match(error.message, /could not read manifest iam:1\.0\.0 at 127\.0\.0\.1:\d+/);
    });
  }

  test('names the firewall and not a role when the network is refused', async () => {
    const body = JSON.stringify({
      errors: [{ code: 'DENIED', message: "client with IP '10.0.0.1' is not allowed access" }],
    });
    scene.wire.on('GET', /manifests/, () => ({ status: 403, body }));
    const error = await assertRefused(scene.acr.reader.manifest('iam', { tag: '1' }), 'registry-forbidden');
    assert.match(error.remedy ?? '', /network rules/);
    assert.doesNotMatch(error.remedy ?? '', /AcrPull/);
  });

  test('names the role for pushing', async () => {
    scene.wire.on('HEAD', /blobs|manifests/, () => ({ status: 404 }));
    scene.wire.on('POST', /uploads/, () => challenge(scene.wire, 'repository:iam:pull,push', 'insufficient_scope'));
    const error = await assertRefused(scene.acr.publisher.publish('iam', sampleImage('x')), 'registry-forbidden');
    assert.ok(error.remedy?.includes(missingRole('push', RESOURCE_ID)), error.remedy);
  });
});

describe('when nothing answers', () => {
  const options = { retries: { attempts: 1, pauseMs: 1, longestPauseMs: 1 } };

  test('says which host refused the connection', async () => {
    const scene = await startScene(options);
    await scene.wire.close();
    const error = await assertRefused(scene.acr.reader.manifest('iam', { tag: '1' }), 'registry-unreachable');
    assert.equal(error.retry, 'yes');
    assert.match(error.message, new RegExp(`${scene.wire.host}.*ECONNREFUSED`));
  });

  test('does not wait for ever for the first byte', async () => {
    const scene = await startScene({ ...options, requestTimeoutMs: 50, transferTimeoutMs: 5000 });
    scene.wire.on('GET', /manifests/, () => ({ status: 200, silent: true }));
    const error = await assertRefused(scene.acr.reader.manifest('iam', { tag: '1' }), 'registry-unreachable');
    assert.match(error.message, /no answer in time/);
    await scene.wire.close();
  });

  test('does not wait for ever for the last byte', async () => {
    const scene = await startScene({ ...options, requestTimeoutMs: 5000, transferTimeoutMs: 50 });
    scene.wire.on('GET', /manifests/, () => ({ status: 200, silent: true }));
    const error = await assertRefused(scene.acr.reader.manifest('iam', { tag: '1' }), 'registry-unreachable');
    assert.match(error.message, /no answer in time/);
    await scene.wire.close();
  });

  test('tells a certificate that nobody vouches for from an outage', async () => {
    const scene = await startScene(options);
    const reader = scene.adapter({ ca: undefined }).reader;
    const error = await assertRefused(reader.manifest('iam', { tag: '1' }), 'registry-unreachable');
    assert.equal(error.retry, 'no');
    assert.match(error.remedy ?? '', /caFile/);
    await scene.wire.close();
  });

  test('survives a server that speaks something else', async () => {
    const server = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('SSH-2.0-OpenSSH\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const scene = await startScene(options);
    const loginServer = `127.0.0.1:${(server.address() as AddressInfo).port.toString()}`;
    await assertRefused(scene.adapter({ loginServer }).reader.manifest('iam', { tag: '1' }), 'registry-unreachable');
    await scene.wire.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test('finds the system error inside wrapped ones', () => {
    const inner = Object.assign(new Error('getaddrinfo ENOTFOUND acr.test'), { code: 'ENOTFOUND' });
    const attempt = { what: 'look', host: 'acr.test', right: 'pull', scope: 'x' } as const;
    for (const thrown of [inner, new Error('outer', { cause: inner }), new AggregateError([inner], 'all failed')]) {
      assert.equal(codeOf(thrown), 'ENOTFOUND');
      assert.match(errorOfNetwork(attempt, thrown).remedy ?? '', /DNS/);
    }
    assert.equal(codeOf('text'), undefined);
    assert.match(errorOfNetwork(attempt, 'text').message, /text/);
  });
});

describe('when the registry is out for a moment', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await startScene();
  });
  afterEach(() => scene.wire.close());
  const ask = () => scene.acr.reader.manifest('iam', { tag: '1' });

  for (const [what, answer] of [
    ['a 503', { status: 503 }],
    ['a 500', { status: 500 }],
    ['a broken connection', { status: 0, cut: 'before' }],
    ['a 429 with a short Retry-After', { status: 429, headers: { 'retry-after': '0' } }],
  ] as const) {
    test(`asks again after ${what}`, async () => {
      scene.wire.on('GET', /manifests/, (_, count) => (count < 3 ? answer : registryError(404, 'MANIFEST_UNKNOWN')));
      assert.equal(await ask(), undefined);
      assert.equal(scene.wire.seen.length, 3);
    });
  }

  test('gives up after three times', async () => {
    scene.wire.on('GET', /manifests/, () => ({ status: 503 }));
    await assertRefused(ask(), 'registry-failing');
    assert.equal(scene.wire.seen.length, 3);
  });

  test('leaves a long Retry-After to the caller', async () => {
    scene.wire.on('GET', /manifests/, () => ({ status: 429, headers: { 'retry-after': '60' } }));
    const error = await assertRefused(ask(), 'registry-throttled');
    assert.deepEqual(error.retry, { afterMs: 60_000 });
    assert.equal(scene.wire.seen.length, 1);
  });

  test('never asks again after a final no', async () => {
    scene.wire.on('GET', /manifests/, () => registryError(403, 'DENIED'));
    await assertRefused(ask(), 'registry-forbidden');
    assert.equal(scene.wire.seen.length, 1);
  });
});

describe('when Retry-After is read', () => {
  const now = Date.parse('2026-11-03T10:00:00Z');
  for (const [header, expected] of [
    [undefined, undefined],
    ['', undefined],
    ['7', 7000],
    ['0', 0],
    ['0.5', 500],
    ['-1', undefined],
    ['soon', undefined],
    ['Tue, 03 Nov 2026 10:00:09 GMT', 9000],
    ['Tue, 03 Nov 2026 09:00:00 GMT', 0],
  ] as const) {
    test(`${JSON.stringify(header)} is ${String(expected)} ms`, () => {
      assert.equal(retryAfterMs(header, now), expected);
    });
  }
});
