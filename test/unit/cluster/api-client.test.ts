import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import { type ApiRequest, createApiClient } from '../../../src/adapters/cluster/kubernetes/api-client.ts';
import { connect, kubeconfigSource } from '../../../src/adapters/cluster/kubernetes/connection.ts';
import { rejection } from '../../ports/cluster/apply-suite.ts';
import { type Answer, type Wire, json, startWire, status } from './support/wire.ts';

let wire: Wire | undefined;
afterEach(async () => {
  await wire?.close();
  wire = undefined;
});

const asked = { verb: 'get', resource: 'pods', namespace: 'iam', what: 'pod/x' };
const GET: ApiRequest = { method: 'GET', path: '/api/v1/x', asked, signal: new AbortController().signal };
const serve = async (answer: Answer): Promise<Wire> => (wire = await startWire(answer));
const clientFor = (path: string, context?: string): ReturnType<typeof createApiClient> =>
  createApiClient(connect(kubeconfigSource(path, context)));

describe('when a request is sent', () => {
  test('it carries the token of the kubeconfig and the query as given', async () => {
    const { requests, kubeconfig } = await serve((_, response) => json(response, 200, { fine: true }));
    const answer = await clientFor(kubeconfig()).call({ ...GET, query: { fieldSelector: 'metadata.name=a b' } });
    assert.deepEqual(answer, { code: 200, body: { fine: true } });
    assert.equal(requests[0]?.headers['authorization'], 'Bearer secret');
    assert.equal(requests[0]?.query.get('fieldSelector'), 'metadata.name=a b');
  });

  test('a body has its length, also in a DELETE', async () => {
    const { requests, kubeconfig } = await serve((_, response) => json(response, 200, {}));
    await clientFor(kubeconfig()).call({ ...GET, method: 'DELETE', body: '{"ä":1}' });
    assert.equal(requests[0]?.headers['content-length'], '8');
    assert.equal(requests[0]?.headers['transfer-encoding'], undefined);
    assert.equal(requests[0]?.body, '{"ä":1}');
  });

  test('a refused token is read anew, once', async () => {
    let token = 'old';
    const { requests, kubeconfig } = await serve((request, response) => {
      if (request.headers['authorization'] === 'Bearer new') return json(response, 200, {});
      kubeconfig({ token: (token = 'new') });
      return status(response, 401, 'Unauthorized', 'Unauthorized');
    });
    await clientFor(kubeconfig({ token })).call(GET);
    assert.deepEqual(
      requests.map((one) => one.headers['authorization']),
      ['Bearer old', 'Bearer new'],
    );
  });

  test('a token that stays refused is an answer, not a loop', async () => {
    const { requests, kubeconfig } = await serve((_, response) =>
      status(response, 401, 'Unauthorized', 'Unauthorized'),
    );
    assert.equal((await rejection(clientFor(kubeconfig()).call(GET))).code, 'cluster-unauthorized');
    assert.equal(requests.length, 2);
  });

  test('a credential plug-in is run, and run again when its token is refused', async () => {
    const { kubeconfig, dir, requests } = await serve((request, response) =>
      request.headers['authorization'] === 'Bearer 2'
        ? json(response, 200, {})
        : status(response, 401, 'Unauthorized', ''),
    );
    const plugin = join(dir, 'plugin');
    const credential =
      '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"\'$n\'"}}';
    writeFileSync(
      plugin,
      `#!/bin/sh\necho >> ${dir}/runs\nn=$(wc -l < ${dir}/runs | tr -d ' ')\necho '${credential}'\n`,
    );
    chmodSync(plugin, 0o700);
    await clientFor(kubeconfig({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: plugin } })).call(GET);
    assert.equal(requests.length, 2);
  });

  test('a credential plug-in that fails says what it said', async () => {
    const { kubeconfig, dir } = await serve((_, response) => json(response, 200, {}));
    const plugin = join(dir, 'plugin');
    writeFileSync(plugin, '#!/bin/sh\necho "log in first" >&2\nexit 1\n');
    chmodSync(plugin, 0o700);
    const error = await rejection(clientFor(kubeconfig({ exec: { command: plugin } })).call(GET));
    assert.equal(error.code, 'cluster-unauthorized');
    assert.match(error.message, /log in first/);
  });
});

