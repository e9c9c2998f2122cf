import assert from 'node:assert/strict';
import { type Server as HttpServer, createServer as createHttp } from 'node:http';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { createHttpHealth } from '../../../src/adapters/health/http.ts';
import { createMemoryHealth } from '../../../src/adapters/health/memory.ts';

const servers: (Server | HttpServer)[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

const NEVER = new AbortController().signal;
const LONG_MS = 30_000;
const ask = createHttpHealth().ask;

async function listen(server: Server | HttpServer): Promise<string> {
  servers.push(server);
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Says these bytes to whoever connects, and keeps the connection open. */
const says = (text: string): Promise<string> =>
  listen(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(text));
    }),
  );

describe('when a service is asked over HTTP', () => {
  test('status and body are the answer, whatever the status', async () => {
    for (const code of [200, 404, 500, 503]) {
      const url = await listen(createHttp((_, response) => response.writeHead(code).end(`code ${code}`)));
      assert.deepEqual(await ask(`${url}/health`, LONG_MS, NEVER), {
        kind: 'answered',
        status: code,
        body: `code ${code}`,
      });
    }
  });

  test('a redirect is an answer, and is not followed', async () => {
    let asked = 0;
    const url = await listen(
      createHttp((_, response) => {
        asked += 1;
        response.writeHead(302, { location: '/elsewhere' }).end();
      }),
    );
    assert.deepEqual(await ask(url, LONG_MS, NEVER), { kind: 'answered', status: 302, body: '' });
    assert.equal(asked, 1);
  });

  test('each time on a connection of its own', async () => {
    let connections = 0;
    const server = createHttp((_, response) => response.end('ok'));
    server.on('connection', () => (connections += 1));
    const url = await listen(server);
    for (let time = 0; time < 3; time += 1) await ask(url, LONG_MS, NEVER);
    assert.equal(connections, 3);
  });

  test('a body is cut at 2 KiB, also one without end', async () => {
    const endless = await listen(
      createHttp((_, response) => {
        response.on('error', () => undefined);
        const more = (): boolean => response.destroyed || (response.write('x'.repeat(1024)), setImmediate(more), true);
        more();
      }),
    );
    const answer = await ask(endless, LONG_MS, NEVER);
    assert.equal(answer.kind === 'answered' && answer.body.length, 2048);
  });

  test('an answer in pieces is put together', async () => {
    const url = await says('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n');
    assert.deepEqual(await ask(url, LONG_MS, NEVER), { kind: 'answered', status: 200, body: 'hello' });
  });

  const silences: readonly (readonly [title: string, make: () => Promise<string>])[] = [
    ['never answers', () => says('')],
    ['stops in the middle of its headers', () => says('HTTP/1.1 200 OK\r\ncontent-le')],
    ['stops in the middle of its body', () => says('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')],
  ];
  for (const [title, make] of silences) {
    test(`one that ${title} has not answered`, async () => {
      assert.deepEqual(await ask(await make(), 50, NEVER), {
        kind: 'no-answer',
        why: 'no complete answer within 50 ms',
      });
    });
  }

  const failures: readonly (readonly [title: string, make: () => Promise<string>, why: RegExp])[] = [
    [
      'hangs up',
      () => listen(createServer((socket) => socket.once('data', () => socket.destroy()))),
      /closed|reset|socket/i,
    ],
    ['does not speak HTTP', () => says('SSH-2.0-OpenSSH_9.6\r\n'), /parse|HTTP/i],
    ['does not listen', async () => 'http://127.0.0.1:1', /ECONNREFUSED/],
    ['has no address', async () => 'http://nowhere.invalid', /ENOTFOUND|EAI_AGAIN|getaddrinfo/],
    ['has an address that is none', async () => 'not a url', /url/i],
    ['has one of another kind', async () => 'ftp://127.0.0.1/', /./],
  ];
  for (const [title, make, why] of failures) {
    test(`one that ${title}: no answer, with the reason`, async () => {
      const answer = await ask(await make(), LONG_MS, NEVER);
      assert.match(answer.kind === 'no-answer' ? answer.why : JSON.stringify(answer), why);
      assert.equal(answer.kind, 'no-answer');
    });
  }

  test('a caller who leaves is not told that the service is ill', async () => {
    const url = await says('');
    const caller = new AbortController();
    const asking = ask(url, LONG_MS, caller.signal);
    caller.abort();
    await assert.rejects(asking, { name: 'AbortError' });
    await assert.rejects(ask(url, LONG_MS, AbortSignal.abort()), { name: 'AbortError' });
  });
});

describe('when the answers are scripted', () => {
  const bad = { kind: 'answered', status: 500, body: '' } as const;
  const good = { kind: 'answered', status: 200, body: 'ok' } as const;

  test('they come one after the other, the last for ever', async () => {
    const { probe, asked } = createMemoryHealth([bad, good]);
    const answers = [];
    for (const path of ['/a', '/b', '/c']) answers.push(await probe.ask(path, 1, NEVER));
    assert.deepEqual(answers, [bad, good, good]);
    assert.deepEqual(asked, ['/a', '/b', '/c']);
  });

  test('or by address; unscripted, all is well', async () => {
    const { probe } = createMemoryHealth((url) => (url.includes('bad') ? bad : good));
    assert.deepEqual(await probe.ask('http://bad', 1, NEVER), bad);
    assert.deepEqual(await createMemoryHealth().probe.ask('http://x', 1, NEVER), good);
  });
});
