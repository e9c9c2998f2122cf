import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type GivenAnswer, ReleaseEngineError } from '../../../src/client/index.ts';
import type { RestraintAnswer } from '../../../src/contract/environment-workflow.ts';
import type { Restraining } from '../../../src/web/restraining/restraining.ts';
import type { Answering, IdentityDoor } from '../../../src/web/answering/answering.ts';
import { MOST_BYTES } from '../../../src/web/answering/posted.ts';
import { type Person, Sessions } from '../../../src/web/answering/sessions.ts';
import { Turnstile } from '../../../src/web/answering/turnstile.ts';
import { cookieFor, visitOf } from '../../../src/web/answering/visit.ts';
import type { Reader } from '../../../src/web/reader.ts';
import { routeOf } from '../../../src/web/routes.ts';
import { type ServeOptions, type WebServer, serveWeb } from '../../../src/web/server.ts';
import { AT, PLAN, aPromotion, aView } from '../client/views.ts';

const QUESTION = '/releases/iam/1.0.0/dev/answer';
const THUMBPRINT = 'k'.repeat(43);
const ANSWER = {
  service: 'iam',
  version: '1.0.0',
  environment: 'dev',
  plan: PLAN,
  decision: 'approve',
  approver: 'ada',
  statement: 'header.claims.signature',
};
const OPEN = aView({
  promotions: [
    aPromotion({
      phase: 'waiting-for-approval',
      planDigest: PLAN,
      waiting: {
        reason: 'one yes is missing',
        for: 'release-managers',
        since: AT,
        answer: ['sluice approve iam 1.0.0'],
      },
      approval: { planDigest: PLAN, required: 1, excluded: [], given: [], open: true },
    }),
  ],
});

/** What the engine was told, and what it says. */
class FakeEngine {
  readonly told: object[] = [];
  refusal: ReleaseEngineError | undefined;

  readonly client: Awaited<ReturnType<ServeOptions['open']>> = {
    status: () => Promise.resolve(OPEN),
    promotion: () => Promise.resolve(aPromotion()),
    page: () => Promise.resolve({ releases: [] }),
    board: () => Promise.resolve([]),
    underWay: () => Promise.resolve(0),
    watch: undefined as unknown as Reader['watch'],
    desks: () => Promise.resolve({ known: [], unanswered: [] }),
    approve: (asked) => this.#told('approve', asked),
    reject: (asked) => this.#told('reject', asked),
    override: async ({ gates, signer, ...asked }) => {
      const facts = { release: '', service: '', version: '', environment: '', planDigest: '' };
      const statement = await signer?.sign({ ...facts, decision: 'approve' }, 1);
      this.#tell({ override: gates, ...asked, statement });
      const said = { decision: 'approve', approver: asked.approver ?? '', planDigest: PLAN } as const;
      return { workflowId: 'promotion/iam/1.0.0/dev', statement: said, reply: { message: 'passes' } };
    },
    stop: (asked) => this.#restrained('stop', asked),
    thaw: (asked) => this.#restrained('thaw', asked),
    hold: (asked) => this.#restrained('hold', asked),
    liftHold: (asked) => this.#restrained('lift', asked),
  };

  #tell(what: object): void {
    this.told.push(what);
    if (this.refusal !== undefined) throw this.refusal;
  }

  async #restrained(action: string, asked: object): Promise<RestraintAnswer> {
    this.#tell({ action, ...asked });
    return { message: `${action} done`, told: 2, enforced: true };
  }

  async #told(
    decision: 'approve' | 'reject',
    { signer, ...asked }: Parameters<typeof this.client.approve>[0],
  ): Promise<GivenAnswer> {
    const facts = { release: '', service: '', version: '', environment: '', planDigest: '', decision };
    this.told.push({ decision, ...asked, statement: await signer?.sign(facts, 1) });
    if (this.refusal !== undefined) throw this.refusal;
    const statement = { decision, approver: asked.approver ?? '', planDigest: PLAN };
    return { workflowId: 'promotion/iam/1.0.0/dev', statement, reply: { message: 'counted', missing: 0 } };
  }
}

/** An issuer that says what a test wants. */
class FakeDoor implements IdentityDoor {
  readonly issuer = 'https://issuer.example.test';
  readonly returned: object[] = [];
  failure: ReleaseEngineError | undefined;
  #begun = 0;

