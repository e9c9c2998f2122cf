import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { createMemoryRegistries } from '../../../src/adapters/registry/memory/create-memory-registries.ts';
import { planCleanUp } from '../../../src/cli/legacy-clean-up.ts';
import { renderCleanUp, shownCleanUp } from '../../../src/cli/render/legacy.ts';
import { plain } from '../../../src/cli/terminal.ts';
import { digestOf } from '../../../src/content/digest-of.ts';

const HOST = 'onestreamdev.azurecr.io';
const OLD = '2026-01-01T00:00:00Z';
const RULES = { now: new Date('2026-12-01T00:00:00Z'), unusedFor: 90 * 86_400_000, wait: 30 * 86_400_000 };
const TYPE = 'application/vnd.oci.image.manifest.v1+json';

/** A folder of files that is removed after the test. */
function aFolder(files: Readonly<Record<string, unknown>>): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'legacy-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

const ACCOUNT = {
  id: '/subscriptions/s/resourceGroups/old/providers/Microsoft.Storage/storageAccounts/onestreamlegacy',
  name: 'onestreamlegacy',
  resourceGroup: 'old',
};
const STORAGE = {
  'storage-accounts.json': [ACCOUNT],
  'blobs/onestreamlegacy.json': [
    { name: 'a.tar', container: 'images', lastAccessedOn: OLD, properties: { contentLength: 1000 } },
    { name: 'b.tar', container: 'images', lastAccessedOn: OLD, properties: { contentLength: 24 } },
  ],
  'locks.json': [],
};

async function judged(
  lists: Readonly<Record<string, unknown>>,
  inUse: Readonly<Record<string, unknown>> = { 'sluice.yaml': 'version: 1' },
  registries = createMemoryRegistries({ hosts: { dev: HOST } }),
) {
  using recorded = aFolder(lists);
  using used = aFolder(inUse);
  const plan = await planCleanUp({ lists: recorded.path, lookIn: [used.path] }, RULES, (host) =>
    Promise.resolve(host === HOST ? registries.registry('dev').reader : undefined),
  );
  return shownCleanUp(plan);
}

describe('sluice legacy plan', () => {
  test('lets a storage account go that nothing refers to, nobody used and nothing locks, and says how it is taken back', async () => {
    const plan = await judged(STORAGE);
    assert.equal(plan.items[0]?.mayGo, true);
    assert.equal(plan.saved.bytes, 1024);
    assert.equal(plan.removeNotBefore, '2026-12-31T00:00:00.000Z');
    assert.match(plan.items[0]?.steps?.restore ?? '', /--public-network-access Enabled --default-action Allow/);
    assert.match(renderCleanUp(plan, plain), /1 may go, 0 stay; saved: 1\.0 KiB/);
  });

  test('takes an account back to what it was, not to what most accounts are', async () => {
    const closed = { ...ACCOUNT, networkRuleSet: { defaultAction: 'Deny' } };
    const plan = await judged({ ...STORAGE, 'storage-accounts.json': [closed] });
    assert.match(plan.items[0]?.steps?.restore ?? '', /--default-action Deny/);
  });

  const reasons: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>, RegExp])[] = [
    [
      'is named in a manifest',
      STORAGE,
      { 'iam/deployment.yaml': 'https://onestreamlegacy.blob.core.windows.net/x' },
      /referred to in .*deployment\.yaml/,
    ],
    [
      'has a blob without a time of last access',
      {
        ...STORAGE,
        'blobs/onestreamlegacy.json': [
          { name: 'a', lastAccessedOn: OLD, properties: { contentLength: 1 } },
          { name: 'b', properties: { contentLength: 1 } },
        ],
      },
      {},
      /could not find out when it was last used/,
    ],
    ['has no list of blobs', { ...STORAGE, 'blobs/onestreamlegacy.json': [] }, {}, /could not find out when/],
    [
      'was used within the time',
      {
        ...STORAGE,
        'blobs/onestreamlegacy.json': [
          { name: 'a', lastAccessedOn: '2026-11-01T00:00:00Z', properties: { contentLength: 1 } },
        ],
      },
      {},
      /last used 2026-11-01/,
    ],
    [
      'is locked',
      {
        ...STORAGE,
        'locks.json': [{ id: `${ACCOUNT.id.toUpperCase()}/providers/Microsoft.Authorization/locks/keep` }],
      },
      {},
      /^locked$/,
    ],
    [
      'nobody listed the locks of',
      Object.fromEntries(Object.entries(STORAGE).filter(([name]) => name !== 'locks.json')),
      {},
      /could not find out whether it is locked/,
    ],
  ];
  for (const [what, lists, inUse, because] of reasons)
    test(`keeps an account that ${what}, without steps to remove it`, async () => {
      const [item] = (await judged(lists, { 'sluice.yaml': '', ...inUse })).items;
      assert.equal(item?.mayGo, false);
      assert.match(item.because.join('\n'), because);
      assert.equal(item.steps, undefined);
    });

  test('keeps a pipeline that ran lately or of which no run is known', async () => {
    const plan = await judged({
      'pipelines.json': [
        { id: 1, name: 'legacy-iam' },
        { id: 2, name: 'legacy-web' },
        { id: 3, name: 'legacy-job' },
      ],
      'pipeline-runs.json': [
        { definition: { id: 1 }, finishTime: OLD },
        { definition: { id: 2 }, finishTime: OLD },
        { definition: { id: 2 }, finishTime: '2026-11-30T00:00:00Z' },
      ],
    });
    assert.deepEqual(
      plan.items.map(({ name, mayGo }) => [name, mayGo]),
      [
        ['legacy-iam (1)', true],
        ['legacy-web (2)', false],
        ['legacy-job (3)', false],
      ],
    );
  });

  test('tells every duplicate and every mistake of the lists at once, before anything is judged', async () => {
    await assert.rejects(
      judged({
        'storage-accounts.json': [ACCOUNT, { ...ACCOUNT, name: 'OneStreamLegacy' }],
        'pipelines.json': 'no json',
        'other.json': [],
      }),
      (error: Error) => {
        assert.match(error.message, /storage-accounts\.json: "onestreamlegacy" stands there twice/);
        assert.match(error.message, /pipelines\.json: is not JSON/);
        assert.match(error.message, /other\.json: is no list/);
        return true;
      },
    );
  });

  test('a folder that cannot be read is an error, for it may hold a reference', async () => {
    using lists = aFolder(STORAGE);
    await assert.rejects(
      planCleanUp({ lists: lists.path, lookIn: [join(lists.path, 'not-there')] }, RULES, () =>
        Promise.resolve(undefined),
      ),
      /cannot be read: ENOENT/,
    );
  });

  test('a link to a file is read, and one to a folder is an error: both may hold a reference', async () => {
    using lists = aFolder(STORAGE);
    using elsewhere = aFolder({ 'deploy.yaml': 'onestreamlegacy' });
    using used = aFolder({ 'sluice.yaml': '' });
    const judging = () =>
      planCleanUp({ lists: lists.path, lookIn: [used.path] }, RULES, () => Promise.resolve(undefined));
    symlinkSync(join(elsewhere.path, 'deploy.yaml'), join(used.path, 'link.yaml'));
    assert.match((await judging()).verdicts[0]?.because.join() ?? '', /referred to in .*link\.yaml/);
    symlinkSync(elsewhere.path, join(used.path, 'folder'));
    await assert.rejects(judging(), /folder cannot be read: EISDIR/);
  });
});

