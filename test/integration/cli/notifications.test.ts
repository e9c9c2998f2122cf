import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { issueCertificate } from '../../../local/acr-emulator/certificates.ts';
import { type Inbox, openInbox } from '../../support/events.ts';
import { GOOD, PUBLIC_KEY } from '../../unit/config/written.ts';
import { type Ran, runSluice } from './run-sluice.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

describe('when notifications are tried from the command line', () => {
  let folder = '';
  let ops: Inbox;
  let gone: Inbox;
  const sluice = (args: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    runSluice(`notifications test ${args}`.trim().split(' '), {
      cwd: folder,
      env: { AZURE_SUBSCRIPTION_ID: 'sub', TEMPORAL_ADDRESS: '127.0.0.1:1', OPS_SECRET: SECRET, ...env },
    });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-notifications-'));
    ops = await openInbox();
    gone = await openInbox(() => 404);
    const text = `${GOOD.replace('keys/cosign.pub', 'cosign.pub')}notifications:
  - { name: ops, url: "${ops.url}", secretFrom: { variable: OPS_SECRET } }
  - { name: gone, format: slack, urlFrom: { file: slack } }
`;
    writeFileSync(join(folder, 'sluice.yaml'), text);
    writeFileSync(join(folder, 'cosign.pub'), PUBLIC_KEY);
    writeFileSync(join(folder, 'slack'), `${gone.url}\n`);
  });
  after(async () => {
    await Promise.all([ops.close(), gone.close()]);
    rmSync(folder, { recursive: true });
  });

  test('each receiver is told once, and one that did not take it makes the exit code', async () => {
    const { exit, out, err } = await sluice('');
    assert.equal(exit, 20, err);
    assert.match(out, /^arrived +ops +ops answers 204/m);
    assert.match(out, /^not arrived +gone +gone answers 404 \(notification-refused\)/m);
    assert.equal(gone.received.length, 1);
  });

  test('one that is named alone is one JSON value for programs', async () => {
    const { exit, out } = await sluice('--name ops --json');
    assert.equal(exit, 0);
    const { trials } = JSON.parse(out) as { readonly trials: readonly unknown[] };
    assert.deepEqual(trials, [{ receiver: 'ops', delivered: true, summary: 'ops answers 204' }]);
  });

  test("a receiver with a certificate of one's own is trusted only when its authority is", async () => {
    const { key, cert, caFile } = await issueCertificate(folder, ['127.0.0.1']);
    const secure = await openInbox(undefined, { key, cert });
    const trusting = (env: Readonly<Record<string, string>>) => sluice('--name gone', env);
    try {
      writeFileSync(join(folder, 'slack'), secure.url);
      const { out } = await trusting({});
      assert.match(out, /not arrived +gone .*(?:UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)/);
      assert.equal(secure.received.length, 0);
      assert.equal((await trusting({ NODE_EXTRA_CA_CERTS: caFile })).exit, 0);
      assert.equal(secure.received.length, 1);
    } finally {
      writeFileSync(join(folder, 'slack'), gone.url);
      await secure.close();
    }
  });

  test('neither secret nor secret address is shown, when all is well and when it is not', async () => {
    const bad = `${SECRET}!`;
    const runs = [await sluice('--json'), await sluice('', { OPS_SECRET: bad }), await sluice('', { OPS_SECRET: ' ' })];
    for (const { out, err } of runs) {
      for (const secret of [SECRET.slice(6), gone.url]) assert.ok(!`${out}${err}`.includes(secret));
    }
    assert.match(runs[1]?.out ?? '', /the secret of ops has another form \(notification-misconfigured\)/);
    assert.match(runs[2]?.out ?? '', /the secret of ops is missing/);
  });
});
