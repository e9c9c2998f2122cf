import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type DeskReport,
  type ListedRelease,
  ReleaseEngineError,
  type ReleaseView,
  type WatchOptions,
} from '../../../src/client/index.ts';
import { neverOpened } from '../../../src/client/desks.ts';
import type { Forwarder } from '../../../src/web/answering/answering.ts';
import type { Restrainer } from '../../../src/web/restraining/restraining.ts';
import type { Reader } from '../../../src/web/reader.ts';
import { type WebServer, serveWeb } from '../../../src/web/server.ts';
import type { PromotionStatus } from '../../../src/contract/status.ts';
import { aPromotion, aRelease, aView } from '../client/views.ts';
import { ask, type Got } from './taking.ts';

function get(
  url: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Got> {
  return ask(url, method, headers);
}

function handedOn(): Promise<never> {
  return Promise.reject(new Error('nothing is handed on here'));
}

/** A reader whose watches stand still after one look, and say when they are left. */
class FakeReader {
  view: ReleaseView = aView();
  failure: Error | undefined;
  desks: DeskReport = { known: [], unanswered: [] };
  releases: readonly ListedRelease[] = [];
  /** What a watch meets at its first look, and what it throws at a later one. */
  trouble: { readonly first: ReleaseEngineError; readonly then: Promise<never> } | undefined;
  /** A promotion that is there though its release is not. */
  back: PromotionStatus | undefined;
  opened = 0;
  left = 0;
  #look: ((view: ReleaseView) => void) | undefined;

  readonly reader: Reader & Forwarder & Restrainer = {
    approve: handedOn,
    reject: handedOn,
    override: handedOn,
    stop: handedOn,
    thaw: handedOn,
    hold: handedOn,
    liftHold: handedOn,
    desks: () => this.#answer(this.desks),
    status: () => this.#answer(this.view),
    promotion: () => (this.back === undefined ? this.#answer(aPromotion()) : Promise.resolve(this.back)),
    page: () => this.#answer({ releases: this.releases }),
    board: () => this.#answer([]),
    underWay: () => this.#answer(0),
    watch: (_key, options) => this.#watch(options ?? {}),
  };

  show(view: ReleaseView): void {
    this.view = view;
    this.#look?.(view);
  }

  #answer<Value>(value: Value): Promise<Value> {
    return this.failure === undefined ? Promise.resolve(value) : Promise.reject(this.failure);
  }

  async *#watch({ signal, onView, onTrouble }: WatchOptions): AsyncGenerator<never, ReleaseView | undefined> {
    this.opened += 1;
    if (this.failure !== undefined) throw this.failure;
    if (this.trouble !== undefined) {
      onTrouble?.(this.trouble.first);
      await this.trouble.then;
    }
    onView?.(this.view);
    this.#look = onView;
    const stopped = Promise.withResolvers<void>();
    signal?.addEventListener('abort', () => stopped.resolve(), { once: true });
    if (this.view.release.outcome === undefined) await stopped.promise;
    this.left += 1;
    return this.view;
  }
}

