/** Pushing and pulling: manifests, blobs, uploads, ranges, mounts, lists, referrers. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  codeOf,
  OCI_IMAGE,
  OCI_INDEX,
  sha256,
  startProbe,
  type Ask,
  type Answer,
  type Probe,
  type Pushed,
} from './probe.ts';

const MISSING = `sha256:${'0'.repeat(64)}`;

describe('content of a registry', () => {
  let probe: Probe;
  let image: Pushed;
  let token: string;
  before(async () => {
    probe = await startProbe({ referrersPage: 2 });
    image = await probe.pushImage('team/iam', '1', 'the layer');
    token = await probe.token('build', 'onestreamdev', 'repository:team/iam:pull,push,metadata_read');
  });
  after(() => probe.remove());

  function ask(method: string, path: string, more: Ask = {}): Promise<Answer> {
    return probe.ask('onestreamdev', method, path, { token, ...more });
  }

  describe('manifests', () => {
    test('come back byte for byte, by tag and by digest, with digest, type and tag of the cache', async () => {
      for (const reference of ['1', image.digest]) {
        const answer = await ask('GET', `/v2/team/iam/manifests/${reference}`);
        assert.deepEqual(answer.bytes, image.bytes);
        assert.equal(answer.headers['docker-content-digest'], image.digest);
        assert.equal(answer.headers['etag'], `"${image.digest}"`);
        assert.equal(answer.headers['content-type'], OCI_IMAGE);
        assert.equal(answer.headers['docker-distribution-api-version'], 'registry/2.0');
      }
    });

    test('HEAD says the same without the body', async () => {
      const answer = await ask('HEAD', '/v2/team/iam/manifests/1');
      assert.equal(answer.bytes.length, 0);
      assert.equal(answer.headers['content-length'], String(image.bytes.length));
      assert.equal(answer.headers['docker-content-digest'], image.digest);
    });

    test('are found under percent-encoded names and digests', async () => {
      const answer = await ask('GET', `/v2/team%2Fiam/manifests/${encodeURIComponent(image.digest)}`);
      assert.equal(answer.status, 200);
    });

    const missing: readonly (readonly [string, number, string])[] = [
      ['/v2/team/iam/manifests/nope', 404, 'MANIFEST_UNKNOWN'],
      [`/v2/team/iam/manifests/${MISSING}`, 404, 'MANIFEST_UNKNOWN'],
    ];
    for (const [path, status, code] of missing) {
      test(`${path} is answered ${status} ${code}`, async () => {
        const answer = await ask('GET', path);
        assert.deepEqual([answer.status, codeOf(answer)], [status, code]);
      });
    }

    for (const path of ['/v2/%2e%2e/manifests/1', '/v2/a%2F..%2Fb/manifests/1', '/v2/Iam/manifests/1']) {
      test(`${path} is no name`, async () => {
        const answer = await ask('GET', path);
        assert.equal(answer.status === 400 || answer.status === 404, true, String(answer.status));
      });
    }

    test('are refused under a digest that is not theirs', async () => {
      const put = { headers: { 'content-type': OCI_IMAGE }, body: image.bytes };
      const answer = await ask('PUT', `/v2/team/iam/manifests/${MISSING}`, put);
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'DIGEST_INVALID']);
    });

    test('are kept under sha512 too', async () => {
      const digest = `sha512:${createHash('sha512').update(image.bytes).digest('hex')}`;
      const put = { headers: { 'content-type': OCI_IMAGE }, body: image.bytes };
      const answer = await ask('PUT', `/v2/team/iam/manifests/${digest}`, put);
      assert.deepEqual([answer.status, answer.headers['docker-content-digest']], [201, digest]);
      assert.equal((await ask('GET', `/v2/team/iam/manifests/${digest}`)).status, 200);
    });

    test('need their blobs, and an index its children', async () => {
      const other = { mediaType: OCI_IMAGE, digest: MISSING, size: 1 };
      const incomplete = JSON.parse(image.bytes.toString()) as { layers: object[] };
      incomplete.layers.push({ ...other, mediaType: 'application/x' });
      for (const [body, type] of [
        [incomplete, OCI_IMAGE],
        [{ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [other] }, OCI_INDEX],
      ] as const) {
        const answer = await ask('PUT', '/v2/team/iam/manifests/x', {
          headers: { 'content-type': type },
          body: JSON.stringify(body),
        });
        assert.deepEqual([answer.status, codeOf(answer)], [400, 'MANIFEST_BLOB_UNKNOWN']);
        assert.deepEqual(answer.json().errors[0].detail, [{ digest: MISSING }]);
      }
    });

    test('of 4 MiB are taken, larger ones refused', async () => {
      const base = JSON.parse(image.bytes.toString()) as object;
      const padded = (size: number): string => {
        const empty = JSON.stringify({ ...base, annotations: { pad: '' } });
        return JSON.stringify({ ...base, annotations: { pad: 'x'.repeat(size - empty.length) } });
      };
      const limit = 4 * 1024 * 1024;
      const put = (size: number) =>
        ask('PUT', '/v2/team/iam/manifests/big', { headers: { 'content-type': OCI_IMAGE }, body: padded(size) });
      assert.equal((await put(limit)).status, 201);
      assert.equal((await put(limit + 1)).status, 413);
    });

    test('a second push of the same is no second effect', async () => {
      const before = probe.emulator.effects().length;
      await probe.pushManifest('team/iam', '1', image.bytes, OCI_IMAGE);
      assert.equal(probe.emulator.effects().length, before);
    });
  });

  describe('blobs', () => {
    test('are uploaded in chunks at changing, relative locations', async () => {
      const chunks = ['first ', 'second ', 'third'];
      let location = (await ask('POST', '/v2/team/iam/blobs/uploads/')).headers['location'] ?? '';
      let size = 0;
      for (const chunk of chunks) {
        assert.match(location, /^\/v2\/team\/iam\/blobs\/uploads\/[0-9a-f-]+\?_nouploadcache=false&_state=/);
        const range = `${size}-${size + chunk.length - 1}`;
        const answer = await ask('PATCH', location, { body: chunk, headers: { 'content-range': range } });
        size += chunk.length;
        assert.deepEqual([answer.status, answer.headers['range']], [202, `0-${size - 1}`]);
        assert.ok(answer.headers['docker-upload-uuid']);
        location = answer.headers['location'] ?? '';
      }
      const digest = sha256(chunks.join(''));
      const done = await ask('PUT', `${location}&digest=${digest}`);
      assert.deepEqual([done.status, done.headers['docker-content-digest']], [201, digest]);
      assert.equal((await ask('GET', `/v2/team/iam/blobs/${digest}`)).bytes.toString(), chunks.join(''));
    });

    test('are uploaded by one POST with the digest', async () => {
      const digest = sha256('monolithic');
      const answer = await ask('POST', `/v2/team/iam/blobs/uploads/?digest=${digest}`, { body: 'monolithic' });
      assert.deepEqual([answer.status, answer.headers['location']], [201, `/v2/team/iam/blobs/${digest}`]);
    });

    test('a chunk out of order is refused and says where the upload stands', async () => {
      const location = (await ask('POST', '/v2/team/iam/blobs/uploads/')).headers['location'] ?? '';
      await ask('PATCH', location, { body: '12345' });
      const answer = await ask('PATCH', location, { body: '89', headers: { 'content-range': '7-8' } });
      assert.deepEqual([answer.status, answer.headers['range']], [416, '0-4']);
    });

    test('with another digest than announced are refused, and the upload is gone', async () => {
      const location = (await ask('POST', '/v2/team/iam/blobs/uploads/')).headers['location'] ?? '';
      const answer = await ask('PUT', `${location}&digest=${MISSING}`, { body: 'something' });
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'DIGEST_INVALID']);
      const again = await ask('PATCH', location, { body: 'x' });
      assert.deepEqual([again.status, codeOf(again)], [404, 'BLOB_UPLOAD_UNKNOWN']);
    });

    test('uploads that never began are unknown', async () => {
      for (const id of ['x', '..%2F..%2Fca.json', '00000000-0000-4000-8000-000000000000']) {
        const answer = await ask('PATCH', `/v2/team/iam/blobs/uploads/${id}`, { body: 'x' });
        assert.equal(answer.status, 404, id);
      }
    });

    const ranges: readonly (readonly [string, number, string, string?])[] = [
      ['bytes=0-2', 206, 'the', 'bytes 0-2/9'],
      ['bytes=4-', 206, 'layer', 'bytes 4-8/9'],
      ['bytes=-3', 206, 'yer', 'bytes 6-8/9'],
      ['bytes=4-999', 206, 'layer', 'bytes 4-8/9'],
      ['bytes=-999', 206, 'the layer', 'bytes 0-8/9'],
      ['bytes=9-', 416, '', 'bytes */9'],
      ['bytes=0-1,3-4', 200, 'the layer'],
      ['nonsense', 200, 'the layer'],
    ];
    for (const [range, status, content, contentRange] of ranges) {
      test(`the range ${range} is answered ${status}`, async () => {
        const answer = await ask('GET', `/v2/team/iam/blobs/${image.layer}`, { headers: { range } });
        assert.deepEqual([answer.status, answer.headers['content-range']], [status, contentRange]);
        if (status !== 416) assert.equal(answer.bytes.toString(), content);
      });
    }

    test('belong to the repository they were pushed to', async () => {
      const other = await probe.token('build', 'onestreamdev', 'repository:other:pull');
      const answer = await ask('HEAD', `/v2/other/blobs/${image.layer}`, { token: other });
      assert.equal(answer.status, 404);
    });

    test('of an index or image are not deleted by themselves', async () => {
      const staging = await probe.importToStaging('team/iam', image.digest, {
        untaggedTargetRepositories: ['team/iam'],
      });
      assert.equal(staging.status, 200);
      const remover = await probe.token('worker-staging', 'onestreamstaging', 'repository:team/iam:delete');
      const path = `/v2/team/iam/blobs/${image.layer}`;
      assert.equal((await probe.ask('onestreamstaging', 'DELETE', path, { token: remover })).status, 405);
    });
  });

  describe('lists', () => {
    test('of tags come in pages with a link', async () => {
      for (const tag of ['a', 'b', 'c'])
        await probe.pushManifest('paged', tag, (await probe.pushImage('paged', undefined, 'p')).bytes, OCI_IMAGE);
      const reader = await probe.token('build', 'onestreamdev', 'repository:paged:metadata_read');
      const seen: string[][] = [];
      let path: string | undefined = '/v2/paged/tags/list?n=2';
      while (path !== undefined) {
        const answer: Answer = await ask('GET', path, { token: reader });
        seen.push(answer.json().tags);
        path = /<([^>]+)>; rel="next"/.exec(answer.headers['link'] ?? '')?.[1];
      }
      assert.deepEqual(seen, [['a', 'b'], ['c']]);
      assert.equal((await ask('GET', '/v2/paged/tags/list?n=x', { token: reader })).status, 400);
    });

    test('of manifests are ordered by time when asked', async () => {
      const order = async (query: string): Promise<string[]> => {
        const reader = await probe.token('build', 'onestreamdev', 'repository:ordered:metadata_read');
        const answer = await ask('GET', `/acr/v1/ordered/_manifests?${query}`, { token: reader });
        return answer.json().manifests.map(({ digest }: { digest: string }) => digest);
      };
      const pushed: string[] = [];
      for (const content of ['one', 'two', 'three'])
        pushed.push((await probe.pushImage('ordered', content, content)).digest);
      assert.deepEqual(await order('orderby=timeasc'), pushed);
      assert.deepEqual(await order('orderby=timedesc'), pushed.toReversed());
      assert.deepEqual(await order(''), [...pushed].sort());
      assert.deepEqual(await order(`orderby=timedesc&n=1&last=${pushed[2]}`), [pushed[1]]);
    });

    test('of tags can be asked by digest', async () => {
      const first = await probe.pushImage('tagged', '1', 'tagged one');
      await probe.pushManifest('tagged', 'stable', first.bytes, OCI_IMAGE);
      await probe.pushImage('tagged', '2', 'tagged two');
      const reader = await probe.token('build', 'onestreamdev', 'repository:tagged:metadata_read');
      const answer = await ask('GET', `/acr/v1/tagged/_tags?digest=${encodeURIComponent(first.digest)}`, {
        token: reader,
      });
      assert.deepEqual(
        answer.json().tags.map(({ name }: { name: string }) => name),
        ['1', 'stable'],
      );
    });

    test('of what is not there are answered as ACR does', async () => {
      const reader = await probe.token(
        'build',
        'onestreamdev',
        'repository:none:metadata_read,pull',
        'repository:team/iam:metadata_read',
      );
      for (const [path, code] of [
        ['/acr/v1/none', 'NAME_UNKNOWN'],
        ['/acr/v1/none/_tags', 'NAME_UNKNOWN'],
        ['/v2/none/tags/list', 'NAME_UNKNOWN'],
        ['/acr/v1/team%2Fiam/_tags/none', 'TAG_UNKNOWN'],
        [`/acr/v1/team/iam/_manifests/${MISSING}`, 'MANIFEST_UNKNOWN'],
      ] as const) {
        const answer = await ask('GET', path, { token: reader });
        assert.deepEqual([answer.status, codeOf(answer)], [404, code], path);
      }
    });
  });

  describe('referrers', () => {
    const subject = () => ({ mediaType: OCI_IMAGE, digest: image.digest, size: image.bytes.length });

    test('of a digest that nobody knows are an empty index', async () => {
      const answer = await ask('GET', `/v2/team/iam/referrers/${MISSING}`);
      assert.deepEqual([answer.status, answer.headers['content-type']], [200, OCI_INDEX]);
      assert.deepEqual(answer.json().manifests, []);
    });

    test('are announced at the push, listed in pages and filtered by type', async () => {
      for (const [content, artifactType] of [
        ['r1', 'application/vnd.example.sbom'],
        ['r2', 'application/vnd.example.sbom'],
        ['r3', 'application/vnd.example.sig'],
      ] as const) {
        const base = await probe.pushImage('team/iam', undefined, content);
        const manifest = {
          ...JSON.parse(base.bytes.toString()),
          subject: subject(),
          artifactType,
          annotations: { name: content },
        };
        const bytes = Buffer.from(JSON.stringify(manifest));
        const answer = await ask('PUT', `/v2/team/iam/manifests/${sha256(bytes)}`, {
          headers: { 'content-type': OCI_IMAGE },
          body: bytes,
        });
        assert.equal(answer.headers['oci-subject'], image.digest);
      }
      const first = await ask('GET', `/v2/team/iam/referrers/${image.digest}`);
      const second = await ask('GET', /<([^>]+)>/.exec(first.headers['link'] ?? '')?.[1] ?? '');
      const names = [...first.json().manifests, ...second.json().manifests].map((d) => d.annotations.name);
      assert.deepEqual(names, ['r1', 'r2', 'r3']);
      assert.equal(second.headers['link'], undefined);

      const filtered = await ask(
        'GET',
        `/v2/team/iam/referrers/${image.digest}?artifactType=application/vnd.example.sig`,
      );
      assert.equal(filtered.headers['oci-filters-applied'], 'artifactType');
      assert.deepEqual(
        filtered.json().manifests.map((d: any) => d.artifactType),
        ['application/vnd.example.sig'],
      );
    });

    test('may come before their subject', async () => {
      const later = Buffer.from(
        JSON.stringify({ ...JSON.parse(image.bytes.toString()), annotations: { later: 'yes' } }),
      );
      const base = await probe.pushImage('team/iam', undefined, 'early');
      const manifest = { ...JSON.parse(base.bytes.toString()), subject: { ...subject(), digest: sha256(later) } };
      await probe.pushManifest('team/iam', undefined, Buffer.from(JSON.stringify(manifest)), OCI_IMAGE);
      const answer = await ask('GET', `/v2/team/iam/referrers/${sha256(later)}`);
      // Without artifactType the type of the config stands in.
      assert.deepEqual(
        answer.json().manifests.map((d: any) => d.artifactType),
        ['application/vnd.oci.image.config.v1+json'],
      );
    });
  });

  test('unknown routes and methods are refused in the registry’s dialect', async () => {
    assert.deepEqual([(await ask('GET', '/v3/x')).status, codeOf(await ask('GET', '/v3/x'))], [404, 'NOT_FOUND']);
    assert.equal((await ask('PATCH', '/v2/team/iam/manifests/1')).status, 405);
    assert.equal(codeOf(await ask('GET', '/v2/%zz/manifests/1')), 'NAME_INVALID');
  });
});

describe('when blobs are redirected', () => {
  test('the blob lies at a signed address that needs no token', async () => {
    const probe = await startProbe({ redirectBlobs: true });
    const image = await probe.pushImage('iam', '1', 'elsewhere');
    const token = await probe.token('build', 'onestreamdev', 'repository:iam:pull');
    const answer = await probe.ask('onestreamdev', 'GET', `/v2/iam/blobs/${image.layer}`, { token });
    const location = answer.headers['location'] ?? '';
    const followed = await probe.ask('onestreamdev', 'GET', location);
    const forged = await probe.ask('onestreamdev', 'GET', location.replace(/sig=.*/, 'sig=x'));
    await probe.remove();
    assert.equal(answer.status, 307);
    assert.equal(followed.bytes.toString(), 'elsewhere');
    assert.equal(forged.status, 403);
  });
});
