import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MOST_BYTES } from '../../../src/web/answering/posted.ts';
import { ANSWER, cookieOf, errorOf, ask, headersFrom, takingOfSuite, tabOf, THUMBPRINT } from './taking.ts';

describe('when stops and holds are taken', () => {
  const { engine, door, at, serve, openTab, send, signIn, tab } = takingOfSuite();

  const STOP = { action: 'stop', environment: 'dev', reason: 'errors', forMs: 60_000, by: 'mallory' };

  test('a stop is said by whoever is signed in, whatever name the request brings', async () => {
    assert.equal(errorOf(await send('/restraints', STOP)).code, 'login-missing');
    assert.deepEqual(engine.told, []);
    const cookie = cookieOf((await signIn()).headers);
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
    const cookie = cookieOf((await signIn()).headers);
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
    const page = await ask(at('/environments/dev'), 'GET', { cookie: tab().cookie });
    assert.match(page.body, /id="sign-in"/);
    assert.doesNotMatch(page.body, /name="action"/);
    const begin = { thumbprint: THUMBPRINT, returnTo: '/environments/dev' };
    assert.equal((await send('/sign-in', begin)).status, 200);
    const back = await ask(at(`/signed-in?code=c&state=state-${door.begun}`), 'GET', { cookie: tab().cookie });
    assert.equal(back.headers['location'], '/environments/dev');
    const cookie = cookieOf(back.headers);
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
      const headers = headersFrom(named.url.slice(0, -1), tabOf(page));
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
});
