import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReleaseEngineError } from '../../../src/client/index.ts';
import { MOST_BYTES } from '../../../src/web/answering/posted.ts';
import { Turnstile } from '../../../src/web/answering/turnstile.ts';
import { ANSWER, errorOf, ask, headersFrom, type Headers, QUESTION, takingOfSuite, type Tab, tabOf } from './taking.ts';

describe('when answers are taken', () => {
  const { engine, at, origin, serve, openTab, send, tab } = takingOfSuite();

  const OVERRIDE = { ...ANSWER, reason: 'a hot-fix', overrides: ['freeze'] };

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
      ['another origin', tab(), { origin: 'https://evil.example' }],
      ['another port', tab(), { origin: 'http://127.0.0.1:1' }],
      ['no origin to speak of', tab(), { origin: 'null' }],
      ['a neighbour, says the browser', tab(), { 'sec-fetch-site': 'same-site' }],
      ['another site, says the browser', tab(), { 'sec-fetch-site': 'cross-site' }],
      ['no cookie', { ...tab(), cookie: '' }, {}],
      ['no token', { ...tab(), token: '' }, {}],
      ["another browser's token", { ...tab(), token: other.token }, {}],
      ['a cookie of no form', { ...tab(), cookie: 'sluice-1=x' }, {}],
    ];
    for (const path of ['/answers', '/overrides', '/restraints', '/sign-in', '/sign-out']) {
      for (const [name, from, more] of forged) assert.equal((await send(path, ANSWER, from, more)).status, 403, name);
    }
    const { origin: _, ...without } = { origin: '', cookie: tab().cookie, 'x-sluice-token': tab().token };
    assert.equal(
      (await ask(at('/answers'), 'POST', { ...without, 'content-type': 'application/json' }, '{}')).status,
      403,
    );
    assert.deepEqual(engine.told, []);
  });

  test('only JSON of a bounded size is read', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      assert.equal((await send('/answers', ANSWER, tab(), { 'content-type': type })).status, 415, type);
    }
    const large = { ...ANSWER, reason: 'x'.repeat(MOST_BYTES) };
    assert.equal((await send('/answers', large)).status, 413);
    assert.equal((await send('/answers', large, tab(), { 'transfer-encoding': 'chunked' })).status, 413);
    for (const body of ['{', '[]', 'null', '"x"']) {
      const headers = headersFrom(origin(), tab());
      assert.equal((await ask(at('/answers'), 'POST', headers, body)).status, 400, body);
    }
    assert.deepEqual(engine.told, []);
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
    const headers = headersFrom(trusting.url.slice(0, -1), tabOf(page));
    const { statement: _, ...named } = ANSWER;
    assert.equal((await ask(`${trusting.url}answers`, 'POST', headers, JSON.stringify(named))).status, 200);
    assert.deepEqual(engine.told, [{ ...named, statement: undefined }]);
    await trusting.close();
  });

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
