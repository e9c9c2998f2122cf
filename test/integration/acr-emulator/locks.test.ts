/** The four flags at three levels, and what they forbid. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { codeOf, OCI_IMAGE, sha256, startProbe, type Answer, type Probe, type Pushed } from './probe.ts';

const SCOPE = 'pull,metadata_read,metadata_write,delete';

describe('locks', () => {
  let probe: Probe;
  let image: Pushed;
  before(async () => {
    probe = await startProbe();
    image = await probe.pushImage('iam', '1', 'locked');
  });
  after(() => probe.remove());

  /** The image in a repository of its own at staging, with the tag `1`; `ask` acts on it. */
  async function staged(repository: string): Promise<(method: string, path: string, body?: object) => Promise<Answer>> {
    const targets = { targetTags: [`${repository}:1`] };
    assert.equal((await probe.importToStaging('iam', image.digest, targets)).status, 200);
    const token = await probe.token('worker-staging', 'onestreamstaging', `repository:${repository}:${SCOPE}`);
    return (method, path, body) => {
      const headers = { 'content-type': 'application/json' };
      const content = body === undefined ? {} : { body: JSON.stringify(body), headers };
      return probe.ask('onestreamstaging', method, path.replace('{r}', repository), { token, ...content });
    };
  }

  const MANIFEST = (): string => `/acr/v1/{r}/_manifests/${image.digest}`;
  const LEVELS: readonly (readonly [string, () => string])[] = [
    ['repository', () => '/acr/v1/{r}'],
    ['manifest', MANIFEST],
    ['tag', () => '/acr/v1/{r}/_tags/1'],
  ];

  for (const [level, path] of LEVELS) {
    for (const flag of ['writeEnabled', 'deleteEnabled']) {
      test(`${flag}: false on the ${level} stops the deletion of what it covers with 405`, async () => {
        const ask = await staged(`del-${level}-${flag.toLowerCase()}`);
        const patched = await ask('PATCH', path(), { [flag]: false });
        assert.equal(patched.status, 200);
        const shown = patched.json();
        const attributes = (shown.manifest ?? shown.tag ?? shown).changeableAttributes;
        assert.deepEqual(attributes, {
          deleteEnabled: true,
          writeEnabled: true,
          readEnabled: true,
          listEnabled: true,
          [flag]: false,
        });

        const tag = await ask('DELETE', '/acr/v1/{r}/_tags/1');
        const manifest = await ask('DELETE', `/v2/{r}/manifests/${image.digest}`);
        // A locked manifest can still be untagged: the levels are independent.
        const expected = level === 'manifest' ? [202, 405] : [405, 405];
        assert.deepEqual([tag.status, manifest.status], expected);
        assert.equal(codeOf(manifest), 'REGISTRY_DISALLOWED_OPERATION');
        assert.equal((await ask('DELETE', '/acr/v1/{r}')).status, 405);

        assert.equal((await ask('PATCH', path(), { [flag]: true })).status, 200);
        assert.equal((await ask('DELETE', `/v2/{r}/manifests/${image.digest}`)).status, 202);
        assert.equal((await ask('GET', '/acr/v1/{r}')).status, 404);
      });
    }

    test(`readEnabled: false on the ${level} stops pulls by tag`, async () => {
      const ask = await staged(`read-${level}`);
      await ask('PATCH', path(), { readEnabled: false });
      assert.equal((await ask('GET', '/v2/{r}/manifests/1')).status, 405);
    });
  }

  test('listEnabled: false hides, but does not keep from reading', async () => {
    const ask = await staged('hidden');
    await ask('PATCH', '/acr/v1/{r}/_tags/1', { listEnabled: false });
    await ask('PATCH', MANIFEST(), { listEnabled: false });
    assert.deepEqual((await ask('GET', '/v2/{r}/tags/list')).json().tags, []);
    assert.deepEqual((await ask('GET', '/acr/v1/{r}/_tags')).json().tags, []);
    assert.deepEqual((await ask('GET', '/acr/v1/{r}/_manifests')).json().manifests, []);
    assert.equal((await ask('GET', '/v2/{r}/manifests/1')).status, 200);
  });

  test('a PATCH is one effect and keeps the flags it does not name', async () => {
    const ask = await staged('effects');
    await ask('PATCH', MANIFEST(), { writeEnabled: false });
    await ask('PATCH', MANIFEST(), { deleteEnabled: false });
    const { changeableAttributes } = (await ask('GET', MANIFEST())).json().manifest;
    assert.deepEqual(changeableAttributes, {
      deleteEnabled: false,
      writeEnabled: false,
      readEnabled: true,
      listEnabled: true,
    });
    const changes = probe.emulator
      .effects()
      .filter((e) => e.effect === 'attributes-changed' && e.repository === 'effects');
    assert.deepEqual(
      changes.map((e) => [e.digest, e.attributes]),
      [
        [image.digest, { writeEnabled: false }],
        [image.digest, { deleteEnabled: false }],
      ],
    );
  });

  const bad: readonly object[] = [
    {},
    { writeEnabled: 'false' },
    { locked: true },
    { changeableAttributes: { writeEnabled: false } },
  ];
  for (const [index, body] of bad.entries()) {
    test(`the body ${JSON.stringify(body)} changes nothing`, async () => {
      const ask = await staged(`bad-body-${index}`);
      assert.equal((await ask('PATCH', '/acr/v1/{r}/_tags/1', body)).status, 400);
      const { changeableAttributes } = (await ask('GET', '/acr/v1/{r}/_tags/1')).json().tag;
      assert.deepEqual(Object.values(changeableAttributes), [true, true, true, true]);
    });
  }

  test('a push cannot move a write-locked tag, nor add to a write-locked repository', async () => {
    const other = await probe.pushImage('iam', undefined, 'another');
    const tokenOf = (actions: string) => probe.token('build', 'onestreamdev', `repository:iam:${actions}`);
    const change = async (path: string, body: object) =>
      probe.ask('onestreamdev', 'PATCH', path, { token: await tokenOf('metadata_write'), body: JSON.stringify(body) });
    const push = async (reference: string) =>
      probe.ask('onestreamdev', 'PUT', `/v2/iam/manifests/${reference}`, {
        token: await tokenOf('pull,push'),
        headers: { 'content-type': OCI_IMAGE },
        body: other.bytes,
      });
    await change('/acr/v1/iam/_tags/1', { writeEnabled: false });
    assert.equal((await push('1')).status, 405);
    assert.equal((await push('2')).status, 201);
    await change('/acr/v1/iam', { writeEnabled: false });
    assert.equal((await push('3')).status, 405);
    const upload = await probe.ask('onestreamdev', 'POST', '/v2/iam/blobs/uploads/', {
      token: await tokenOf('pull,push'),
    });
    assert.equal(upload.status, 405);
    await change('/acr/v1/iam', { writeEnabled: true });
    await change('/acr/v1/iam/_tags/1', { writeEnabled: true });
  });

  test('a locked referrer stays when its subject is deleted, an unlocked one goes along', async () => {
    const subject = { mediaType: OCI_IMAGE, digest: image.digest, size: image.bytes.length };
    const referrers: string[] = [];
    for (const content of ['free', 'kept']) {
      const base = await probe.pushImage('iam', undefined, content);
      const bytes = Buffer.from(JSON.stringify({ ...JSON.parse(base.bytes.toString()), subject }));
      await probe.pushManifest('iam', undefined, bytes, OCI_IMAGE);
      referrers.push(sha256(bytes));
    }
    const ask = await staged('family');
    for (const digest of referrers) {
      assert.equal(
        (await probe.importToStaging('iam', digest, { untaggedTargetRepositories: ['family'] })).status,
        200,
      );
    }
    await ask('PATCH', `/acr/v1/{r}/_manifests/${referrers[1]}`, { deleteEnabled: false });
    assert.equal((await ask('DELETE', `/v2/{r}/manifests/${image.digest}`)).status, 202);
    const left = (await ask('GET', '/acr/v1/{r}/_manifests')).json().manifests.map((m: any) => m.digest);
    assert.deepEqual(left, [referrers[1]]);
  });

  test('deleting by tag on the distribution route is refused: it would take the manifest', async () => {
    const ask = await staged('by-tag');
    const answer = await ask('DELETE', '/v2/{r}/manifests/1');
    assert.deepEqual([answer.status, codeOf(answer)], [405, 'UNSUPPORTED']);
  });

  test('untagging leaves the manifest', async () => {
    const ask = await staged('untag');
    assert.equal((await ask('DELETE', '/acr/v1/{r}/_tags/1')).status, 202);
    assert.equal((await ask('DELETE', '/acr/v1/{r}/_tags/1')).status, 404);
    assert.equal((await ask('GET', `/v2/{r}/manifests/${image.digest}`)).status, 200);
  });
});
