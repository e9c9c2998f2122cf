/** Locks and removal through the Azure SDK, at the wire. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { digestOf } from '../../../src/content/digest-of.ts';
import type { ErrorCode } from '../../../src/domain/error-code.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { challenge, type Scene, startScene } from './scene.ts';
import { json, registryError, type WireAnswer } from './wire.ts';

const DIGEST = digestOf('attributes');
const TAG = { repository: 'team/iam', tag: '1' };
const MANIFEST = { repository: 'team/iam', digest: DIGEST };

function tagAnswer(
  digest: string = DIGEST,
  attributes: unknown = { deleteEnabled: true, writeEnabled: true },
): WireAnswer {
  const time = '2026-11-03T10:00:00Z';
  const tag = {
    name: '1',
    digest,
    createdTime: time,
    lastUpdateTime: time,
    signed: false,
    changeableAttributes: attributes,
  };
  return json(200, { registry: 'x', imageName: 'team/iam', tag });
}

function manifestAnswer(attributes: unknown): WireAnswer {
  const time = '2026-11-03T10:00:00Z';
  const manifest = {
    digest: DIGEST,
    imageSize: 1,
    createdTime: time,
    lastUpdateTime: time,
    mediaType: 'x',
    changeableAttributes: attributes,
  };
  return json(200, { registry: 'x', imageName: 'team/iam', manifest });
}

describe('when attributes are read and set', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await startScene();
  });
  afterEach(() => scene.wire.close());

  test('reads both attributes of tag and manifest', async () => {
    scene.wire.on('GET', '/acr/v1/team/iam/_tags/1', () =>
      tagAnswer(DIGEST, { deleteEnabled: false, writeEnabled: true }),
    );
    scene.wire.on('GET', `/acr/v1/team/iam/_manifests/${DIGEST}`, () =>
      manifestAnswer({ deleteEnabled: true, writeEnabled: false }),
    );
    assert.deepEqual(await scene.acr.locks.read(TAG), { deletable: false, writable: true });
    assert.deepEqual(await scene.acr.locks.read(MANIFEST), { deletable: true, writable: false });
  });

  test('takes an attribute that is not mentioned for open', async () => {
    scene.wire.on('GET', /_tags/, () => tagAnswer(DIGEST, {}));
    assert.deepEqual(await scene.acr.locks.read(TAG), { deletable: true, writable: true });
  });

  test('sends both flags, flat, and only them', async () => {
    scene.wire.on('PATCH', /_tags/, () => tagAnswer());
    scene.wire.on('PATCH', /_manifests/, () => manifestAnswer({}));
    for (const subject of [TAG, MANIFEST]) await scene.acr.locks.set(subject, { deletable: false, writable: false });
    const sent = scene.wire.seen.map((one) => JSON.parse(one.body) as unknown);
    assert.deepEqual(sent, [
      { deleteEnabled: false, writeEnabled: false },
      { deleteEnabled: false, writeEnabled: false },
    ]);
  });

  test('keeps one token per repository and right', async () => {
    const scopes: string[] = [];
    const guard =
      (scope: string, answer: () => WireAnswer) =>
      ({ headers }: { headers: Record<string, unknown> }) => {
        const wanted = `ACCESSSECRET.1.${Buffer.from(scope).toString('hex')}`;
        if (headers.authorization === `Bearer ${wanted}`) return answer();
        scopes.push(scope);
        return challenge(scene.wire, scope);
      };
    scene.wire.on(
      'GET',
      /_tags/,
      guard('repository:team/iam:metadata_read', () => tagAnswer()),
    );
    scene.wire.on(
      'PATCH',
      /_tags/,
      guard('repository:team/iam:metadata_write', () => tagAnswer()),
    );
    for (let turn = 0; turn < 3; turn += 1) {
      await scene.acr.locks.set(TAG, { deletable: false, writable: false });
      await scene.acr.locks.read(TAG);
    }
    assert.deepEqual(scopes, ['repository:team/iam:metadata_write', 'repository:team/iam:metadata_read']);
    assert.equal(scene.tokenCalls(), 2);
  });

  for (const code of ['MANIFEST_UNKNOWN', 'TAG_UNKNOWN', 'NAME_UNKNOWN']) {
    test(`answers undefined to 404 ${code}, and refuses to set`, async () => {
      scene.wire.on('GET', /_tags|_manifests/, () => registryError(404, code));
      scene.wire.on('PATCH', /_tags|_manifests/, () => registryError(404, code));
      for (const subject of [TAG, MANIFEST]) {
        assert.equal(await scene.acr.locks.read(subject), undefined);
        await assertRefused(scene.acr.locks.set(subject, { deletable: true, writable: true }), 'manifest-unknown');
      }
    });
  }

  const rows: readonly (readonly [WireAnswer, ErrorCode])[] = [
    [{ status: 404, body: 'page not found' }, 'registry-protocol'],
    [registryError(403, 'DENIED'), 'registry-forbidden'],
    [registryError(405, 'REGISTRY_DISALLOWED_OPERATION'), 'image-locked'],
    [registryError(429, 'TOOMANYREQUESTS', { 'retry-after': '60' }), 'registry-throttled'],
    [registryError(500, 'UNKNOWN'), 'registry-failing'],
    [{ status: 0, cut: 'before' }, 'registry-unreachable'],
  ];
  for (const [answer, code] of rows) {
    test(`maps ${String(answer.status)} ${String(answer.body ?? answer.cut)} to ${code}`, async () => {
      scene.wire.on('GET', /_tags/, () => answer);
      scene.wire.on('PATCH', /_tags/, () => answer);
      await assertRefused(scene.acr.locks.read(TAG), code);
      const error = await assertRefused(scene.acr.locks.set(TAG, { deletable: true, writable: true }), code);
      if (code === 'registry-throttled') assert.deepEqual(error.retry, { afterMs: 60_000 });
      if (code === 'registry-forbidden')
        assert.match(error.remedy ?? '', /'AcrPush'.*Container Registry Repository Writer/);
    });
  }

  test('sets again after a short outage', async () => {
    scene.wire.on('PATCH', /_tags/, (_, count) => (count === 1 ? { status: 503 } : tagAnswer()));
    await scene.acr.locks.set(TAG, { deletable: false, writable: false });
    assert.equal(scene.wire.seen.length, 2);
  });

  test('does not wait for ever', async () => {
    scene.wire.on('GET', /_tags/, () => ({ status: 200, silent: true }));
    const quick = scene.adapter({ requestTimeoutMs: 50, retries: { attempts: 1, pauseMs: 1, longestPauseMs: 1 } });
    await assertRefused(quick.locks.read(TAG), 'registry-unreachable');
  });

  test('says that there is no identity when there is none', async () => {
    scene.wire.on('GET', /_tags/, () => challenge(scene.wire, 'repository:team/iam:metadata_read'));
    const refused = Object.assign(new Error('AADSTS700016: not found'), { name: 'AuthenticationError' });
    const nobody = scene.adapter({ credential: { getToken: () => Promise.reject(refused) } });
    await assertRefused(nobody.locks.read(TAG), 'registry-unauthorized');
  });

  test('refuses names that are none before it asks', async () => {
    await assertRefused(scene.acr.locks.read({ repository: '../x', tag: '1' }), 'reference-malformed');
    await assertRefused(scene.acr.locks.read({ repository: 'iam', tag: '../x' }), 'reference-malformed');
    await assertRefused(scene.acr.remover.untag('iam', 'a/b', DIGEST), 'reference-malformed');
    assert.equal(scene.wire.seen.length, 0);
  });
});

describe('when things are removed', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await startScene();
  });
  afterEach(() => scene.wire.close());
  const untag = () => scene.acr.remover.untag('team/iam', '1', DIGEST);
  const deletions = () => scene.wire.seen.filter((one) => one.method === 'DELETE').map((one) => one.path);

  test('looks, untags, and looks again', async () => {
    scene.wire.on('GET', /_tags/, (_, count) => (count === 1 ? tagAnswer() : registryError(404, 'TAG_UNKNOWN')));
    scene.wire.on('DELETE', /_tags/, () => ({ status: 202 }));
    assert.equal(await untag(), true);
    assert.deepEqual(deletions(), ['/acr/v1/team/iam/_tags/1']);
  });

  test('reports a tag that is still there', async () => {
    scene.wire.on('GET', /_tags/, () => tagAnswer());
    scene.wire.on('DELETE', /_tags/, () => ({ status: 202 }));
    assert.equal(await untag(), false);
  });

  test('leaves a tag that means something else, or is gone', async () => {
    scene.wire.on('GET', /_tags/, () => tagAnswer(digestOf('other')));
    assert.equal(await untag(), false);
    scene.wire.on('GET', /_tags/, () => registryError(404, 'TAG_UNKNOWN'));
    assert.equal(await untag(), true);
    assert.deepEqual(deletions(), []);
  });

  test('does not take an outage for a tag that is gone', async () => {
    scene.wire.on('GET', /_tags/, () => registryError(500, 'UNKNOWN'));
    await assertRefused(untag(), 'registry-failing');
  });

  test('deletes by digest on the distribution API', async () => {
    scene.wire.on('DELETE', `/v2/team/iam/manifests/${DIGEST}`, (_, count) =>
      count === 1 ? { status: 202 } : registryError(404, 'MANIFEST_UNKNOWN'),
    );
    await scene.acr.remover.deleteManifest('team/iam', DIGEST);
    await scene.acr.remover.deleteManifest('team/iam', DIGEST);
  });

  test('says that it is locked, or that a role is missing', async () => {
    scene.wire.on('DELETE', /manifests/, () => registryError(405, 'REGISTRY_DISALLOWED_OPERATION'));
    await assertRefused(scene.acr.remover.deleteManifest('team/iam', DIGEST), 'image-locked');
    scene.wire.on('DELETE', /manifests/, () => registryError(403, 'DENIED'));
    const error = await assertRefused(scene.acr.remover.deleteManifest('team/iam', DIGEST), 'registry-forbidden');
    assert.match(error.remedy ?? '', /AcrDelete/);
  });
});