  async begin(redirectUri: string): Promise<{ url: string; state: string; verifier: string }> {
    this.#begun += 1;
    const state = `state-${this.#begun}`;
    return { url: `${this.issuer}/authorize?to=${redirectUri}`, state, verifier: `verifier-${this.#begun}` };
  }

  async finish(back: object): Promise<{ idToken: string; subject: string; expiresAt: string }> {
    this.returned.push(back);
    if (this.failure !== undefined) throw this.failure;
    return { idToken: 'an.id.token', subject: 'ada@example.test', expiresAt: '2026-11-23T13:00:00Z' };
  }
}

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

type Headers = Readonly<Record<string, string>>;

function ask(url: string, method: string, headers: Headers = {}, body?: string): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const asked = request(url, { method, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => (text += part));
    response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
  });
  asked.once('error', reject).end(body);
  return promise;
}

/** A browser with one page open. */
interface Tab {
  readonly cookie: string;
  readonly token: string;
}

function errorOf({ body }: Got): { code?: string; message: string; remedy?: string } {
  return (JSON.parse(body) as { error: { code?: string; message: string } }).error;
}

describe('when answers are taken', () => {
  const engine = new FakeEngine();
  const door = new FakeDoor();
  let web: WebServer;
  let tab: Tab;
  const defects: unknown[] = [];
  const at = (path: string): string => `${web.url}${path.slice(1)}`;
  const origin = (): string => web.url.slice(0, -1);
  const serve = (answering: Answering, more: Partial<ServeOptions> = {}): Promise<WebServer> =>
    serveWeb({
      address: '127.0.0.1',
      port: 0,
      namespace: 'default',
      open: () => Promise.resolve(engine.client),
      onDefect: (error) => defects.push(error),
      now: () => new Date('2026-11-23T12:00:00Z'),
      answering,
      ...more,
    });

  async function openTab(cookie?: string): Promise<Tab> {
    const { headers, body } = await ask(at(QUESTION), 'GET', cookie === undefined ? {} : { cookie });
    const given = String(headers['set-cookie'] ?? '').split(';')[0];
    const [, token = ''] = /name="sluice-token" content="([^"]+)"/.exec(body) ?? [];
    return { cookie: cookie ?? given ?? '', token };
  }
  const send = (path: string, fields: object, { cookie, token }: Tab = tab, more: Headers = {}): Promise<Got> =>
    ask(
      at(path),
      'POST',
      { origin: origin(), cookie, 'x-sluice-token': token, 'content-type': 'application/json', ...more },
      JSON.stringify(fields),
    );
  async function signIn(from: Tab = tab): Promise<Got> {
    assert.equal((await send('/sign-in', { thumbprint: THUMBPRINT, returnTo: QUESTION }, from)).status, 200);
    begun += 1;
    return ask(at(`/signed-in?code=c&state=state-${begun}`), 'GET', { cookie: from.cookie });
  }
  let begun = 0;

  before(async () => {
    const restraining: Restraining = { kind: 'signed-in', issuer: door.issuer };
    web = await serve({ kind: 'proven', keys: 'offered', identity: door }, { restraining });
  });
  after(async () => {
    await web.close();
    assert.deepEqual(defects, []);
  });
  beforeEach(async () => {
    engine.told.length = 0;
    engine.refusal = undefined;
    door.failure = undefined;
    tab = await openTab();
  });

  test('a signed answer is handed on as it is, and what the engine says is told', async () => {
    const { status, body } = await send('/answers', { ...ANSWER, reason: 'seen', overrides: ['office'] });
    assert.deepEqual([status, JSON.parse(body)], [200, { message: 'counted', missing: 0 }]);
    assert.deepEqual(engine.told, [{ ...ANSWER, reason: 'seen', overrides: ['office'] }]);
    assert.equal((await send('/answers', { ...ANSWER, decision: 'reject', reason: 'no' })).status, 200);
  });

  test('a refusal comes back with its code and its remedy', async () => {
    engine.refusal = new ReleaseEngineError('approval-excluded', 'ada may not answer', { remedy: 'ask another' });
    const refused = await send('/answers', ANSWER);
    assert.equal(refused.status, 409);
    assert.deepEqual(errorOf(refused), {
      code: 'approval-excluded',
      message: 'ada may not answer',
      remedy: 'ask another',
    });
  });

  test('when nobody says whether it counts, that is no refusal', async () => {
    for (const code of ['worker-missing', 'temporal-unreachable'] as const) {
      engine.refusal = new ReleaseEngineError(code, 'no answer');
      const unknown = await send('/answers', ANSWER);
      assert.deepEqual([unknown.status, errorOf(unknown).code], [503, code]);
    }
  });

  test('what is not signed is not handed on where people prove who they are', async () => {
    const { statement: _, ...named } = ANSWER;
    assert.equal(errorOf(await send('/answers', named)).code, 'approval-unproven');
    assert.deepEqual(engine.told, []);
  });

  test('an answer without its parts, or with others than text, is refused here', async () => {
    for (const wrong of [
      { decision: 'maybe' },
      { approver: '' },
      { plan: undefined },
      { service: 7 },
      { reason: {} },
      { overrides: 'office' },
      { statement: ['x'] },
    ]) {
      const refused = await send('/answers', { ...ANSWER, ...wrong });
      assert.equal(errorOf(refused).code, 'approval-malformed', JSON.stringify(wrong));
    }
    assert.deepEqual(engine.told, []);
  });

  test('a request from elsewhere is refused, whatever it brings along', async () => {
    const other = await openTab();
    const forged: readonly (readonly [string, Tab, Headers])[] = [
      ['another origin', tab, { origin: 'https://evil.example' }],
      ['another port', tab, { origin: 'http://127.0.0.1:1' }],
      ['no origin to speak of', tab, { origin: 'null' }],
      ['a neighbour, says the browser', tab, { 'sec-fetch-site': 'same-site' }],
      ['another site, says the browser', tab, { 'sec-fetch-site': 'cross-site' }],
      ['no cookie', { ...tab, cookie: '' }, {}],
      ['no token', { ...tab, token: '' }, {}],
      ["another browser's token", { ...tab, token: other.token }, {}],
      ['a cookie of no form', { ...tab, cookie: 'sluice-1=x' }, {}],
    ];
    for (const path of ['/answers', '/overrides', '/restraints', '/sign-in', '/sign-out']) {
      for (const [name, from, more] of forged) assert.equal((await send(path, ANSWER, from, more)).status, 403, name);
    }
    const { origin: _, ...without } = { origin: '', cookie: tab.cookie, 'x-sluice-token': tab.token };
    assert.equal(
      (await ask(at('/answers'), 'POST', { ...without, 'content-type': 'application/json' }, '{}')).status,
      403,
    );
    assert.deepEqual(engine.told, []);
  });

  test('only JSON of a bounded size is read', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      assert.equal((await send('/answers', ANSWER, tab, { 'content-type': type })).status, 415, type);
    }
    const large = { ...ANSWER, reason: 'x'.repeat(MOST_BYTES) };
    assert.equal((await send('/answers', large)).status, 413);
    assert.equal((await send('/answers', large, tab, { 'transfer-encoding': 'chunked' })).status, 413);
    for (const body of ['{', '[]', 'null', '"x"']) {
      const headers = {
        origin: origin(),
        cookie: tab.cookie,
        'x-sluice-token': tab.token,
        'content-type': 'application/json',
      };
      assert.equal((await ask(at('/answers'), 'POST', headers, body)).status, 400, body);
    }
    assert.deepEqual(engine.told, []);
  });

  test('whoever only looks gets no cookie; the cookie of a question is for this server alone', async () => {
    assert.equal((await ask(at('/'), 'GET')).headers['set-cookie'], undefined);
    const [cookie = ''] = (await ask(at(QUESTION), 'GET')).headers['set-cookie'] ?? [];
    assert.match(cookie, new RegExp(`^sluice-${new URL(web.url).port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Lax$`));
    assert.equal((await openTab(tab.cookie)).token, tab.token, 'two pages of one browser do not void each other');
  });

  test('a sign-in goes to the issuer and comes back to its question, under another name than before', async () => {
    const back = await signIn();
    assert.deepEqual([back.status, back.headers['location']], [303, QUESTION]);
    assert.deepEqual(door.returned.at(-1), {
      code: 'c',
      verifier: `verifier-${begun}`,
      redirectUri: `${origin()}/signed-in`,
      thumbprint: THUMBPRINT,
    });
    const cookie = String(back.headers['set-cookie']).split(';')[0] ?? '';
    assert.notEqual(cookie, tab.cookie);
    const session = JSON.parse((await ask(at('/session.json'), 'GET', { cookie })).body) as { person?: Person };
    assert.deepEqual([session.person?.subject, session.person?.thumbprint], ['ada@example.test', THUMBPRINT]);
    assert.match((await ask(at('/'), 'GET', { cookie })).body, /Signed in as <strong>ada@example\.test<\/strong>/);
    assert.equal(
      (await ask(at('/session.json'), 'GET', { cookie: tab.cookie })).body,
      '{}\n',
      'the old name is nobody',
    );
    assert.equal((await send('/sign-out', {}, await openTab(cookie))).status, 200);
    assert.equal((await ask(at('/session.json'), 'GET', { cookie })).body, '{}\n');
  });

  test('a return with another state, of another browser, or a second time signs nobody in', async () => {
    const back = (state: string, cookie: string): Promise<Got> =>
      ask(at(`/signed-in?code=c&state=${state}`), 'GET', { cookie });
    const asked = door.returned.length;
    const begin = async (): Promise<string> => {
      await send('/sign-in', { thumbprint: THUMBPRINT, returnTo: QUESTION });
      begun += 1;
      return `state-${begun}`;
    };
    const state = await begin();
    const other = await openTab();
    assert.equal((await back(state, other.cookie)).status, 409);
    assert.equal((await back(state, '')).status, 409);
    assert.equal((await back('state-0', tab.cookie)).status, 409);
    assert.equal((await back(state, tab.cookie)).status, 409, 'a wrong guess has ended it');
    assert.equal(door.returned.length, asked, 'no code was redeemed');
    const good = await begin();
    assert.equal((await back(good, tab.cookie)).status, 303);
    assert.equal((await back(good, tab.cookie)).status, 409);
  });

  test('what the issuer says instead of a code is shown, and signs nobody in', async () => {
    await send('/sign-in', { thumbprint: THUMBPRINT, returnTo: QUESTION });
    begun += 1;
    const query = `error=access_denied&error_description=${encodeURIComponent('<b>declined')}&state=state-${begun}`;
    const { status, body } = await ask(at(`/signed-in?${query}`), 'GET', { cookie: tab.cookie });
    assert.equal(status, 409);
    assert.match(body, /access_denied: &lt;b&gt;declined[\s\S]*login-failed/);
  });

  test('a token for another key is no sign-in', async () => {
    door.failure = new ReleaseEngineError('identity-unbound', 'the identity token vouches for another key');
    const back = await signIn();
    assert.equal(back.status, 409);
    assert.match(back.body, /identity-unbound/);
    assert.equal(back.headers['set-cookie'], undefined);
  });

  test('a sign-in names a key and comes back to a question of this server, to nowhere else', async () => {
    const elsewhere = [
      'https://evil.example/',
      '//evil.example/',
      '/',
      '/releases/iam/1.0.0',
      '/releases/../x/y/answer',
    ];
    const odd = [
      '/releases/iam/1.0.0/dev/answer?x',
      '/releases/a/b/c\\answer',
      `/releases/iam/${'1'.repeat(1_000)}/dev/answer`,
    ];
    for (const returnTo of [...elsewhere, ...odd, undefined, 7]) {
      const refused = await send('/sign-in', { thumbprint: THUMBPRINT, returnTo });
      assert.equal(errorOf(refused).code, 'input-invalid', String(returnTo));
    }
    for (const thumbprint of ['', 'short', `${THUMBPRINT}x`, undefined]) {
      assert.equal((await send('/sign-in', { thumbprint, returnTo: QUESTION })).status, 400);
    }
  });

  test('a server that only shows takes nothing, and says how to answer', async () => {
    const reading = await serve({ kind: 'none' });
    const url = (path: string): string => `${reading.url}${path.slice(1)}`;
    const headers = { origin: reading.url.slice(0, -1), 'content-type': 'application/json' };
    assert.equal((await ask(url('/answers'), 'POST', headers, JSON.stringify(ANSWER))).status, 405);
    const page = await ask(url(QUESTION), 'GET');
    assert.match(page.body, /sluice approve iam 1\.0\.0/);
    assert.doesNotMatch(page.body, /<form|<input|sluice-token/);
    assert.equal(page.headers['set-cookie'], undefined);
    assert.equal((await ask(url('/signed-in?code=c&state=s'), 'GET')).status, 409);
    await reading.close();
  });

  test('where names are taken on trust the page says so, and a name alone is handed on', async () => {
    const trusting = await serve({ kind: 'unproven' });
    const page = await ask(`${trusting.url}${QUESTION.slice(1)}`, 'GET');
    assert.match(page.body, /Nothing is proven here/);
    assert.doesNotMatch(page.body, /type="file"/);
    const cookie = String(page.headers['set-cookie']).split(';')[0] ?? '';
    const [, token = ''] = /name="sluice-token" content="([^"]+)"/.exec(page.body) ?? [];
    const headers = {
      origin: trusting.url.slice(0, -1),
      cookie,
      'x-sluice-token': token,
      'content-type': 'application/json',
    };
    const { statement: _, ...named } = ANSWER;
    assert.equal((await ask(`${trusting.url}answers`, 'POST', headers, JSON.stringify(named))).status, 200);
    assert.deepEqual(engine.told, [{ ...named, statement: undefined }]);
    await trusting.close();
  });

  const OVERRIDE = { ...ANSWER, reason: 'a hot-fix', overrides: ['freeze'] };

  test('a signed override is handed on as it is, and needs gates, a yes, a reason and a proof', async () => {
    const { status, body } = await send('/overrides', OVERRIDE);
    assert.deepEqual([status, JSON.parse(body)], [200, { message: 'passes' }]);
    const { decision: _, overrides, ...asked } = OVERRIDE;
    assert.deepEqual(engine.told, [{ override: overrides, ...asked }]);
    for (const wrong of [{ decision: 'reject' }, { overrides: [] }, { overrides: undefined }, { reason: undefined }]) {
      assert.equal(errorOf(await send('/overrides', { ...OVERRIDE, ...wrong })).code, 'approval-malformed');
    }
    const unsigned = await send('/overrides', { ...OVERRIDE, statement: undefined });
    assert.equal(errorOf(unsigned).code, 'approval-unproven');
    assert.equal(engine.told.length, 1);
    engine.refusal = new ReleaseEngineError('gate-override-refused', 'ada is in no group');
    assert.equal((await send('/overrides', OVERRIDE)).status, 409);
  });

  const STOP = { action: 'stop', environment: 'dev', reason: 'errors', forMs: 60_000, by: 'mallory' };

  test('a stop is said by whoever is signed in, whatever name the request brings', async () => {
    assert.equal(errorOf(await send('/restraints', STOP)).code, 'login-missing');
    assert.deepEqual(engine.told, []);
    const cookie = String((await signIn()).headers['set-cookie']).split(';')[0] ?? '';
    const signedIn = await openTab(cookie);
    const { body } = await send('/restraints', { ...STOP, service: 'iam', incident: 'INC-1' }, signedIn);
    assert.deepEqual(JSON.parse(body), { message: 'stop done', told: 2, enforced: true });
    const scope = { environment: 'dev', by: 'ada@example.test', reason: 'errors' };
    assert.deepEqual(engine.told, [{ action: 'stop', ...scope, service: 'iam', incident: 'INC-1', forMs: 60_000 }]);
    for (const action of ['thaw', 'lift']) await send('/restraints', { ...STOP, action }, signedIn);
    await send('/restraints', { ...STOP, action: 'hold', service: 'iam', forMs: undefined }, signedIn);
    assert.deepEqual(engine.told.slice(1), [
      { action: 'thaw', ...scope },
      { action: 'lift', ...scope },
      { action: 'hold', ...scope, service: 'iam' },
    ]);
  });

  test('a restraint without its parts, or too long, is refused here', async () => {
    const cookie = String((await signIn()).headers['set-cookie']).split(';')[0] ?? '';
    const signedIn = await openTab(cookie);
    for (const wrong of [
      { action: 'abort' },
      { environment: '' },
      { reason: ' ' },
      { reason: 'x'.repeat(2_001) },
      { service: 7 },
      { incident: ['x'] },
      { forMs: '60000' },
      { forMs: -1 },
      { forMs: null },
    ]) {
      const refused = await send('/restraints', { ...STOP, ...wrong }, signedIn);
      assert.equal(errorOf(refused).code, 'input-invalid', JSON.stringify(wrong));
    }
    assert.equal((await send('/restraints', { ...STOP, reason: 'x'.repeat(MOST_BYTES) }, signedIn)).status, 413);
    assert.deepEqual(engine.told, []);
  });

  test('nobody signed in sees no form, and a sign-in comes back to the environment', async () => {
    const page = await ask(at('/environments/dev'), 'GET', { cookie: tab.cookie });
    assert.match(page.body, /id="sign-in"/);
    assert.doesNotMatch(page.body, /name="action"/);
    const begin = { thumbprint: THUMBPRINT, returnTo: '/environments/dev' };
    assert.equal((await send('/sign-in', begin)).status, 200);
    begun += 1;
    const back = await ask(at(`/signed-in?code=c&state=state-${begun}`), 'GET', { cookie: tab.cookie });
    assert.equal(back.headers['location'], '/environments/dev');
    const cookie = String(back.headers['set-cookie']).split(';')[0] ?? '';
    const drawn = await ask(at('/environments/dev'), 'GET', { cookie });
    assert.match(drawn.body, /name="action"[\s\S]*sluice stop --environment dev/);
    assert.match(drawn.body, /You, signed in as <strong>ada@example\.test/);
  });

  test("where nobody can sign in, a name is taken on the server's own machine, and behind a proxy from nobody", async () => {
    for (const [behindProxy, expected] of [
      [undefined, 200],
      ['sluice.example.com', 409],
    ] as const) {
      const named = await serve(
        { kind: 'none' },
        { restraining: { kind: 'named' }, ...(behindProxy === undefined ? {} : { behindProxy }) },
      );
      const host = behindProxy === undefined ? {} : { host: behindProxy };
      const page = await ask(`${named.url}environments/dev`, 'GET', host);
      assert.equal(/name="action"/.test(page.body), expected === 200);
      assert.match(page.body, /sluice stop --environment dev/);
      const local = await ask(`${named.url}environments/dev`, 'GET');
      assert.equal(/name="action"/.test(local.body), expected === 200, 'a proxy may ask under any name');
      const cookie = String(page.headers['set-cookie'] ?? '').split(';')[0] ?? '';
      const [, token = ''] = /name="sluice-token" content="([^"]+)"/.exec(page.body) ?? [];
      const headers = {
        origin: named.url.slice(0, -1),
        cookie,
        'x-sluice-token': token,
        'content-type': 'application/json',
      };
      const sent = await ask(`${named.url}restraints`, 'POST', headers, JSON.stringify(STOP));
      assert.equal(sent.status, expected === 200 ? 200 : 403);
      assert.equal((await ask(`${named.url}answers`, 'POST', headers, JSON.stringify(ANSWER))).status, 405);
      await named.close();
    }
    const { action, environment, reason, forMs, by } = STOP;
    assert.deepEqual(engine.told, [{ action, environment, by, reason, forMs }]);
  });

  test('a server that only shows lets nobody stop, and shows the command', async () => {
    const reading = await serve({ kind: 'none' });
    const headers = { origin: reading.url.slice(0, -1), 'content-type': 'application/json' };
    assert.equal((await ask(`${reading.url}restraints`, 'POST', headers, JSON.stringify(STOP))).status, 405);
    const page = await ask(`${reading.url}environments/dev`, 'GET');
    assert.match(page.body, /sluice stop --environment dev/);
    assert.doesNotMatch(page.body, /<form|<input|sluice-token/);
    assert.equal(page.headers['set-cookie'], undefined);
    await reading.close();
  });

  test('every module that a page runs on which something can be said is fetched under its hash', async () => {
    for (const path of [QUESTION, '/environments/dev']) await allUnderTheirHash(path);
  });

  async function allUnderTheirHash(path: string): Promise<void> {
    const { body } = await ask(at(path), 'GET');
    const tags = [...body.matchAll(/<(?:script|link)[^>]+href="?[^>]+\.js"[^>]*>|<script[^>]+>/g)].map(([tag]) => tag);
    assert.ok(tags.length >= 8, String(tags.length));
    for (const tag of tags) assert.match(tag, / integrity="sha384-/);
    const known = new Set([...body.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, href = '']) => href));
    for (const href of known) {
      const { status, body: script } = await ask(at(href), 'GET');
      assert.equal(status, 200, href);
      for (const [, name = ''] of script.matchAll(/ from '\.\/([^']+)'/g)) {
        assert.ok(known.has(href.replace(/[^/]+$/, name)), `${href} imports ${name}`);
      }
    }
  }
});

