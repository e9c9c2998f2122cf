import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { ListedRelease, ReleasePage } from '../../../src/client/index.ts';
import { APPROVAL, scriptedActivities } from '../../support/scripted-activities.ts';
import { NEEDS_TEMPORAL } from '../client/engine.ts';
import { type Ran, runSluice } from '../cli/run-sluice.ts';
import { GOOD, PUBLIC_KEY } from '../../unit/config/written.ts';
import { type WebSite, eventually, startSite } from './site.ts';

describe('when the web server shows a real engine', NEEDS_TEMPORAL, () => {
  let site: WebSite;
  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(site.address(path));
    return { status: response.status, text: await response.text() };
  };

  before(async () => {
    site = await startSite();
    site.engine.act(scriptedActivities({}, { approvals: { production: APPROVAL } }).activities);
  });
  after(() => site.stop());

  test('a stream shows the journey until it ends, and its watch ends with it', async () => {
    const key = { service: 'iam', version: '1.0.0' };
    await site.start(key.service, key.version);
    await site.untilItWaits(key.service, key.version);
    const response = await fetch(site.address('/releases/iam/1.0.0/events'));
    assert.match(String(response.headers.get('content-type')), /^text\/event-stream/);
    let text = '';
    let answered = false;
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (answered || !text.includes('waiting-for-approval')) continue;
      answered = true;
      await site.anna.approve({ ...key, reason: 'looked at it' });
    }
    assert.match(text, /event: news\ndata: production /);
    assert.match(text, /event: end/);
    assert.match(text.slice(text.lastIndexOf('event: journey')), /looked at it/);
    await eventually(async () => site.web.watched() === 0);
  });

  test('every page has a JSON twin with what the client itself answers', async () => {
    const { text } = await get('/releases/iam/1.0.0.json');
    assert.deepEqual(JSON.parse(text), await site.pipeline.status({ service: 'iam', version: '1.0.0' }));
    const list = await site.pipeline.page({ limit: 50 });
    const board = async (): Promise<unknown> => JSON.parse((await get('/board.json')).text);
    // what promotions say of themselves is missing for as long as no worker finds the time
    await eventually(async () => isDeepStrictEqual(await board(), await site.pipeline.board()));
    assert.match((await get('/board.json')).text, /"health":\{"state":"well"/);
    assert.deepEqual(JSON.parse((await get('/releases.json')).text), list);
    assert.ok(Array.isArray(JSON.parse((await get('/environments/production.json')).text)));
  });

  test('the environment tells who asked and who approved', async () => {
    await eventually(async () => (await get('/environments/production')).text.includes('anna'));
    assert.match((await get('/environments/production')).text, /pipeline/);
  });

  test('the list goes on from page to page without a gap, and a forged place is refused', async () => {
    const versions = Array.from({ length: 7 }, (_, index) => `2.0.${index}`);
    for (const version of versions) await site.start('paged', version);
    await eventually(async () => (await site.pipeline.list({ service: 'paged' })).length === versions.length);
    const found: ListedRelease[] = [];
    let next: string | undefined;
    do {
      const page: ReleasePage = await site.pipeline.page({
        service: 'paged',
        limit: 3,
        ...(next === undefined ? {} : { after: next }),
      });
      assert.ok(page.releases.length <= 3);
      found.push(...page.releases);
      next = page.next;
    } while (next !== undefined);
    assert.deepEqual(found.map(({ version }) => version).toSorted(), versions);
    assert.ok(found.every(({ requestedBy, startedAt }) => requestedBy === 'pipeline' && startedAt.startsWith('20')));
    for (const after of ['forged', '..%2F']) assert.equal((await get(`/releases?after=${after}`)).status, 400, after);
  });

  test('a release that nobody knows is 404, a name that can name none is 400', async () => {
    assert.equal((await get('/releases/iam/9.9.9')).status, 404);
    assert.equal((await get('/releases/iam/9.9.9/events')).status, 404);
    assert.equal((await get(`/releases/${encodeURIComponent("iam' OR '1'='1")}/1`)).status, 400);
    assert.equal((await get(`/environments/${encodeURIComponent("x' OR '1'='1")}`)).status, 400);
  });

  const serve = (args: string, address = site.engine.address): Promise<Ran> =>
    runSluice(`serve ${args}`.split(' '), {
      env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: site.engine.namespace, SLUICE_USER: 'web' },
      interruptAt: /http:/,
    });

  test('sluice serve prints its address and ends on Ctrl-C, also while Temporal is away', async () => {
    for (const { exit, out, err } of [await serve('--port 0'), await serve('--port 0', '127.0.0.1:1')]) {
      assert.equal(exit, 0, err);
      assert.match(out, /^http:\/\/127\.0\.0\.1:\d+\//);
    }
    const taken = await serve(`--port ${new URL(site.web.url).port}`);
    assert.equal(taken.exit, 2);
    assert.match(taken.err, /EADDRINUSE[\s\S]*--port/);
  });

  test('it takes answers where the configuration says how people prove who they are, and never with --read-only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-serving-'));
    const config = join(folder, 'sluice.yaml');
    mkdirSync(join(folder, 'keys'));
    writeFileSync(join(folder, 'keys', 'cosign.pub'), PUBLIC_KEY);
    const withTrust = (line: string): void =>
      writeFileSync(config, GOOD.replaceAll('${AZURE_SUBSCRIPTION_ID}', 'sub').replace('approvers: unproven', line));
    withTrust('approvers: unproven');
    assert.match((await serve(`--config ${config} --port 0`)).out, /takes answers under any name/);
    assert.doesNotMatch((await serve(`--config ${config} --port 0 --read-only`)).out, /answers/);
    withTrust('approvers: { release-managers: [{ name: ada, key: keys/cosign.pub }] }');
    assert.match((await serve(`--config ${config} --port 0`)).out, /takes signed answers/);
    withTrust('approvers: { release-managers: [{ name: ada, key: keys/lost.pub }] }');
    assert.match((await serve(`--config ${config} --port 0`)).err, /keys\/lost\.pub/);
    assert.match((await serve(`--config ${config}.lost --port 0`)).err, /config-missing/);
    rmSync(folder, { recursive: true });
  });

  test('it refuses to listen where others reach it, unless a proxy before it is named', async () => {
    const refused = await serve('--address 0.0.0.0 --port 0');
    assert.equal(refused.exit, 2);
    assert.match(refused.err, /--behind-proxy/);
    const allowed = await serve('--address 0.0.0.0 --port 0 --behind-proxy sluice.example.com');
    assert.equal(allowed.exit, 0, allowed.err);
    assert.match(
      allowed.out,
      /^https:\/\/sluice\.example\.com\/ \(the proxy finds it at http:\/\/0\.0\.0\.0:\d+\/\) {2}shows/,
    );
  });
});
