/** Each fault as a client sees it, and what it leaves behind. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Fault } from '../../../local/acr-emulator/index.ts';
import { codeOf, OCI_IMAGE, resourceId, startProbe, type Answer, type Probe, type Pushed } from './probe.ts';

describe('faults', () => {
  let probe: Probe;
  let image: Pushed;
  let token: string;
  before(async () => {
    probe = await startProbe();
    image = await probe.pushImage('iam', '1', 'content that faults spoil');
    token = await probe.token('build', 'onestreamdev', 'repository:iam:pull,push,metadata_write,metadata_read');
  });
  afterEach(() => probe.emulator.faults.clear());
  after(() => probe.remove());

  const pull = (): Promise<Answer> => probe.ask('onestreamdev', 'GET', '/v2/iam/manifests/1', { token });

  test('429 comes with Retry-After, so many times, then all is well', async () => {
    probe.emulator.faults.set({ fault: 'throttle', retryAfterSeconds: 7, times: 2 });
    const [first, second, third] = [await pull(), await pull(), await pull()];
    assert.deepEqual([first.status, first.headers['retry-after'], codeOf(first)], [429, '7', 'TOOMANYREQUESTS']);
    assert.deepEqual([second.status, third.status], [429, 200]);
  });

  test('429 without a time has no Retry-After', async () => {
    probe.emulator.faults.set({ fault: 'throttle' });
    assert.equal((await pull()).headers['retry-after'], undefined);
  });

  test('a status before means that nothing happened, after that it did', async () => {
    for (const [tag, when, exists] of [
      ['before', 'before', 404],
      ['after', 'after', 200],
    ] as const) {
      probe.emulator.faults.set({ fault: 'status', status: 503, when, times: 1, match: { method: 'PUT' } });
      const put = await probe.ask('onestreamdev', 'PUT', `/v2/iam/manifests/${tag}`, {
        token,
        headers: { 'content-type': OCI_IMAGE },
        body: image.bytes,
      });
      assert.equal(put.status, 503);
      assert.equal((await probe.ask('onestreamdev', 'HEAD', `/v2/iam/manifests/${tag}`, { token })).status, exists);
    }
  });

  test('content is cut short, exchanged, or called something else, all under the same headers', async () => {
    const other = await probe.pushImage('iam', undefined, 'another image');
    probe.emulator.faults.set({ fault: 'truncate', times: 1 });
    const short = await pull();
    assert.deepEqual(short.bytes, image.bytes.subarray(0, Math.floor(image.bytes.length / 2)));
    probe.emulator.faults.set({ fault: 'other-manifest', digest: other.digest, times: 1 });
    const exchanged = await pull();
    assert.deepEqual([exchanged.bytes, exchanged.headers['docker-content-digest']], [other.bytes, image.digest]);
    probe.emulator.faults.set({ fault: 'media-type', mediaType: 'text/html', times: 1 });
    assert.equal((await pull()).headers['content-type'], 'text/html');
    assert.deepEqual((await pull()).bytes, image.bytes);
  });

  test('a list of referrers is made long, made longer by one, shorter, or is not there', async () => {
    const subject = { mediaType: OCI_IMAGE, digest: image.digest, size: image.bytes.length };
    const note = await probe.pushImage('iam', undefined, 'a note', { subject });
    const list = async (fault?: Fault) => {
      if (fault !== undefined) probe.emulator.faults.set({ ...fault, times: 1 });
      return probe.ask('onestreamdev', 'GET', `/v2/iam/referrers/${image.digest}`, { token });
    };
    const listed = (answer: Answer) => answer.json<{ manifests: { digest: string }[] }>().manifests;
    assert.deepEqual(
      listed(await list()).map(({ digest }) => digest),
      [note.digest],
    );
    const many = await list({ fault: 'referrers-many', count: 10_000 });
    assert.equal(listed(many).length, 100);
    assert.match(many.headers['link'] ?? '', /rel="next"/);
    const also = await list({ fault: 'referrers-also', digest: image.digest });
    assert.deepEqual(
      listed(also).map(({ digest }) => digest),
      [note.digest, image.digest],
    );
    assert.deepEqual(listed(await list({ fault: 'referrers-without', digest: note.digest })), []);
    assert.deepEqual(listed(await list({ fault: 'referrers-without' })), []);
    assert.equal((await list({ fault: 'referrers-off' })).status, 404);
  });

  for (const when of ['before', 'after', 'body'] as const) {
    test(`a reset (${when}) is no answer`, async () => {
      probe.emulator.faults.set({ fault: 'reset', when, times: 1 });
      await assert.rejects(pull());
      assert.equal((await pull()).status, 200);
    });
  }

  test('a hang lasts until the client gives up', async () => {
    probe.emulator.faults.set({ fault: 'hang', times: 1, match: { path: '/manifests/1$' } });
    const giveUp = new AbortController();
    const hanging = fetchWith(giveUp.signal);
    const other = await probe.ask('onestreamdev', 'GET', '/v2/', { token });
    assert.equal(other.status, 200);
    giveUp.abort();
    await assert.rejects(hanging);
    assert.equal((await pull()).status, 200);
  });

  function fetchWith(signal: AbortSignal): Promise<Answer> {
    return probe.ask('onestreamdev', 'GET', '/v2/iam/manifests/1', { token, signal });
  }

  test('a slow body arrives whole', async () => {
    probe.emulator.faults.set({ fault: 'slow', bytesPerSecond: 4000, times: 1 });
    assert.deepEqual((await pull()).bytes, image.bytes);
  });

  test('swapped content keeps its headers, a swapped header its content', async () => {
    probe.emulator.faults.set({ fault: 'swap', times: 1 });
    const body = await pull();
    assert.equal(body.headers['docker-content-digest'], image.digest);
    assert.equal(body.bytes.length, image.bytes.length);
    assert.notDeepEqual(body.bytes, image.bytes);
    probe.emulator.faults.set({ fault: 'swap', what: 'header', times: 1 });
    const header = await pull();
    assert.deepEqual(header.bytes, image.bytes);
    assert.notEqual(header.headers['docker-content-digest'], image.digest);
    probe.emulator.faults.set({ fault: 'swap', times: 1 });
    const blob = await probe.ask('onestreamdev', 'GET', `/v2/iam/blobs/${image.layer}`, { token });
    assert.notEqual(blob.bytes.toString(), 'content that faults spoil');
  });

  test('an invalid token is answered by a challenge', async () => {
    probe.emulator.faults.set({ fault: 'invalid-token', times: 1 });
    const answer = await pull();
    assert.equal(answer.status, 401);
    assert.match(answer.headers['www-authenticate'] ?? '', /error="invalid_token"/);
  });

  test('an ignored lock answers 200 and changes nothing', async () => {
    probe.emulator.faults.set({ fault: 'lock-ignored', times: 1 });
    const patch = () =>
      probe.ask('onestreamdev', 'PATCH', '/acr/v1/iam/_tags/1', { token, body: '{"deleteEnabled":false}' });
    const ignored = await patch();
    assert.deepEqual([ignored.status, ignored.json().tag.changeableAttributes.deleteEnabled], [200, true]);
    assert.equal((await patch()).json().tag.changeableAttributes.deleteEnabled, false);
  });

  test('absolute locations can be asked for', async () => {
    probe.emulator.faults.set({ fault: 'absolute-location', times: 1 });
    const answer = await probe.ask('onestreamdev', 'POST', '/v2/iam/blobs/uploads/', { token });
    assert.ok(answer.headers['location']?.startsWith(`https://${probe.loginServer('onestreamdev')}/v2/`));
  });

  test('faults keep to their registry', async () => {
    probe.emulator.faults.set({ fault: 'throttle', match: { registry: 'onestreamprod' } });
    assert.equal((await pull()).status, 200);
    assert.equal((await probe.ask('onestreamprod', 'GET', '/v2/')).status, 429);
  });

  test('the managed-identity and login endpoints have faults too', async () => {
    probe.emulator.faults.set({ fault: 'status', status: 500, match: { registry: 'identity' } });
    probe.emulator.faults.set({ fault: 'status', status: 502, match: { registry: 'arm', path: 'openid' } });
    assert.equal((await fetch(probe.emulator.identityEndpoint)).status, 500);
    assert.equal((await probe.ask('arm', 'GET', '/x/v2.0/.well-known/openid-configuration')).status, 502);
  });

  describe('of imports', () => {
    async function importTo(tag: string, fault: Fault): Promise<Answer> {
      probe.emulator.faults.set({ ...fault, times: 1 });
      return probe.importToStaging('iam', image.digest, { targetTags: [`iam:${tag}`] });
    }
    async function arrived(tag: string): Promise<boolean> {
      const reader = await probe.token('kubelet-staging', 'onestreamstaging', 'repository:iam:pull');
      return (
        (await probe.ask('onestreamstaging', 'HEAD', `/v2/iam/manifests/${tag}`, { token: reader })).status === 200
      );
    }

    test('failing shows on the poll', async () => {
      const answer = await importTo('fails', { fault: 'import-fails' });
      assert.deepEqual([answer.status, answer.json().error.code], [400, 'InvalidParameters']);
      assert.equal(await arrived('fails'), false);
    });

    test('failing can be a 200 that says Failed, which the SDK takes for success', async () => {
      const answer = await importTo('said', { fault: 'import-fails', asBody: true, code: 'Gone' });
      assert.deepEqual([answer.status, answer.json().status, answer.json().error.code], [200, 'Failed', 'Gone']);
    });

    test('lying says Succeeded and copies nothing', async () => {
      const answer = await importTo('lies', { fault: 'import-lies' });
      assert.deepEqual(answer.json(), { status: 'Succeeded' });
      assert.equal(await arrived('lies'), false);
    });

    test('hanging stays at 202', async () => {
      probe.emulator.faults.set({ fault: 'import-hangs', times: 1 });
      const submitted = await probe.submitImport('worker-staging', 'onestreamstaging', {
        source: { resourceId: resourceId('onestreamdev'), sourceImage: 'iam:1' },
        targetTags: ['iam:hangs'],
      });
      const location = submitted.headers['location'] ?? '';
      // A later import is done long before; the hanging one is not.
      assert.equal((await importTo('quick', { fault: 'import-slow', durationMs: 0 })).status, 200);
      const poll = await probe.ask('arm', 'GET', location, { token: await probe.entra('worker-staging') });
      assert.equal(poll.status, 202);
      assert.equal(await arrived('hangs'), false);
    });

    test('accepted and then answered 500: the operation runs, the client does not know it', async () => {
      const before = accepted();
      probe.emulator.faults.set({
        fault: 'status',
        status: 500,
        when: 'after',
        times: 1,
        match: { path: 'importImage$' },
      });
      const answer = await probe.importToStaging('iam', image.digest, { targetTags: ['iam:lost'] });
      assert.equal(answer.status, 500);
      assert.equal(accepted(), before + 1);
    });

    function accepted(): number {
      return probe.emulator.effects().filter(({ effect }) => effect === 'import-accepted').length;
    }
  });

  describe('over HTTP', () => {
    const control = (method: string, body?: unknown, secret = probe.emulator.adminSecret): Promise<Answer> =>
      probe.ask('arm', method, '/_emulator/faults', {
        headers: { 'x-emulator-secret': secret },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });

    test('are set as one or as a list, shown and cleared', async () => {
      assert.equal(
        (await control('PUT', { fault: 'throttle', times: 1, match: { registry: 'onestreamdev' } })).status,
        200,
      );
      assert.deepEqual((await control('GET')).json(), [
        { fault: 'throttle', times: 1, match: { registry: 'onestreamdev' } },
      ]);
      assert.equal((await control('PUT', [{ fault: 'throttle', match: { registry: 'onestreamdev' } }])).status, 200);
      assert.equal((await pull()).status, 429);
      assert.equal((await control('DELETE')).status, 204);
      assert.equal((await pull()).status, 200);
    });

    test('never spoil the switch that clears them', async () => {
      assert.equal((await control('PUT', { fault: 'hang' })).status, 200);
      assert.equal((await control('DELETE')).status, 204);
      assert.equal((await pull()).status, 200);
    });

    test('are refused without the secret, and when they make no sense', async () => {
      assert.equal((await control('PUT', { fault: 'throttle' }, 'guess')).status, 401);
      assert.equal((await control('PUT', { fault: 'nonsense' })).status, 400);
      assert.deepEqual((await control('GET')).json(), []);
    });
  });
});