describe('images in "sluice legacy plan"', () => {
  const registries = createMemoryRegistries({ hosts: { dev: HOST } });
  const layer = (text: string) => ({
    digest: digestOf(Buffer.from(text)),
    size: text.length,
    mediaType: 'application/octet-stream',
  });
  const push = (body: object, tag?: string) => {
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: TYPE, ...body }));
    const digest = registries.push('dev', 'iam', {
      mediaType: TYPE,
      manifest,
      blobs: [],
      ...(tag === undefined ? {} : { tag }),
    });
    return { digest, size: manifest.length };
  };
  const [shared, one, two] = [layer('shared by both'), layer('of one'), layer('only of the other')];
  const config = layer('{}');
  const first = push({ config, layers: [shared, one] }, '1.0.0');
  const second = push({ config, layers: [shared, two] }, '2.0.0');
  const index = push({ manifests: [{ ...first, mediaType: TYPE }] }, 'multi');
  const signature = push({ config, layers: [], subject: { ...first, mediaType: TYPE } });
  const listed = (images: readonly { readonly digest: string }[], tags: Readonly<Record<string, string>> = {}) => ({
    [`images/${HOST}/iam.json`]: images.map(({ digest }) => ({
      digest,
      imageSize: 1,
      tags: tags[digest] === undefined ? null : [tags[digest]],
      changeableAttributes: { deleteEnabled: true, writeEnabled: true },
    })),
    'pulls.json': images.map(({ digest }) => ({
      LoginServer: HOST,
      Repository: 'iam',
      Digest: digest,
      TimeGenerated: OLD,
    })),
  });

  test('a layer of two images is counted once, and not at all when one of them stays', async () => {
    const both = await judged(listed([first, second]), undefined, registries);
    assert.equal(both.saved.bytes, first.size + second.size + config.size + shared.size + one.size + two.size);
    const inUse = { 'live.json': JSON.stringify({ imageID: `${HOST}/iam@${first.digest}` }) };
    const oneOnly = await judged(listed([first, second]), inUse, registries);
    assert.deepEqual(
      oneOnly.items.map(({ mayGo }) => mayGo),
      [false, true],
    );
    assert.equal(oneOnly.saved.bytes, second.size + two.size);
  });

  test('an index that is referred to by its tag keeps its platforms, and these keep what signs them', async () => {
    const plan = await judged(
      listed([signature, first, index], { [index.digest]: 'multi' }),
      { 'deploy.yaml': `image: ${HOST}/iam:multi` },
      registries,
    );
    assert.deepEqual(
      plan.items.map(({ mayGo }) => mayGo),
      [false, false, false],
    );
    assert.match(plan.items[1]?.because.join() ?? '', /a part of/);
    assert.match(plan.items[0]?.because.join() ?? '', /says something about/);
  });

  test('an image that its registry does not show stays, and what is saved beside it is an upper bound', async () => {
    const ghost = { digest: digestOf(Buffer.from('nowhere')) };
    const plan = await judged(listed([second, ghost]), undefined, registries);
    assert.deepEqual(
      plan.items.map(({ mayGo }) => mayGo),
      [true, false],
    );
    assert.equal(plan.saved.atMost, true);
    assert.match(renderCleanUp(plan, plain), /saved: at most/);
  });

  test('without a record of pulls no image goes', async () => {
    const lists: Record<string, unknown> = listed([first]);
    delete lists['pulls.json'];
    assert.match(
      (await judged(lists, undefined, registries)).items[0]?.because.join() ?? '',
      /could not find out when/,
    );
  });
});