describe('when the answer is not what was asked for', () => {
  const cases: readonly (readonly [title: string, answer: Answer, code: string, words: RegExp])[] = [
    ['a page of a proxy', (_, response) => response.writeHead(200).end('<html>'), 'cluster-failing', /is not JSON/],
    [
      'a proxy’s own error',
      (_, response) => response.writeHead(502).end('Bad Gateway'),
      'cluster-failing',
      /502: Bad Gateway/,
    ],
    ['an error without a body', (_, response) => response.writeHead(500).end(), 'cluster-failing', /500/],
    ['a connection that is closed', (_, response) => response.destroy(), 'cluster-unreachable', /cannot be reached/],
    [
      'an answer that breaks off',
      (_, response) => (
        response.writeHead(200, { 'content-length': '99' }).write('{'),
        setImmediate(() => response.destroy())
      ),
      'cluster-unreachable',
      /cannot be reached/,
    ],
  ];
  for (const [title, answer, code, words] of cases) {
    test(`${title}: ${code}`, async () => {
      const { kubeconfig } = await serve(answer);
      const error = await rejection(clientFor(kubeconfig()).call(GET));
      assert.equal(error.code, code);
      assert.match(error.message, words);
    });
  }

  test('codes that the caller understands are answers, whatever their body', async () => {
    const { kubeconfig } = await serve((_, response) => response.writeHead(404).end('404 page not found'));
    assert.deepEqual(await clientFor(kubeconfig()).call(GET, [404]), { code: 404, body: undefined });
  });

  test('when to come back is passed on', async () => {
    const { kubeconfig } = await serve((_, response) =>
      json(response, 429, { message: 'slow' }, { 'retry-after': '7' }),
    );
    assert.deepEqual((await rejection(clientFor(kubeconfig()).call(GET))).retry, { afterMs: 7000 });
  });

  test('a log is cut where it is long enough', async () => {
    const { kubeconfig } = await serve((_, response) => response.writeHead(200).end('x'.repeat(100_000)));
    assert.equal((await clientFor(kubeconfig()).text(GET, 10)).length, 10);
  });

  test('a caller who has gone is not told that the cluster is out of reach', async () => {
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    const { kubeconfig } = await serve(() => resolve());
    const caller = new AbortController();
    const call = clientFor(kubeconfig()).call({ ...GET, signal: caller.signal });
    await reached;
    caller.abort(new Error('enough'));
    await assert.rejects(call, /enough/);
  });
});

describe('when the configuration does not fit', () => {
  let silent: Server | undefined;
  after(() => silent?.close());

  test('a kubeconfig that is missing or broken is named', async () => {
    const missing = await rejection(clientFor('/does/not/exist').call(GET));
    assert.equal(missing.code, 'config-missing');
    assert.match(missing.message, /\/does\/not\/exist/);
    const { dir } = await serve(() => undefined);
    writeFileSync(join(dir, 'broken'), '{"clusters": [');
    assert.equal((await rejection(clientFor(join(dir, 'broken')).call(GET))).code, 'config-invalid');
    assert.equal((await rejection(clientFor(dir).call(GET))).code, 'config-invalid');
  });

  test('a context that is not there is named, with those that are', async () => {
    const { kubeconfig } = await serve(() => undefined);
    const error = await rejection(clientFor(kubeconfig(), 'prod').call(GET));
    assert.equal(error.code, 'config-invalid');
    assert.match(error.message, /"prod".*it has: wire/);
  });

  test('it is read again after it was put right', async () => {
    const { kubeconfig, dir } = await serve((_, response) => json(response, 200, {}));
    const path = join(dir, 'kubeconfig');
    const client = clientFor(path);
    assert.equal((await rejection(client.call(GET))).code, 'config-missing');
    kubeconfig();
    assert.equal((await client.call(GET)).code, 200);
  });

  test('a port where nobody listens is named', async () => {
    const { kubeconfig, url, close } = await startWire(() => undefined);
    const { dir } = await serve(() => undefined);
    const copy = join(dir, 'gone');
    writeFileSync(copy, (await import('node:fs')).readFileSync(kubeconfig()));
    await close();
    const error = await rejection(clientFor(copy).call(GET));
    assert.equal(error.code, 'cluster-unreachable');
    assert.equal(error.retry, 'yes');
    assert.ok(error.message.includes(url) && error.message.includes('ECONNREFUSED'), error.message);
  });

  test('what answers without TLS where TLS is spoken is out of reach', async () => {
    silent = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => silent?.listen(0, '127.0.0.1', resolve));
    const { dir } = await serve(() => undefined);
    const path = join(dir, 'tls');
    const server = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const config = {
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    writeFileSync(path, JSON.stringify(config));
    assert.equal((await rejection(clientFor(path).call(GET))).code, 'cluster-unreachable');
  });
});
