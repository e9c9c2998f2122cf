import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReleaseEngineError } from '../../../src/client/index.ts';
import { type Person, Sessions } from '../../../src/web/answering/sessions.ts';
import { cookieFor, visitOf } from '../../../src/web/answering/visit.ts';
import { cookieOf, errorOf, ask, type Got, QUESTION, takingOfSuite, THUMBPRINT } from './taking.ts';

describe('when people sign in to answer', () => {
  const { door, at, origin, openTab, send, signIn, tab, port } = takingOfSuite();

  test('whoever only looks gets no cookie; the cookie of a question is for this server alone', async () => {
    assert.equal((await ask(at('/'), 'GET')).headers['set-cookie'], undefined);
    const [cookie = ''] = (await ask(at(QUESTION), 'GET')).headers['set-cookie'] ?? [];
    assert.match(cookie, new RegExp(`^sluice-${port()}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Lax$`));
    assert.equal((await openTab(tab().cookie)).token, tab().token, 'two pages of one browser do not void each other');
  });

  test('a sign-in goes to the issuer and comes back to its question, under another name than before', async () => {
    const back = await signIn();
    assert.deepEqual([back.status, back.headers['location']], [303, QUESTION]);
    assert.deepEqual(door.returned.at(-1), {
      code: 'c',
      verifier: `verifier-${door.begun}`,
      redirectUri: `${origin()}/signed-in`,
      thumbprint: THUMBPRINT,
    });
    const cookie = cookieOf(back.headers);
    assert.notEqual(cookie, tab().cookie);
    const session = JSON.parse((await ask(at('/session.json'), 'GET', { cookie })).body) as { person?: Person };
    assert.deepEqual([session.person?.subject, session.person?.thumbprint], ['ada@example.test', THUMBPRINT]);
    assert.match((await ask(at('/'), 'GET', { cookie })).body, /Signed in as <strong>ada@example\.test<\/strong>/);
    assert.equal(
      (await ask(at('/session.json'), 'GET', { cookie: tab().cookie })).body,
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
      return `state-${door.begun}`;
    };
    const state = await begin();
    const other = await openTab();
    assert.equal((await back(state, other.cookie)).status, 409);
    assert.equal((await back(state, '')).status, 409);
    assert.equal((await back('state-0', tab().cookie)).status, 409);
    assert.equal((await back(state, tab().cookie)).status, 409, 'a wrong guess has ended it');
    assert.equal(door.returned.length, asked, 'no code was redeemed');
    const good = await begin();
    assert.equal((await back(good, tab().cookie)).status, 303);
    assert.equal((await back(good, tab().cookie)).status, 409);
  });

  test('what the issuer says instead of a code is shown, and signs nobody in', async () => {
    await send('/sign-in', { thumbprint: THUMBPRINT, returnTo: QUESTION });
    const query = `error=access_denied&error_description=${encodeURIComponent('<b>declined')}&state=state-${door.begun}`;
    const { status, body } = await ask(at(`/signed-in?${query}`), 'GET', { cookie: tab().cookie });
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
