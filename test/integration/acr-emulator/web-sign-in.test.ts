/** A person signs in for a web page: authorization code with PKCE (RFC 7636), and the ways to get it wrong. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DEFAULT_WORLD } from '../../../local/acr-emulator/index.ts';
import { askToken, authorizePath, makePkce, RETURN_TO, startVerifier, submitPage, type Verifier } from './person.ts';
import { startProbe, type Answer, type Probe } from './probe.ts';

const REGISTERED = 'https://sluice.example.test/signed-in';
const [client] = DEFAULT_WORLD.people.clients;
assert.ok(client);
const other = { ...client, clientId: '00000000-0000-4000-8000-000000000502', name: 'Other' };
const clients = [{ ...client, redirectUris: [REGISTERED] }, other];
const world = { ...DEFAULT_WORLD, people: { ...DEFAULT_WORLD.people, clients } };

function location(answer: Answer): URL {
  assert.equal(answer.status, 303);
  return new URL(answer.headers['location'] ?? '');
}

function refusal(answer: Answer): unknown[] {
  const { error, error_codes: codes } = answer.json();
  return [answer.status, error, ...codes];
}

describe('when a person signs in for a web page', () => {
  let probe: Probe;
  let verifier: Verifier;
  let clock = Date.now();
  before(async () => {
    probe = await startProbe({ world, signIn: { now: () => clock } });
    verifier = await startVerifier(probe, () => clock);
  });
  after(async () => {
    await verifier.close();
    await probe.remove();
  });

  async function signIn(path: string): Promise<URL> {
    return location(await submitPage(probe, path, { user: 'ada@example.test', decision: 'approve' }));
  }

  function redeem(code: string, verifierText: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return askToken(probe, {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifierText,
      redirect_uri: RETURN_TO,
      ...more,
    });
  }

  test('the page returns with code and state, and the code and its verifier yield the id token with the nonce', async () => {
    const pkce = makePkce();
    const back = await signIn(authorizePath(pkce.challenge));
    assert.equal(back.origin + back.pathname, RETURN_TO);
    assert.equal(back.searchParams.get('state'), 'a state');
    const tokens = (await redeem(back.searchParams.get('code') ?? '', pkce.verifier)).json();
    const claims = await verifier.verify(tokens.id_token);
    assert.deepEqual([claims['nonce'], claims['preferred_username']], ['a nonce', 'ada@example.test']);
  });

  test('a code is good once, for its client, its address, its verifier, and ten minutes', async () => {
    const pkce = makePkce();
    const code = (await signIn(authorizePath(pkce.challenge))).searchParams.get('code') ?? '';
    assert.deepEqual(refusal(await redeem(code, makePkce().verifier)), [400, 'invalid_grant', 501481]);
    assert.deepEqual(refusal(await redeem(code, '')), [400, 'invalid_grant', 501481]);
    const elsewhere = { redirect_uri: 'http://127.0.0.1:1/signed-in' };
    assert.deepEqual(refusal(await redeem(code, pkce.verifier, elsewhere)), [400, 'invalid_grant', 500112]);
    const another = { client_id: other.clientId };
    assert.deepEqual(refusal(await redeem(code, pkce.verifier, another)), [400, 'invalid_grant', 70000]);
    assert.equal((await redeem(code, pkce.verifier)).status, 200);
    assert.deepEqual(refusal(await redeem(code, pkce.verifier)), [400, 'invalid_grant', 54005]);
    const late = (await signIn(authorizePath(pkce.challenge))).searchParams.get('code') ?? '';
    clock += 600_000;
    assert.deepEqual(refusal(await redeem(late, pkce.verifier)), [400, 'invalid_grant', 70008]);
  });

  test('a foreign address gets neither a code nor an error, the person does', async () => {
    const foreign = [
      'https://evil.test/',
      'https://127.0.0.1:1/',
      'http://127.0.0.1.evil.test/',
      'http://user@127.0.0.1/',
      'http://127.0.0.1/#x',
      `${REGISTERED}/more`,
      'javascript:alert(1)',
      '',
    ];
    for (const uri of foreign) {
      const page = await probe.ask('arm', 'GET', authorizePath(makePkce().challenge, { redirect_uri: uri }));
      assert.equal(page.status, 400, uri);
      assert.equal(page.headers['location'], undefined);
      assert.match(page.bytes.toString('utf8'), /AADSTS50011/);
    }
    const stranger = await probe.ask('arm', 'GET', authorizePath(makePkce().challenge, { client_id: 'stranger' }));
    assert.match(stranger.bytes.toString('utf8'), /AADSTS700016/);
  });

  test('registered addresses and any port of this machine are returned to', async () => {
    for (const uri of [REGISTERED, 'http://localhost:8080/', 'http://[::1]:9000/deep/path?x=1']) {
      const back = await signIn(authorizePath(makePkce().challenge, { redirect_uri: uri }));
      assert.equal(back.origin, new URL(uri).origin);
      assert.ok(back.searchParams.has('code'));
    }
  });

  test('without PKCE by S256 the client is sent back with an error', async () => {
    for (const wrong of [{ code_challenge: '' }, { code_challenge_method: 'plain' }, { response_type: 'token' }]) {
      const back = location(await probe.ask('arm', 'GET', authorizePath(makePkce().challenge, wrong)));
      assert.ok(back.searchParams.has('error'));
      assert.equal(back.searchParams.get('state'), 'a state');
    }
  });

  test('a refusal is told to the client, a forged form to nobody', async () => {
    const path = authorizePath(makePkce().challenge);
    const back = location(await submitPage(probe, path, { user: 'ada', decision: 'deny' }));
    assert.deepEqual([back.searchParams.get('error'), back.searchParams.has('code')], ['access_denied', false]);
    const forged = await submitPage(probe, path, { user: 'ada', decision: 'approve', csrf: 'forged' });
    assert.deepEqual([forged.status, forged.headers['location']], [403, undefined]);
  });
});
