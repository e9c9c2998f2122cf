import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, test } from 'node:test';
import { createApiClient } from '../../../src/adapters/cluster/kubernetes/api-client.ts';
import { connect, kubeconfigSource } from '../../../src/adapters/cluster/kubernetes/connection.ts';
import { FOLLOW_TIMING, follow } from '../../../src/adapters/cluster/kubernetes/follow.ts';
import { until } from '../../../local/tools/until.ts';
import { rejection } from '../../ports/cluster/apply-suite.ts';
import { type Answer, type Wire, type WireRequest, json, startWire, status } from './support/wire.ts';

let wire: Wire | undefined;
let stop = new AbortController();
afterEach(async () => {
  stop.abort();
  stop = new AbortController();
  await wire?.close();
});

const object = (name: string, resourceVersion: string): object => ({ metadata: { name, uid: name, resourceVersion } });
const list = (version: string, ...items: object[]): object => ({ metadata: { resourceVersion: version }, items });
const event = (type: string, what: object): string => `${JSON.stringify({ type, object: what })}\n`;
const isWatch = (request: WireRequest): boolean => request.query.has('watch');
const open = (response: ServerResponse, ...lines: string[]): void => {
  response.writeHead(200).write(lines.join('') || '\n');
};

/** Follows what the wire says and notes what it hears. */
async function heard(
  answer: Answer,
  timing = { ...FOLLOW_TIMING, backOffMs: [1], refusalGraceMs: 50 },
): Promise<{
  said: string[];
  ended: Promise<void>;
  watches(): (string | null)[];
}> {
  wire = await startWire(answer);
  const { requests } = wire;
  const said: string[] = [];
  const names = (items: readonly { metadata: { name: string } }[]): string =>
    items.map((one) => one.metadata.name).join(',');
  const ended = follow(
    createApiClient(connect(kubeconfigSource(wire.kubeconfig(), undefined))),
    { path: '/pods', query: { labelSelector: 'app=iam' }, asked: { resource: 'pods', namespace: 'iam', what: 'pods' } },
    {
      replace: (items) => said.push(`all: ${names(items)}`),
      change: (kind, one) => said.push(`${kind} ${one.metadata.name}`),
      lost: (error) => said.push(`lost: ${error.code}`),
      found: () => said.push('found'),
    },
    stop.signal,
    timing,
  );
  ended.catch(() => undefined);
  return { said, ended, watches: () => requests.filter(isWatch).map((one) => one.query.get('resourceVersion')) };
}

const hears = (said: readonly string[], line: string): Promise<unknown> =>
  until(() => said.includes(line), { what: `"${line}"`, timeoutMs: 10_000, everyMs: 2 });