test('so many answers are handed on at once as allowed, and others when they are done', async () => {
  const turnstile = new Turnstile(1);
  const first = Promise.withResolvers<string>();
  const passing = turnstile.pass(() => first.promise);
  assert.equal(await turnstile.pass(() => Promise.resolve('second')), undefined);
  first.resolve('first');
  assert.equal(await passing, 'first');
  await assert.rejects(turnstile.pass(() => Promise.reject(new Error('lost'))));
  assert.equal(await turnstile.pass(() => Promise.resolve('third')), 'third');
});

describe('when sessions are kept', () => {
  const pending = { state: 's', verifier: 'v', thumbprint: 't', redirectUri: 'r', returnTo: '/' };
  const person: Person = { idToken: 'i', subject: 'ada', expiresAt: '2026-11-23T13:00:00Z', thumbprint: 't' };
  let now = new Date('2026-11-23T12:00:00Z');

  test('there are never more than allowed: the oldest gives way', () => {
    const sessions = new Sessions(() => now, { pending: 2, people: 2 });
    for (const id of ['a', 'b', 'c']) sessions.begin(id, pending);
    assert.deepEqual([sessions.take('a', 's'), sessions.take('c', 's')?.state], [undefined, 's']);
    const [first = '', , third = ''] = ['', '', ''].map(() => sessions.enter(person));
    assert.deepEqual([sessions.personOf(first), sessions.personOf(third)?.subject], [undefined, 'ada']);
  });

  test('a sign-in is to be finished in ten minutes, and ends with its token', () => {
    const sessions = new Sessions(() => now);
    sessions.begin('a', pending);
    const id = sessions.enter(person);
    now = new Date('2026-11-23T12:10:00Z');
    assert.equal(sessions.take('a', 's'), undefined);
    assert.equal(sessions.personOf(id)?.subject, 'ada');
    now = new Date(person.expiresAt);
    assert.equal(sessions.personOf(id), undefined);
  });

  test('a token belongs to one session of one process', () => {
    const [one, other] = [new Sessions(() => now), new Sessions(() => now)];
    const token = one.tokenOf('a');
    assert.deepEqual(
      [one.isTokenOf('a', token), one.isTokenOf('b', token), other.isTokenOf('a', token)],
      [true, false, false],
    );
  });

  test('behind a proxy the cookie is bound to its name and to TLS', () => {
    const sessions = new Sessions(() => now);
    const { origin } = visitOf({ headers: { host: 'Sluice.Example.com' } }, sessions, 'sluice.example.com');
    assert.equal(origin, 'https://sluice.example.com');
    const id = sessions.newId();
    const cookie = cookieFor(id, origin);
    assert.match(cookie, /^__Host-sluice=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const headers = { host: 'sluice.example.com', cookie: `other=1; ${cookie.split(';')[0] ?? ''}` };
    assert.equal(visitOf({ headers }, sessions, 'sluice.example.com').session, id);
  });
});

test('the address of a question names release and environment', () => {
  const on = (path: string): unknown => routeOf(new URL(`http://server${path}`));
  const key = { service: 'iam', version: '1.0.json' };
  assert.deepEqual(on('/releases/iam/1.0.json/dev/answer'), { to: 'question', key, environment: 'dev' });
  for (const path of [
    '/releases/iam/1/dev',
    '/releases/iam/1/dev/answer/',
    '/releases/iam/1//answer',
    '/releases/iam/1/dev/x',
  ]) {
    assert.equal(on(path), undefined, path);
  }
});
