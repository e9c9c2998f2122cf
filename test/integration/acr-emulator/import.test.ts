/** Import as ARM offers it: what is refused at once, what fails later, and what is copied. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { OCI_IMAGE, OCI_INDEX, resourceId, sha256, startProbe, type Answer, type Probe, type Pushed } from './probe.ts';

describe('import', () => {
  let probe: Probe;
  let image: Pushed;
  before(async () => {
    probe = await startProbe({ importRetryAfterSeconds: 10 });
    image = await probe.pushImage('iam', '1', 'to be imported');
  });
  after(() => probe.remove());

  const DEV = resourceId('onestreamdev');
  const byDigest = () => ({ resourceId: DEV, sourceImage: `iam@${image.digest}` });

  async function importInto(more: object, source: object = byDigest()): Promise<Answer> {
    const submitted = await probe.submitImport('worker-staging', 'onestreamstaging', { source, ...more });
    if (submitted.status !== 202) return submitted;
    return probe.untilEnded('worker-staging', submitted.headers['location'] ?? '');
  }

  async function digestAt(repository: string, reference: string): Promise<string | undefined> {
    const token = await probe.token('kubelet-staging', 'onestreamstaging', `repository:${repository}:pull`);
    const answer = await probe.ask('onestreamstaging', 'HEAD', `/v2/${repository}/manifests/${reference}`, { token });
    return answer.headers['docker-content-digest'];
  }

  function codeOf(answer: Answer): string {
    return `${answer.status} ${answer.json().error?.code ?? answer.json().status}`;
  }

  test('is accepted with 202, the body null, a signed Location and Retry-After, and no other handle', async () => {
    const answer = await probe.submitImport('worker-staging', 'onestreamstaging', {
      source: byDigest(),
      targetTags: ['shape:1'],
    });
    assert.equal(answer.status, 202);
    assert.equal(answer.bytes.toString(), 'null');
    assert.equal(answer.headers['retry-after'], '10');
    assert.equal(answer.headers['azure-asyncoperation'], undefined);
    const location = new URL(answer.headers['location'] ?? '');
    assert.match(
      location.pathname,
      /^\/subscriptions\/[^/]+\/providers\/Microsoft\.ContainerRegistry\/locations\/EASTUS\/operationResults\/registries-[0-9a-f-]{36}$/,
    );
    assert.deepEqual([...location.searchParams.keys()], ['api-version', 't', 'c', 's', 'h']);
    const ended = await probe.untilEnded('worker-staging', location.href);
    assert.deepEqual([ended.status, ended.json()], [200, { status: 'Succeeded' }]);

    const token = await probe.entra('worker-staging');
    location.searchParams.delete('h');
    assert.equal((await probe.ask('arm', 'GET', location.href, { token })).status, 403);
    const unknown = location.href.replace(/registries-[^?]+/, 'registries-00000000-0000-4000-8000-000000000000');
    assert.equal((await probe.ask('arm', 'GET', unknown, { token })).status, 404);
    assert.equal((await probe.ask('arm', 'GET', location.href)).status, 401);
  });

  test('copies by digest, with tag, without tag, and both at once', async () => {
    assert.equal(
      codeOf(await importInto({ targetTags: ['both:1'], untaggedTargetRepositories: ['untagged'] })),
      '200 Succeeded',
    );
    assert.equal(await digestAt('both', '1'), image.digest);
    assert.equal(await digestAt('untagged', image.digest), image.digest);
    assert.equal(await digestAt('untagged', '1'), undefined);
    const token = await probe.token('kubelet-staging', 'onestreamstaging', 'repository:untagged:pull');
    const layer = await probe.ask('onestreamstaging', 'GET', `/v2/untagged/blobs/${image.layer}`, { token });
    assert.equal(layer.bytes.toString(), 'to be imported');
  });

  test('takes a source by tag, and latest when none is named', async () => {
    await probe.pushImage('bytag', 'latest', 'the latest');
    assert.equal(
      codeOf(await importInto({ targetTags: ['bytag'] }, { resourceId: DEV, sourceImage: 'bytag' })),
      '200 Succeeded',
    );
    assert.ok(await digestAt('bytag', 'latest'));
  });

  test('leaves effects: accepted and completed once, each with operation, source and targets', async () => {
    await importInto({ targetTags: ['logged:1'] });
    const effects = probe.emulator
      .effects()
      .filter((e) => e.targets?.includes('logged:1') || e.repository === 'logged');
    assert.deepEqual(
      effects.map(({ effect }) => effect),
      ['import-accepted', 'manifest-put', 'tag-put', 'import-completed'],
    );
    assert.equal(new Set(effects.map(({ operation }) => operation)).size, 1);
    assert.equal(effects[0]?.source, `onestreamdev/iam@${image.digest}`);
    assert.equal(effects[0]?.digest, image.digest);
    assert.equal(effects[0]?.identity, 'worker-staging');
  });

  test('never moves a tag unless forced, not even to the same digest', async () => {
    const other = await probe.pushImage('iam', undefined, 'another');
    await importInto({ targetTags: ['conflict:1'] });
    const again = await importInto({ targetTags: ['conflict:1'], mode: 'NoForce' });
    assert.equal(codeOf(again), '409 Conflict');
    assert.match(again.json().error.message, /Tag conflict:1 already exists in target registry\.$/);
    const source = { resourceId: DEV, sourceImage: `iam@${other.digest}` };
    assert.equal(codeOf(await importInto({ targetTags: ['conflict:1'] }, source)), '409 Conflict');
    assert.equal(await digestAt('conflict', '1'), image.digest);
    assert.equal(codeOf(await importInto({ targetTags: ['conflict:1'], mode: 'Force' }, source)), '200 Succeeded');
    assert.equal(await digestAt('conflict', '1'), other.digest);
  });

  test('with force moves even a locked tag and leaves its flags, as seen on Azure', async () => {
    const other = await probe.pushImage('iam', undefined, 'forced');
    await importInto({ targetTags: ['forced:1'] });
    const token = await probe.token(
      'worker-staging',
      'onestreamstaging',
      'repository:forced:metadata_write,metadata_read',
    );
    const path = '/acr/v1/forced/_tags/1';
    await probe.ask('onestreamstaging', 'PATCH', path, { token, body: '{"writeEnabled":false}' });
    await importInto(
      { targetTags: ['forced:1'], mode: 'Force' },
      { resourceId: DEV, sourceImage: `iam@${other.digest}` },
    );
    const { tag } = (await probe.ask('onestreamstaging', 'GET', path, { token })).json();
    assert.deepEqual([tag.digest, tag.changeableAttributes.writeEnabled], [other.digest, false]);
  });

  test('of what is already there without tag is harmless and no second copy', async () => {
    await importInto({ untaggedTargetRepositories: ['twice'] });
    assert.equal(codeOf(await importInto({ untaggedTargetRepositories: ['twice'] })), '200 Succeeded');
    const puts = probe.emulator.effects().filter((e) => e.effect === 'manifest-put' && e.repository === 'twice');
    assert.equal(puts.length, 1);
  });

  test('takes an index with its children, but neither referrers nor signature tags', async () => {
    const child = await probe.pushImage('multi', undefined, 'child');
    const descriptor = { mediaType: OCI_IMAGE, digest: child.digest, size: child.bytes.length };
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests: [{ ...descriptor, platform: { os: 'linux', architecture: 'amd64' } }],
      }),
    );
    const digest = await probe.pushManifest('multi', '1', index, OCI_INDEX);
    const subject = { mediaType: OCI_INDEX, digest, size: index.length };
    const referrer = await probe.pushImage('multi', undefined, 'referrer', { subject });
    await probe.pushImage('multi', `${digest.replace(':', '-')}.sig`, 'signature');

    await importInto({ targetTags: ['multi:1'] }, { resourceId: DEV, sourceImage: `multi@${digest}` });
    assert.equal(await digestAt('multi', child.digest), child.digest);
    assert.equal(await digestAt('multi', referrer.digest), undefined);
    assert.equal(await digestAt('multi', `${digest.replace(':', '-')}.sig`), undefined);
    const token = await probe.token('kubelet-staging', 'onestreamstaging', 'repository:multi:pull');
    const listed = await probe.ask('onestreamstaging', 'GET', `/v2/multi/referrers/${digest}`, { token });
    assert.deepEqual(listed.json().manifests, []);
    // By its own digest it can be had, and then it refers.
    const own = { resourceId: DEV, sourceImage: `multi@${referrer.digest}` };
    await importInto({ untaggedTargetRepositories: ['multi'] }, own);
    const now = await probe.ask('onestreamstaging', 'GET', `/v2/multi/referrers/${digest}`, { token });
    assert.deepEqual(
      now.json().manifests.map((d: any) => d.digest),
      [referrer.digest],
    );
  });

  for (const [children, expected] of [
    [49, '200 Succeeded'],
    [50, '400 InvalidParameters'],
  ] as const) {
    test(`an index with ${children} children (${children + 1} manifests) ends with ${expected}`, async () => {
      const [repository, manifests] = [`many-${children}`, await pushChildren(`many-${children}`, children)];
      assert.equal(codeOf(await importIndex(repository, manifests)), expected);
    });
  }

  test('an index may have more of them when the target has the others already', async () => {
    const manifests = await pushChildren('in-parts', 50);
    assert.equal(codeOf(await importIndex('in-parts', manifests.slice(0, 40))), '200 Succeeded');
    assert.equal(codeOf(await importIndex('in-parts', manifests)), '200 Succeeded');
  });

  type Listed = { mediaType: string; digest: string; size: number };
  async function pushChildren(repository: string, count: number): Promise<Listed[]> {
    const base = await probe.pushImage(repository, undefined, repository);
    const manifests = [];
    for (let n = 0; n < count; n += 1) {
      const more = { annotations: { n: String(n) } };
      const bytes = Buffer.from(JSON.stringify({ ...JSON.parse(base.bytes.toString()), ...more }));
      await probe.pushManifest(repository, undefined, bytes, OCI_IMAGE);
      manifests.push({ mediaType: OCI_IMAGE, digest: sha256(bytes), size: bytes.length });
    }
    return manifests;
  }

  async function importIndex(repository: string, manifests: readonly Listed[]): Promise<Answer> {
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
    const digest = await probe.pushManifest(repository, undefined, index, OCI_INDEX);
    const source = { resourceId: DEV, sourceImage: `${repository}@${digest}` };
    return importInto({ untaggedTargetRepositories: [repository] }, source);
  }

  test('fails on the poll when the source is missing, unreadable, or the target repository is locked', async () => {
    const missing = { resourceId: DEV, sourceImage: `iam@sha256:${'0'.repeat(64)}` };
    assert.equal(codeOf(await importInto({ targetTags: ['x:1'] }, missing)), '400 InvalidParameters');
    const unknown = { resourceId: DEV, sourceImage: 'nobody:1' };
    assert.equal(codeOf(await importInto({ targetTags: ['x:1'] }, unknown)), '400 InvalidParameters');

    const dev = await probe.token('build', 'onestreamdev', 'repository:unread:metadata_write');
    const hidden = await probe.pushImage('unread', '1', 'unread');
    await probe.ask('onestreamdev', 'PATCH', `/acr/v1/unread/_manifests/${hidden.digest}`, {
      token: dev,
      body: '{"readEnabled":false}',
    });
    assert.equal(
      codeOf(await importInto({ targetTags: ['x:1'] }, { resourceId: DEV, sourceImage: 'unread:1' })),
      '400 InvalidParameters',
    );

    await importInto({ targetTags: ['sealed:1'] });
    const token = await probe.token('worker-staging', 'onestreamstaging', 'repository:sealed:metadata_write');
    await probe.ask('onestreamstaging', 'PATCH', '/acr/v1/sealed', { token, body: '{"writeEnabled":false}' });
    assert.equal(codeOf(await importInto({ targetTags: ['sealed:2'] })), '405 REGISTRY_DISALLOWED_OPERATION');
  });

  const refusedAtOnce: readonly (readonly [string, string, string, () => object, string])[] = [
    ['without target', 'worker-staging', 'onestreamstaging', () => ({ source: byDigest() }), '400 InvalidParameters'],
    [
      'to a digest',
      'worker-staging',
      'onestreamstaging',
      () => ({ source: byDigest(), targetTags: [`iam@${image.digest}`] }),
      '400 InvalidParameters',
    ],
    [
      'to a bad name',
      'worker-staging',
      'onestreamstaging',
      () => ({ source: byDigest(), untaggedTargetRepositories: ['../x'] }),
      '400 InvalidParameters',
    ],
    [
      'to a tag that is no text',
      'worker-staging',
      'onestreamstaging',
      () => ({ source: byDigest(), targetTags: [1] }),
      '400 InvalidParameters',
    ],
    [
      'with an unknown mode',
      'worker-staging',
      'onestreamstaging',
      () => ({ source: byDigest(), targetTags: ['a:1'], mode: 'force' }),
      '400 InvalidParameters',
    ],
    [
      'of a bad image',
      'worker-staging',
      'onestreamstaging',
      () => ({ source: { resourceId: DEV, sourceImage: 'iam@latest' }, targetTags: ['a:1'] }),
      '400 InvalidParameters',
    ],
    ['of nothing', 'worker-staging', 'onestreamstaging', () => ({ targetTags: ['a:1'] }), '400 InvalidParameters'],
    [
      'from an unknown address',
      'worker-staging',
      'onestreamstaging',
      () => ({ source: { registryUri: 'example.com', sourceImage: 'iam:1' }, targetTags: ['a:1'] }),
      '400 InvalidParameters',
    ],
    [
      'into another environment',
      'worker-staging',
      'onestreamprod',
      () => ({ source: byDigest(), targetTags: ['a:1'] }),
      '403 AuthorizationFailed',
    ],
    [
      'by the one who may only push',
      'build',
      'onestreamdev',
      () => ({ source: byDigest(), targetTags: ['a:1'] }),
      '403 AuthorizationFailed',
    ],
    [
      'past an environment',
      'worker-production',
      'onestreamprod',
      () => ({ source: byDigest(), targetTags: ['a:1'] }),
      '403 LinkedAuthorizationFailed',
    ],
    [
      'from a registry that does not exist',
      'worker-staging',
      'onestreamstaging',
      () => ({ source: { resourceId: `${DEV}x`, sourceImage: 'iam:1' }, targetTags: ['a:1'] }),
      '403 LinkedAuthorizationFailed',
    ],
  ];
  for (const [title, identity, registry, body, expected] of refusedAtOnce) {
    test(`${title} is refused at once with ${expected}`, async () => {
      const before = probe.emulator.effects().length;
      assert.equal(codeOf(await probe.submitImport(identity, registry, body())), expected);
      const left = probe.emulator
        .effects()
        .slice(before)
        .map(({ effect }) => effect);
      assert.deepEqual(left, expected.startsWith('403') ? ['refused'] : []);
    });
  }

  test('by address takes an Entra token as password, a service principal, or nothing at all', async () => {
    const auditor = probe.credentials('auditor');
    const builder = probe.credentials('build');
    const table: readonly (readonly [object | undefined, string])[] = [
      [{ password: await probe.entra('auditor') }, '200 Succeeded'],
      [{ username: auditor.clientId, password: auditor.secret }, '200 Succeeded'],
      [{ username: builder.clientId, password: builder.secret }, '200 Succeeded'],
      [{ username: auditor.clientId, password: 'wrong' }, '403 Forbidden'],
      [{ password: await probe.entra('kubelet-staging') }, '403 Forbidden'],
      [undefined, '403 Forbidden'],
    ];
    for (const [index, [credentials, expected]] of table.entries()) {
      const source = { registryUri: probe.loginServer('onestreamdev'), sourceImage: 'iam:1', credentials };
      assert.equal(codeOf(await importInto({ targetTags: [`address:${index}`] }, source)), expected);
    }
  });
});
