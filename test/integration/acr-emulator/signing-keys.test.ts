/** The keys that vouch for people: published, rolled over, withdrawn, and still there after a restart. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decodeProtectedHeader } from 'jose';
import { signInByDevice, startVerifier, type Verifier } from './person.ts';
import { startProbe, TENANT, type Probe } from './probe.ts';

describe('when the signing keys are rolled over', () => {
  let probe: Probe;
  let verifier: Verifier;
  before(async () => {
    probe = await startProbe();
    verifier = await startVerifier(probe);
  });
  after(async () => {
    await verifier.close();
    await probe.remove();
  });

  async function published(): Promise<any[]> {
    return (await probe.ask('arm', 'GET', `/${TENANT}/discovery/v2.0/keys`)).json().keys;
  }

  test('several keys of 2048 bits are published, and no private part of any', async () => {
    const keys = await published();
    const rsa = keys.filter(({ kty }) => kty === 'RSA');
    assert.equal(rsa.length, 2);
    for (const { n, alg, use } of rsa) {
      assert.deepEqual([Buffer.from(n, 'base64url').length * 8, alg, use], [2048, 'RS256', 'sig']);
    }
    for (const key of keys)
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) assert.equal(key[secret], undefined);
  });

  test('old tokens verify while the old key is published, and no longer', async () => {
    const { id_token: old } = await signInByDevice(probe, 'ada');
    const next = (await published())[1].kid;
    await probe.emulator.signIn.rotateKeys();
    const { id_token: fresh } = await signInByDevice(probe, 'ada');
    assert.equal(decodeProtectedHeader(fresh).kid, next);
    await verifier.verify(old);
    await verifier.verify(fresh);
    await probe.emulator.signIn.retireKeys();
    await assert.rejects(verifier.verify(old), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
    await verifier.verify(fresh);
  });

  test('the switches over HTTP want the admin secret', async () => {
    const change = (secret: string) =>
      probe.ask('arm', 'POST', '/_emulator/keys/rotate', { headers: { 'x-emulator-secret': secret } });
    const before = (await published()).length;
    assert.equal((await change('wrong')).status, 401);
    assert.equal((await published()).length, before);
    assert.equal((await change(probe.emulator.adminSecret)).json().keys.length, before);
  });

  test('a restart in the same folder keeps the keys', async () => {
    const { id_token: token } = await signInByDevice(probe, 'ada');
    await probe.emulator.close();
    const again = await startProbe({ dir: probe.dir });
    const reader = await startVerifier(again);
    await reader.verify(token);
    await reader.close();
    await again.emulator.close();
  });
});
