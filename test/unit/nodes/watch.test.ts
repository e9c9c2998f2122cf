import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { KubeApi } from '../../../local/control-plane/kube-api.ts';
import { follow, type Watched } from '../../../local/nodes/watch.ts';
import { until } from '../../../local/tools/until.ts';

interface Thing extends Watched {
  readonly metadata: { readonly uid: string; readonly resourceVersion?: string };
}

const thing = (uid: string): Thing => ({ metadata: { uid, resourceVersion: '1' } });

describe('following objects of the API', () => {
  let items: Thing[];
  let streams: PassThrough[];
  let queries: URLSearchParams[];
  let seen: string[];
  let over: AbortController;
  let ended: Promise<void>;

  /** Lists `items`; each watch is a stream that the test writes to. */
  const api = {
    get: async () => ({ items, metadata: { resourceVersion: '42' } }),
    stream: async (path: string, signal: AbortSignal) => {
      const stream = new PassThrough();
      stream.on('error', () => undefined);
      signal.addEventListener('abort', () => stream.destroy(signal.reason as Error));
      queries.push(new URLSearchParams(path.slice(path.indexOf('?') + 1)));
      streams.push(stream);
      return stream as unknown as IncomingMessage;
    },
  } as unknown as KubeApi;

  beforeEach(async () => {
    items = [thing('a'), thing('b')];
    streams = [];
    queries = [];
    seen = [];
    over = new AbortController();
    const watcher = {
      seen: ({ metadata }: Thing) => void seen.push(`+${metadata.uid}`),
      gone: ({ metadata }: Thing) => void seen.push(`-${metadata.uid}`),
      interrupted: () => void seen.push('!'),
    };
    const following = follow<Thing>(api, '/things?fieldSelector=x', watcher, over.signal);
    ended = following.ended;
    await following.listed;
    await watches(1);
  });
  afterEach(async () => {
    over.abort();
    await ended;
  });

  const watches = (count: number) =>
    until(() => streams.length === count, { what: `watch ${count}`, timeoutMs: 5000, everyMs: 2 });
  const send = (type: string, object: unknown) => streams.at(-1)?.write(`${JSON.stringify({ type, object })}\n`);
  const reported = (...expected: string[]) =>
    until(() => seen.length >= expected.length, { what: expected.join(' '), timeoutMs: 5000, everyMs: 2 }).then(() =>
      assert.deepEqual(seen, expected),
    );

  test('reports what is there, then watches from that version, with the selector', async () => {
    await reported('+a', '+b');
    assert.equal(queries[0]?.get('resourceVersion'), '42');
    assert.equal(queries[0]?.get('fieldSelector'), 'x');
  });

  test('reports what changes, comes and goes, and no bookmarks', async () => {
    send('MODIFIED', thing('a'));
    send('BOOKMARK', { metadata: { resourceVersion: '43' } });
    send('ADDED', thing('c'));
    send('DELETED', thing('b'));
    await reported('+a', '+b', '+a', '+c', '-b');
  });

  test('lists again when the server ends the watch, and reports what went meanwhile', async () => {
    items = [thing('b'), thing('d')];
    streams[0]?.end();
    await watches(2);
    await reported('+a', '+b', '-a', '+b', '+d');
  });

  const BROKEN: [string, (stream: PassThrough) => void][] = [
    ['the version is too old (410)', () => send('ERROR', { code: 410, reason: 'Expired', message: 'too old' })],
    ['the connection breaks', (stream) => stream.destroy(new Error('ECONNRESET'))],
    ['a line is cut off', (stream) => stream.end('{"type":"MODIF')],
  ];
  for (const [what, spoil] of BROKEN) {
    test(`says so and lists again when ${what}`, async () => {
      spoil(streams[0] as PassThrough);
      await watches(2);
      await reported('+a', '+b', '!', '+a', '+b');
    });
  }

  test('ends without a word when it is told to', async () => {
    over.abort();
    await ended;
    assert.deepEqual(seen, ['+a', '+b']);
  });
});