/** Reads a stream until its text matches, then hangs up. */
async function readUntil(url: string, pattern: RegExp, headers: Record<string, string> = {}): Promise<string> {
  const hangUp = new AbortController();
  const response = await fetch(url, { headers, signal: hangUp.signal });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (pattern.test(text)) break;
  }
  hangUp.abort();
  return text;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('when the server is asked', () => {
  let fake: FakeReader;
  let web: WebServer;
  const defects: unknown[] = [];
  const at = (path: string): string => `${web.url}${path.slice(1)}`;

  before(async () => {
    fake = new FakeReader();
    web = await serveWeb({
      address: '127.0.0.1',
      port: 0,
      behindProxy: 'sluice.example.com',
      namespace: 'default',
      environments: ['test', 'production'],
      services: ['iam'],
      open: () => Promise.resolve(fake.reader),
      onDefect: (error) => defects.push(error),
      viewers: 2,
      heartbeatMs: 5,
      now: () => new Date('2026-11-23T12:00:00Z'),
    });
  });
  after(() => web.close());

  test('an environment that is not configured and of which nothing is known is no page', async () => {
    for (const path of ['/environments/nope', '/environments/nope.json']) {
      const { status, body } = await get(at(path));
      assert.equal(status, 404, path);
      assert.match(body, /there is no environment/i);
    }
    assert.equal((await get(at('/environments/production'))).status, 200);
    const kept = { ...neverOpened('old'), turns: { fence: 1, held: [], queue: [] } };
    fake.desks = { known: [kept], unanswered: [] };
    assert.equal((await get(at('/environments/old'))).status, 200);
    fake.desks = { known: [], unanswered: ['old'] };
    assert.equal((await get(at('/environments/old'))).status, 200);
    fake.desks = { known: [], unanswered: [] };
  });

  test('a list of nothing under a name that is not configured says so, and tells what there is', async () => {
    for (const [filter, message] of [
      ['environment=nope', /There is no environment \S{1,8}nope\S{1,8} there are test, production/],
      ['environment=test&service=imm', /There is no service \S{1,8}imm\S{1,8} there are iam/],
    ] as const) {
      for (const path of ['/releases', '/releases.json']) {
        const { status, body } = await get(at(`${path}?${filter}`));
        assert.equal(status, 404, path);
        assert.match(body, message);
      }
    }
    const { error } = JSON.parse((await get(at('/releases.json?service=imm'))).body);
    assert.equal(error.code, 'service-unknown');
    assert.equal((await get(at('/releases.json?service=iam&environment=test'))).status, 200);
    fake.releases = [{ service: 'gone', version: '1', running: false, startedAt: '2026-11-23T11:00:00Z' }];
    assert.equal((await get(at('/releases.json?service=gone'))).status, 200, 'releases of it are remembered');
    fake.releases = [];
  });

  test('every answer forbids what it does not need, and pages are not kept', async () => {
    for (const path of [
      '/',
      '/releases',
      '/releases/iam/1.0.0',
      '/environments/test',
      '/nothing',
      '/board.json',
      '/healthz',
    ]) {
      const { headers } = await get(at(path));
      const policy = String(headers['content-security-policy']);
      for (const rule of [
        "default-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
      ]) {
        assert.ok(policy.includes(rule), `${path}: ${rule}`);
      }
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
      assert.equal(headers['cache-control'], 'no-store');
    }
  });

  test('only looking is allowed', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await get(at('/releases/iam/1.0.0'), { method });
      assert.equal(status, 405);
      assert.equal(headers['allow'], 'GET, HEAD');
    }
    const head = await get(at('/'), { method: 'HEAD' });
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.ok(Number(head.headers['content-length']) > 500);
  });

  test('a name that somebody let point here is not answered; the proxy and loopback are', async () => {
    const { port } = new URL(web.url);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1.evil.example:${port}`]) {
      assert.equal((await get(at('/'), { headers: { host } })).status, 421, host);
    }
    for (const host of ['sluice.example.com', 'Sluice.Example.com', `localhost:${port}`, `[::1]:${port}`]) {
      assert.equal((await get(at('/'), { headers: { host } })).status, 200, host);
    }
    assert.equal((await get(at('/healthz'), { headers: { host: '10.0.0.7:8088' } })).status, 200);
  });

  test('addresses are bounded, and those that lead nowhere say so', async () => {
    assert.equal((await get(at(`/releases?service=${'a'.repeat(3_000)}`))).status, 414);
    for (const path of [
      '/x',
      '/releases/iam',
      '/releases/iam/1/2/3',
      '/%ff',
      '/assets/../../package.json',
      '//evil.example/',
      '/.git/config',
      '/assets/live.js',
    ]) {
      const { status, body } = await get(at(path));
      assert.equal(status, 404, path);
      assert.match(body, /This address leads nowhere/);
    }
    assert.equal((await get(at('/releases?outcome=great'))).status, 400);
  });

  test('assets are served under the address that their content gives them, to be kept', async () => {
    const { body } = await get(at('/'));
    const [href = ''] = /\/assets\/live-[0-9a-f]{12}\.js/.exec(body) ?? [];
    const { status, headers } = await get(at(href));
    assert.equal(status, 200);
    assert.match(String(headers['cache-control']), /immutable/);
    assert.match(String(headers['content-type']), /^text\/javascript/);
  });

  test('a release that there is not gives 404 and what to do, as a page and as JSON', async () => {
    fake.failure = new ReleaseEngineError('release-not-found', 'there is no such release', {
      remedy: 'see "sluice list"',
    });
    const page = await get(at('/releases/iam/9'));
    assert.equal(page.status, 404);
    assert.match(page.body, /sluice list/);
    const json = await get(at('/releases/iam/9.json'));
    assert.equal(json.status, 404);
    assert.equal((JSON.parse(json.body) as { error: { code: string } }).error.code, 'release-not-found');
    assert.equal((await get(at('/releases/iam/9/events'))).status, 404);
    fake.failure = undefined;
  });

  test('a roll-back to a version whose release is forgotten has the page of its question all the same', async () => {
    fake.failure = new ReleaseEngineError('release-not-found', 'there is no such release');
    fake.back = aPromotion({ phase: 'waiting-for-approval', rollback: { reason: 'sessions are lost' } });
    const page = await get(at('/releases/iam/1.0.0/dev/answer'));
    assert.equal(page.status, 200);
    assert.match(page.body, /A roll-back: dev goes back to 1\.0\.0/);
    fake.back = aPromotion();
    assert.equal((await get(at('/releases/iam/1.0.0/dev/answer'))).status, 404, 'no promotion without its release');
    [fake.back, fake.failure] = [undefined, undefined];
  });

  test('while Temporal is away every page says since when and what to do; afterwards it is forgotten', async () => {
    fake.failure = new ReleaseEngineError('temporal-unreachable', 'does not answer', { remedy: 'start it' });
    const { status, body, headers } = await get(at('/'));
    assert.equal(status, 503);
    assert.match(body, /2026-11-23 12:00:00 UTC/);
    assert.match(body, /start it/);
    assert.ok(headers['retry-after']);
    assert.match((await get(at('/healthz'))).body, /away since 2026-11-23T12/);
    fake.failure = undefined;
    assert.equal((await get(at('/'))).status, 200);
    assert.doesNotMatch((await get(at('/healthz'))).body, /away since/);
  });

  test('whoever reads all environments by a program hears which are not known, never that nothing is stopped there', async () => {
    const environments = async (desks: Partial<DeskReport>): Promise<Got> => {
      fake.desks = { known: [], unanswered: [], ...desks };
      return get(at('/environments.json'));
    };
    const [dev, staging] = [neverOpened('dev'), { format: 1, kind: 'environment', environment: 'staging' }];
    const silent = await environments({ unanswered: ['dev', 'staging'] });
    assert.equal(silent.status, 503);
    const { code, message } = JSON.parse(silent.body).error;
    assert.equal(code, 'worker-missing');
    assert.match(message, /dev, staging/);
    const some = await environments({ known: [dev], unanswered: ['staging'] });
    assert.deepEqual([some.status, JSON.parse(some.body)], [200, [dev, { ...staging, unanswered: true }]]);
    const none = await environments({});
    assert.deepEqual([none.status, none.body], [200, '[]\n'], 'there are none');
    fake.failure = new ReleaseEngineError('temporal-unreachable', 'nobody listens at 127.0.0.1:7233');
    const away = await environments({});
    fake.failure = undefined;
    assert.deepEqual([away.status, JSON.parse(away.body).error.code], [503, 'temporal-unreachable']);
  });

  test('a defect is logged, and not told to whoever asked', async () => {
    fake.failure = new TypeError('secret detail');
    const { status, body } = await get(at('/'));
    assert.equal(status, 500);
    assert.doesNotMatch(body, /secret detail/);
    assert.equal(defects.length, 1);
    fake.failure = undefined;
  });

  test('viewers of one release share one watch, which ends when the last has left; more than allowed are refused', async () => {
    const [openedBefore, leftBefore] = [fake.opened, fake.left];
    const hangUps = [new AbortController(), new AbortController()];
    const streams = await Promise.all(hangUps.map(({ signal }) => fetch(at('/releases/iam/1.0.0/events'), { signal })));
    assert.deepEqual(
      streams.map(({ status }) => status),
      [200, 200],
    );
    assert.equal(fake.opened, openedBefore + 1);
    const third = await get(at('/releases/iam/1.0.0/events'));
    assert.equal(third.status, 503);
    assert.ok(third.headers['retry-after']);
    hangUps.forEach((hangUp) => hangUp.abort());
    await until(() => web.watched() === 0 && fake.left === leftBefore + 1);
  });

  test('a change is drawn anew, silence is a heartbeat, and whoever comes back is not sent what it has seen', async () => {
    const url = at('/releases/iam/1.0.0/events');
    const reading = readUntil(url, /paused by an operator/);
    await until(() => web.watched() === 1);
    const changed = aView({ release: aRelease({ requestedBy: 'paused by an operator' }) });
    fake.show(changed);
    const text = await reading;
    const ids = [...text.matchAll(/^id: (\S+)$/gm)].map((match) => match[1] ?? '');
    await until(() => web.watched() === 0);
    const again = await readUntil(url, /: still there/, { 'last-event-id': ids.at(-1) ?? '' });
    assert.match(again, /: unchanged/);
    assert.doesNotMatch(again, /event: journey/);
    await until(() => web.watched() === 0);
    fake.view = aView();
  });

  test('trouble, then no such release, is told once and ends the stream: nobody is left waiting', async () => {
    const { promise: then, reject } = Promise.withResolvers<never>();
    fake.trouble = { first: new ReleaseEngineError('temporal-unreachable', 'Temporal does not answer'), then };
    const stream = await fetch(at('/releases/iam/1.0.0/events'));
    let text = '';
    for await (const chunk of stream.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (/: still there/.test(text)) reject(new ReleaseEngineError('release-not-found', 'there is no such release'));
    }
    fake.trouble = undefined;
    assert.equal(text.match(/Temporal does not answer/g)?.length, 1, text);
    assert.doesNotMatch(text, /event: end/, 'its browser asks again, and hears that there is none');
    await until(() => web.watched() === 0);
  });

  test('an ended release is drawn once more, and the stream says that nothing more comes', async () => {
    fake.view = aView({ release: aRelease({ outcome: { kind: 'released', reason: 'all done' } }) });
    const { status, body } = await get(at('/releases/iam/1.0.0/events'));
    assert.equal(status, 200);
    assert.match(body, /event: journey\n(?:data: .*\n)+\nevent: end|event: journey[\s\S]*event: end/);
    fake.view = aView();
  });
});
