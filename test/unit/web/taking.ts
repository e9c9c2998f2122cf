/** A server at which answers are taken, with an engine and an issuer that say what a test wants. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, beforeEach } from 'node:test';
import type { GivenAnswer, ReleaseEngineError } from '../../../src/client/index.ts';
import type { RestraintAnswer } from '../../../src/contract/environment-workflow.ts';
import type { Restraining } from '../../../src/web/restraining/restraining.ts';
import type { Answering, IdentityDoor } from '../../../src/web/answering/answering.ts';
import type { Reader } from '../../../src/web/reader.ts';
import { type ServeOptions, type WebServer, serveWeb } from '../../../src/web/server.ts';
import { AT, PLAN, aPromotion, aView } from '../client/views.ts';

export const QUESTION = '/releases/iam/1.0.0/dev/answer';
export const THUMBPRINT = 'k'.repeat(43);
export const ANSWER = {
  service: 'iam',
  version: '1.0.0',
  environment: 'dev',
  plan: PLAN,
  decision: 'approve',
  approver: 'ada',
  statement: 'header.claims.signature',
};
export const OPEN = aView({
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
export class FakeEngine {
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
export class FakeDoor implements IdentityDoor {
  readonly issuer = 'https://issuer.example.test';
  readonly returned: object[] = [];
  failure: ReleaseEngineError | undefined;
  /** How many sign-ins. */
  begun = 0;

  async begin(redirectUri: string): Promise<{ url: string; state: string; verifier: string }> {
    this.begun += 1;
    const state = `state-${this.begun}`;
    return { url: `${this.issuer}/authorize?to=${redirectUri}`, state, verifier: `verifier-${this.begun}` };
  }

  async finish(back: object): Promise<{ idToken: string; subject: string; expiresAt: string }> {
    this.returned.push(back);
    if (this.failure !== undefined) throw this.failure;
    return { idToken: 'an.id.token', subject: 'ada@example.test', expiresAt: '2026-11-23T13:00:00Z' };
  }
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export type Headers = Readonly<Record<string, string>>;

export function ask(url: string, method: string, headers: Headers = {}, body?: string): Promise<Got> {
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
export interface Tab {
  readonly cookie: string;
  readonly token: string;
}

export function errorOf({ body }: Got): { code?: string; message: string; remedy?: string } {
  return (JSON.parse(body) as { error: { code?: string; message: string } }).error;
}

/** A server at which answers are taken, for the suite in which this is called, and for each of its tests a new tab. */
export function takingOfSuite() {
  const engine = new FakeEngine();
  const door = new FakeDoor();
  const defects: unknown[] = [];
  let web: WebServer;
  let tab: Tab;
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
    const page = await ask(at(QUESTION), 'GET', cookie === undefined ? {} : { cookie });
    return cookie === undefined ? tabOf(page) : { ...tabOf(page), cookie };
  }
  const send = (path: string, fields: object, from: Tab = tab, more: Headers = {}): Promise<Got> =>
    ask(at(path), 'POST', { ...headersFrom(origin(), from), ...more }, JSON.stringify(fields));
  async function signIn(from: Tab = tab): Promise<Got> {
    assert.equal((await send('/sign-in', { thumbprint: THUMBPRINT, returnTo: QUESTION }, from)).status, 200);
    return ask(at(`/signed-in?code=c&state=state-${door.begun}`), 'GET', { cookie: from.cookie });
  }
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
  return { engine, door, at, origin, serve, openTab, send, signIn, tab: () => tab, port: () => new URL(web.url).port };
}

/** What a browser keeps of a page. */
export function tabOf({ headers, body }: Got): Tab {
  const [, token = ''] = /name="sluice-token" content="([^"]+)"/.exec(body) ?? [];
  return { cookie: cookieOf(headers), token };
}

export function cookieOf(headers: Got['headers']): string {
  return String(headers['set-cookie'] ?? '').split(';')[0] ?? '';
}

/** What a browser sends along from such a tab. */
export function headersFrom(origin: string, { cookie, token }: Tab): Headers {
  return { origin, cookie, 'x-sluice-token': token, 'content-type': 'application/json' };
}