describe('when a collection is followed', () => {
  test('it is listed, then watched from there, with the selector in both', async () => {
    const { said, watches } = await heard((request, response) => {
      assert.equal(request.query.get('labelSelector'), 'app=iam');
      if (!isWatch(request)) return json(response, 200, list('7', object('a', '5')));
      open(response, event('ADDED', object('b', '8')), event('DELETED', object('a', '9')));
    });
    await hears(said, 'DELETED a');
    assert.deepEqual(said, ['all: a', 'ADDED b', 'DELETED a']);
    assert.deepEqual(watches(), ['7']);
  });

  test('a long list comes in pages', async () => {
    const { said } = await heard((request, response) => {
      if (isWatch(request)) return open(response);
      const second = request.query.get('continue') === 'more';
      const metadata = { resourceVersion: '7', ...(second ? {} : { continue: 'more' }) };
      json(response, 200, { metadata, items: [object(second ? 'b' : 'a', '1')] });
    });
    await hears(said, 'all: a,b');
  });

  test('events arrive whole, however the bytes are cut', async () => {
    const bytes = Buffer.from(event('ADDED', object('grün', '8')) + event('BOOKMARK', object('', '9')));
    const { said } = await heard((request, response) => {
      if (!isWatch(request)) return json(response, 200, list('7'));
      response.writeHead(200);
      for (const byte of bytes) response.write(Buffer.from([byte]));
    });
    await hears(said, 'ADDED grün');
  });

  test('a watch that ends or breaks goes on after the last thing heard, bookmarks included', async () => {
    let watch = 0;
    const { said, watches } = await heard((request, response) => {
      if (!isWatch(request)) return json(response, 200, list('7'));
      watch += 1;
      if (watch === 1) return void response.writeHead(200).end(event('ADDED', object('a', '8')));
      if (watch === 2) {
        open(response, event('BOOKMARK', object('', '20')));
        return void setImmediate(() => response.destroy());
      }
      open(response, event('MODIFIED', object('a', '21')));
    });
    await hears(said, 'MODIFIED a');
    assert.deepEqual(watches(), ['7', '8', '20']);
    assert.equal(said.filter((one) => one.startsWith('all')).length, 1, 'no second list');
  });

  for (const [title, expired] of [
    ['before the stream begins', (response: ServerResponse) => status(response, 410, 'Expired', 'too old')],
    [
      'inside the stream',
      (response: ServerResponse) => open(response, event('ERROR', { code: 410, message: 'too old' })),
    ],
  ] as const) {
    test(`history that is gone, ${title}, is listed anew`, async () => {
      let lists = 0;
      const { said } = await heard((request, response) => {
        if (!isWatch(request)) return json(response, 200, list(String(++lists), object(`v${lists}`, '1')));
        if (request.query.get('resourceVersion') === '1') return expired(response);
        open(response);
      });
      await hears(said, 'all: v2');
    });
  }

  test('a server that fails for a while is lost, sought, and found', async () => {
    let watches = 0;
    const { said } = await heard((request, response) => {
      if (!isWatch(request)) return json(response, 200, list('7'));
      watches += 1;
      if (watches <= 2) return status(response, 503, 'ServiceUnavailable', 'starting');
      if (watches === 3) return void response.destroy();
      open(response, event('ADDED', object('a', '8')));
    });
    await hears(said, 'ADDED a');
    assert.deepEqual(said, [
      'all: ',
      'lost: cluster-failing',
      'lost: cluster-failing',
      'lost: cluster-unreachable',
      'found',
      'ADDED a',
    ]);
  });

  test('a server that ends every watch at once is not hammered without a pause', async () => {
    const { said } = await heard((request, response) =>
      isWatch(request) ? void response.writeHead(200).end() : json(response, 200, list('7')),
    );
    await hears(said, 'lost: cluster-unreachable');
  });

  test('silence beyond the time agreed on ends a watch', async () => {
    const { said, watches } = await heard(
      (request, response) => (isWatch(request) ? open(response) : json(response, 200, list('7'))),
      { ...FOLLOW_TIMING, watchSeconds: 0, silenceMs: 50, backOffMs: [1] },
    );
    await hears(said, 'lost: cluster-unreachable');
    await until(() => watches().length >= 2, { what: 'another watch', timeoutMs: 10_000, everyMs: 5 });
  });

  test('a right that is missing from the start is told at once', async () => {
    const { ended } = await heard((_, response) =>
      status(response, 403, 'Forbidden', 'User "w" cannot list resource "pods" in API group ""'),
    );
    assert.equal((await rejection(ended)).code, 'cluster-forbidden');
  });

  test('a right that goes missing is told when it stays away', async () => {
    const { ended, said } = await heard((request, response) =>
      isWatch(request)
        ? status(response, 403, 'Forbidden', 'User "w" cannot watch resource "pods" in API group ""')
        : json(response, 200, list('7')),
    );
    assert.equal((await rejection(ended)).code, 'cluster-forbidden');
    assert.ok(said.includes('lost: cluster-forbidden'), 'it was tried again before');
  });

  test('an event that is no JSON, or says ERROR, breaks the watch, not the follower', async () => {
    let watches = 0;
    const { said } = await heard((request, response) => {
      if (!isWatch(request)) return json(response, 200, list('7'));
      watches += 1;
      if (watches === 1) return open(response, 'not json\n');
      if (watches === 2) return open(response, event('ERROR', { code: 500, message: 'etcd' }));
      open(response, event('ADDED', object('a', '8')));
    });
    await hears(said, 'ADDED a');
  });

  test('it ends quietly when nobody listens any more', async () => {
    const { said, ended } = await heard((request, response) =>
      isWatch(request) ? open(response) : json(response, 200, list('7')),
    );
    await hears(said, 'all: ');
    stop.abort();
    await ended;
  });
});
