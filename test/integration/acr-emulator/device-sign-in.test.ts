/** A person signs in on a device (RFC 8628), and everything that must not become a token. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DEFAULT_WORLD, DEVELOPERS_ID, RELEASE_MANAGERS_ID } from '../../../local/acr-emulator/index.ts';
import { beginDevice, poll, post, signInByDevice, startVerifier, submitPage, type Verifier } from './person.ts';
import { startProbe, TENANT, type Answer, type Probe } from './probe.ts';

const PAGE = `/${TENANT}/devicelogin`;
const crowd = Array.from({ length: 201 }, (_, index) => `team-${index}`);
const everywhere = {
  name: 'everywhere@example.test',
  displayName: 'In Many Groups',
  oid: '00000000-0000-4000-8000-000000000499',
  groups: crowd,
  roles: ['Release.Approve'],
};
const world = {
  ...DEFAULT_WORLD,
  people: { ...DEFAULT_WORLD.people, users: [...DEFAULT_WORLD.people.users, everywhere] },
};

function refusal(answer: Answer): unknown[] {
  const { error, error_codes: codes } = answer.json();
  return [answer.status, error, ...codes];
}

describe('when a person signs in on a device', () => {
  let probe: Probe;
  let verifier: Verifier;
  let clock = Date.now();
  before(async () => {
    probe = await startProbe({ world, signIn: { now: () => clock, groupOverage: true } });
    verifier = await startVerifier(probe, () => clock);
  });
  after(async () => {
    await verifier.close();
    await probe.remove();
  });

  test('the page approves, and the id token verifies with the keys that the issuer publishes', async () => {
    const begun = (await beginDevice(probe, { nonce: 'n-1' })).json();
    assert.equal(begun.verification_uri, `${probe.emulator.resourceManager}${PAGE}`);
    assert.deepEqual([begun.expires_in, begun.interval], [900, 5]);
    assert.ok(begun.message.includes(begun.user_code));
    const typed = begun.user_code.toLowerCase().replace(/^(...)/, '$1-');
    const page = await submitPage(probe, PAGE, { user_code: typed, user: 'grace@example.test', decision: 'approve' });
    assert.equal(page.status, 200);
    const tokens = (await poll(probe, begun.device_code)).json();
    assert.equal(tokens.refresh_token, undefined);
    const claims = await verifier.verify(tokens.id_token);
    const { iat = 0 } = claims;
    assert.deepEqual(
      { ...claims, sub: typeof claims.sub, uti: typeof claims['uti'] },
      {
        iss: `${probe.emulator.resourceManager}/${TENANT}/v2.0`,
        aud: probe.emulator.signIn.clientId,
        sub: 'string',
        uti: 'string',
        oid: '00000000-0000-4000-8000-000000000402',
        tid: TENANT,
        ver: '2.0',
        name: 'Grace Example',
        preferred_username: 'grace@example.test',
        groups: [RELEASE_MANAGERS_ID, DEVELOPERS_ID],
        nonce: 'n-1',
        iat,
        nbf: iat,
        exp: iat + 3600,
      },
    );
  });

  test('the access token is for another audience, so that nobody takes it for an id token', async () => {
    const { access_token: token } = await signInByDevice(probe, 'ada');
    await assert.rejects(verifier.verify(token), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim: 'aud' });
    assert.equal((await verifier.verify(token, `api://${probe.emulator.signIn.clientId}`))['scp'], 'openid profile');
  });

  test("a person's token opens neither Resource Manager nor a registry", async () => {
    const { access_token: token, id_token: id } = await signInByDevice(probe, 'ada');
    const path = `/subscriptions/${DEFAULT_WORLD.subscription}?api-version=2022-12-01`;
    assert.equal((await probe.ask('arm', 'GET', path, { token })).status, 401);
    assert.equal((await probe.ask('arm', 'GET', path, { token: id })).status, 401);
    assert.equal((await probe.ask('onestreamdev', 'GET', '/acr/v1/_catalog', { token })).status, 401);
  });

  test('whoever is in no group has no groups in the token', async () => {
    const claims = await verifier.verify((await signInByDevice(probe, 'margaret')).id_token);
    assert.equal(claims['groups'], undefined);
  });

  test('more than 200 groups are not listed but pointed at, and roles are listed', async () => {
    const claims = await verifier.verify((await signInByDevice(probe, 'everywhere')).id_token);
    assert.equal(claims['groups'], undefined);
    assert.deepEqual(claims['_claim_names'], { groups: 'src1' });
    assert.deepEqual(claims['roles'], ['Release.Approve']);
  });

  test('without the scope openid there is no id token, with offline_access a refresh token for one use', async () => {
    assert.equal((await signInByDevice(probe, 'ada', { scope: 'profile' })).id_token, undefined);
    const tokens = await signInByDevice(probe, 'ada', { scope: 'openid offline_access', nonce: 'n-2' });
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    const again = await poll(probe, '', refresh);
    assert.equal((await verifier.verify(again.json().id_token))['nonce'], undefined);
    assert.deepEqual(refusal(await poll(probe, '', refresh)), [400, 'invalid_grant', 70008]);
  });

  test('the device is told to wait, and to slow down when it asks too often', async () => {
    const { device_code: code, user_code: userCode } = (await beginDevice(probe)).json();
    assert.deepEqual(refusal(await poll(probe, code)), [400, 'authorization_pending', 70016]);
    clock += 4999;
    assert.deepEqual(refusal(await poll(probe, code)), [400, 'slow_down', 70016]);
    clock += 9999;
    assert.deepEqual(refusal(await poll(probe, code)), [400, 'slow_down', 70016]);
    clock += 15_000;
    assert.deepEqual(refusal(await poll(probe, code)), [400, 'authorization_pending', 70016]);
    probe.emulator.signIn.decide(userCode, 'ada', 'approve');
    assert.equal((await poll(probe, code)).status, 200);
  });

  test('a code that has expired is neither redeemed nor approved any more', async () => {
    const begun = (await beginDevice(probe)).json();
    const approved = (await beginDevice(probe)).json();
    probe.emulator.signIn.decide(approved.user_code, 'ada', 'approve');
    clock += 900_000;
    assert.deepEqual(refusal(await poll(probe, begun.device_code)), [400, 'expired_token', 70020]);
    assert.deepEqual(refusal(await poll(probe, approved.device_code)), [400, 'expired_token', 70020]);
    const page = await submitPage(probe, PAGE, { user_code: begun.user_code, user: 'ada', decision: 'approve' });
    assert.equal(page.status, 400);
    assert.throws(() => probe.emulator.signIn.decide(begun.user_code, 'ada', 'approve'), /no device waits/);
  });

  test('a refusal on the page is told to the device, and cannot be taken back', async () => {
    const begun = (await beginDevice(probe)).json();
    const fields = { user_code: begun.user_code, user: 'ada@example.test' };
    assert.equal((await submitPage(probe, PAGE, { ...fields, decision: 'deny' })).status, 200);
    assert.equal((await submitPage(probe, PAGE, { ...fields, decision: 'approve' })).status, 400);
    assert.deepEqual(refusal(await poll(probe, begun.device_code)), [400, 'access_denied', 65004]);
  });

  test('a code is good for one token', async () => {
    const begun = (await beginDevice(probe)).json();
    probe.emulator.signIn.decide(begun.user_code, 'ada', 'approve');
    const answers = await Promise.all([poll(probe, begun.device_code), poll(probe, begun.device_code)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
    assert.deepEqual(refusal(await poll(probe, begun.device_code)), [400, 'invalid_grant', 54005]);
  });

  test('a code that was never issued, and a client that nobody registered, are refused', async () => {
    assert.deepEqual(refusal(await poll(probe, 'made-up')), [400, 'invalid_grant', 70000]);
    const stranger = { client_id: '00000000-0000-4000-8000-00000000dead' };
    assert.deepEqual(refusal(await beginDevice(probe, stranger)), [400, 'unauthorized_client', 700016]);
    assert.deepEqual(refusal(await poll(probe, 'made-up', stranger)), [400, 'unauthorized_client', 700016]);
    assert.deepEqual(refusal(await beginDevice(probe, { scope: '' })), [400, 'invalid_request', 900144]);
  });

  test('a form that another site sent approves nothing', async () => {
    const begun = (await beginDevice(probe)).json();
    const fields = { user_code: begun.user_code, user: 'ada', decision: 'approve' };
    const page = await probe.ask('arm', 'GET', PAGE);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.bytes.toString('utf8'))?.[1] ?? '';
    const cookie = page.headers['set-cookie']?.split(';')[0] ?? '';
    assert.equal((await post(probe, PAGE, { ...fields, csrf })).status, 403);
    assert.equal((await post(probe, PAGE, fields, { cookie })).status, 403);
    assert.equal((await post(probe, PAGE, { ...fields, csrf }, { cookie, origin: 'https://evil.test' })).status, 403);
    assert.deepEqual(refusal(await poll(probe, begun.device_code)), [400, 'authorization_pending', 70016]);
  });

  test('the page loads nothing, cannot be framed, and says a wrong code aloud', async () => {
    const page = await probe.ask('arm', 'GET', PAGE);
    assert.match(page.headers['content-security-policy'] ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    assert.doesNotMatch(page.bytes.toString('utf8'), /src=|href=|url\(/);
    const wrong = await submitPage(probe, PAGE, { user_code: 'NOPE', user: 'ada', decision: 'approve' });
    assert.equal(wrong.status, 400);
    assert.match(wrong.bytes.toString('utf8'), /<p role="alert">No device waits/);
  });

  test('the switch decides over HTTP for whoever holds the admin secret', async () => {
    const begun = (await beginDevice(probe)).json();
    const decide = (user: string, secret: string): Promise<Answer> =>
      probe.ask('arm', 'POST', '/_emulator/sign-ins', {
        headers: { 'x-emulator-secret': secret, 'content-type': 'application/json' },
        body: JSON.stringify({ userCode: begun.user_code, user }),
      });
    assert.equal((await decide('linus', 'wrong')).status, 401);
    assert.equal((await decide('nobody', probe.emulator.adminSecret)).status, 400);
    assert.equal((await decide('linus', probe.emulator.adminSecret)).status, 204);
    const claims = await verifier.verify((await poll(probe, begun.device_code)).json().id_token);
    assert.deepEqual(claims['groups'], [DEVELOPERS_ID]);
  });
});
