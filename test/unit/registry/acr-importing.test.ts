/** Imports at the wire of Azure Resource Manager: asked once, waited for from anywhere, never believed too early. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { POLL_FIRST_MS } from '../../../src/adapters/registry/acr/acr-importer.ts';
import { describeTicket } from '../../../src/adapters/registry/acr/import-ticket.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import type { ErrorCode } from '../../../src/domain/error-code.ts';
import type { Retry } from '../../../src/ports/port-error.ts';
import type { ImportRequest } from '../../../src/ports/registry-importer.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { NEVER, OCI_MANIFEST, sampleImage } from '../../ports/registry/subject.ts';
import { RESOURCE_ID, type Scene, SOURCE_ID, startScene, SUBSCRIPTION } from './scene.ts';
import { json, registryError, type WireAnswer } from './wire.ts';

const IMAGE = sampleImage('imported');
const IMPORT = `${RESOURCE_ID}/importImage`;
const OPERATION = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ContainerRegistry/locations/EASTUS/operationResults/registries-1`;
const SIGNED = 'api-version=2025-11-01&t=6389&c=MIIH&s=SIGNEDSECRET&h=x%2By';
const REQUEST: ImportRequest = { source: 'dev', repository: 'iam', digest: IMAGE.manifestDigest };
const TAGGED: ImportRequest = { ...REQUEST, tag: '1.0.0' };
const EXISTS = 'Operation registries-1 failed. Resource here Tag iam:1.0.0 already exists in target registry.';

function armError(status: number, code: string, message = `${code} it is`): WireAnswer {
  return json(status, { error: { code, message } });
}

let scene: Scene;

/** 202 with a Location and `Retry-After: 10`, as recorded from Azure. */
function accepted(): WireAnswer {
  const location = `https://${scene.wire.host}${OPERATION}?${SIGNED}`;
  return { status: 202, headers: { location, 'retry-after': '10', 'content-type': 'application/json' }, body: 'null' };
}

const posts = (): number => scene.wire.seen.filter((one) => one.path === IMPORT).length;
const begin = (request: ImportRequest = REQUEST) => scene.acr.importer.begin(request, NEVER);
const run = async (request: ImportRequest = REQUEST): Promise<void> =>
  scene.acr.importer.finish(await begin(request), NEVER);

/** What the target answers for the tag that was asked for. */
function targetTag(image: typeof IMAGE | undefined): void {
  scene.wire.on('GET', '/v2/iam/manifests/1.0.0', () =>
    image === undefined
      ? registryError(404, 'MANIFEST_UNKNOWN')
      : { status: 200, headers: { 'content-type': OCI_MANIFEST }, body: image.manifest },
  );
}

beforeEach(async () => {
  scene = await startScene();
  scene.wire.on('POST', IMPORT, accepted);
  scene.wire.on('GET', OPERATION, () => json(200, { status: 'Succeeded' }));
});
afterEach(() => scene.wire.close());

describe('when an import is asked for', () => {
  test('the operation is named as Azure names it, without what lets anybody read it', async () => {
    assert.equal(scene.acr.importer.operationOf(await begin()), `https://${scene.wire.host}${OPERATION}`);
  });

  test('names the source by resource id and digest, the target by repository, and never forces', async () => {
    await begin();
    await begin(TAGGED);
    const bodies = scene.wire.seen.map((one) => JSON.parse(one.body) as unknown);
    const source = { resourceId: SOURCE_ID, sourceImage: `iam@${IMAGE.manifestDigest}` };
    assert.deepEqual(bodies, [
      { source, untaggedTargetRepositories: ['iam'], mode: 'NoForce' },
      { source, targetTags: ['iam:1.0.0'], mode: 'NoForce' },
    ]);
    assert.match(scene.wire.seen[0]?.query ?? '', /^api-version=2025-11-01$/);
  });

  test('asks with a token for Azure Resource Manager, whatever its address', async () => {
    await begin();
    assert.equal(
      scene.wire.seen[0]?.headers.authorization,
      'Bearer eyJ0.ENTRASECRET-https://management.azure.com/.default.x',
    );
  });

  test('comes back as soon as it is accepted', async () => {
    scene.wire.on('GET', OPERATION, () => ({ status: 200, silent: true }));
    await begin();
    assert.equal(scene.wire.seen.length, 1);
  });

  for (const answer of [
    { status: 503 },
    { status: 500 },
    { status: 429, headers: { 'retry-after': '1' } },
    { status: 408 },
    { status: 0, cut: 'before' },
  ] as const) {
    test(`never sends the request twice after ${JSON.stringify(answer)}`, async () => {
      scene.wire.on('POST', IMPORT, () => answer);
      const error = await begin().then(
        () => undefined,
        (thrown: unknown) => thrown as { retry: Retry },
      );
      assert.notEqual(error?.retry, 'no');
      assert.equal(posts(), 1);
    });
  }

  const rows: readonly (readonly [WireAnswer, ErrorCode, Retry, RegExp])[] = [
    [
      armError(403, 'AuthorizationFailed'),
      'registry-forbidden',
      'no',
      /Container Registry Data Importer and Data Reader' on .*registries\/here/,
    ],
    [
      armError(403, 'LinkedAuthorizationFailed'),
      'registry-forbidden',
      'no',
      /Container Registry Data Importer and Data Reader' on .*registries\/there/,
    ],
    [armError(401, 'InvalidAuthenticationToken'), 'registry-unauthorized', 'no', /clientId/],
    [armError(404, 'ResourceNotFound'), 'config-invalid', 'no', /resourceGroup/],
    [armError(404, 'ResourceGroupNotFound'), 'config-invalid', 'no', /resourceGroup/],
    [armError(400, 'InvalidParameters', 'Error copying blobs'), 'import-failed', 'yes', /source/],
    [armError(400, 'BadRequest', 'Missing property parameters.TargetTags'), 'import-failed', 'no', /source/],
    [armError(500, 'InternalServerError'), 'registry-failing', 'yes', /wait/],
  ];
  for (const [answer, code, retry, remedy] of rows) {
    test(`maps ${String(answer.body)}`, async () => {
      scene.wire.on('POST', IMPORT, () => answer);
      const error = await assertRefused(begin(), code);
      assert.deepEqual(error.retry, retry);
      assert.match(error.remedy ?? '', remedy);
    });
  }

  test('is throttled with the time to wait', async () => {
    scene.wire.on('POST', IMPORT, () =>
      json(429, { error: { code: 'TooManyRequests', message: 'x' } }, { 'retry-after': '17' }),
    );
    assert.deepEqual((await assertRefused(begin(), 'registry-throttled')).retry, { afterMs: 17_000 });
  });

  test('says which host does not answer', async () => {
    const acr = scene.adapter({ resourceManager: 'https://127.0.0.1:1' });
    const error = await assertRefused(acr.importer.begin(REQUEST, NEVER), 'registry-unreachable');
    assert.match(error.message, /ECONNREFUSED/);
  });
});

describe('when an import is waited for', () => {
  test('polls until it ends', async () => {
    scene.wire.on('GET', OPERATION, (_, count) => (count < 4 ? accepted() : undefined));
    await run();
    assert.equal(scene.wire.seen.filter((one) => one.path === OPERATION).length, 4);
  });

  test('is not looked at before it can have ended, unless it was asked for long ago', async () => {
    let acceptedAt = 0;
    scene.wire.on('POST', IMPORT, () => {
      acceptedAt = performance.now();
      return accepted();
    });
    const tooEarly: number[] = [];
    scene.wire.on('GET', OPERATION, () => {
      const since = performance.now() - acceptedAt;
      if (since < POLL_FIRST_MS / 2) tooEarly.push(since);
      return undefined;
    });
    const ticket = await begin();
    await scene.acr.importer.finish(ticket, NEVER);
    assert.deepEqual(tooEarly, []);
    const old = JSON.stringify({ ...(JSON.parse(ticket) as object), begunAt: 0 });
    acceptedAt = performance.now();
    const before = scene.wire.seen.length;
    await scene.adapter().importer.finish(old, NEVER);
    assert.equal(scene.wire.seen.length - before, 1);
  });

  test('sends the signed address back unchanged', async () => {
    await run();
    assert.equal(scene.wire.seen.find((one) => one.path === OPERATION)?.query, SIGNED);
  });

  test('goes on in another adapter without asking for the copy again', async () => {
    const ticket = await begin();
    await scene.adapter().importer.finish(ticket, NEVER);
    await scene.adapter().importer.finish(ticket, NEVER);
    assert.equal(posts(), 1);
  });

  test('goes on after polls that fail for a moment', async () => {
    scene.wire.on('GET', OPERATION, (_, count) => (count === 1 ? { status: 503 } : undefined));
    await run();
    assert.equal(posts(), 1);
  });

  test('does not take 200 "Failed" for success', async () => {
    scene.wire.on('GET', OPERATION, () =>
      json(200, { status: 'Failed', error: { code: 'ManifestUnknown', message: 'gone' } }),
    );
    const error = await assertRefused(run(), 'import-failed');
    assert.match(error.got ?? '', /ManifestUnknown: gone/);
    scene.wire.on('GET', OPERATION, () => json(200, { status: 'Failed' }));
    await assertRefused(run(), 'import-failed');
    scene.wire.on('GET', OPERATION, () => json(200, { status: 'Canceled' }));
    await assertRefused(run(), 'import-failed');
  });

  test('takes an empty 200 for the end', async () => {
    scene.wire.on('GET', OPERATION, () => ({ status: 200 }));
    await run();
  });

  test('reads the failure of an operation that has its own status address', async () => {
    scene.wire.on('POST', IMPORT, () => ({
      ...accepted(),
      headers: { ...accepted().headers, 'azure-asyncoperation': `https://${scene.wire.host}${OPERATION}?${SIGNED}` },
    }));
    scene.wire.on('GET', OPERATION, () =>
      json(200, { status: 'Failed', error: { code: 'InvalidParameters', message: 'Error copying blobs' } }),
    );
    const error = await assertRefused(run(), 'import-failed');
    assert.match(error.got ?? '', /InvalidParameters: Error copying blobs/);
    assert.equal(error.retry, 'yes');
    scene.wire.on('GET', OPERATION, () => json(200, { status: 'Canceled' }));
    assert.equal((await assertRefused(run(), 'import-failed')).retry, 'yes');
  });

  for (const status of [400, 409] as const) {
    const code = status === 400 ? 'InvalidParameters' : 'Conflict';
    test(`takes ${String(status)} "already exists" for done when the tag means the digest`, async () => {
      scene.wire.on('GET', OPERATION, () => armError(status, code, EXISTS));
      targetTag(IMAGE);
      await run(TAGGED);
    });

    test(`refuses ${String(status)} "already exists" when the tag means something else`, async () => {
      scene.wire.on('GET', OPERATION, () => armError(status, code, EXISTS));
      targetTag(sampleImage('another'));
      const error = await assertRefused(run(TAGGED), 'tag-conflict');
      assert.equal(error.retry, 'no');
      assert.equal(error.got, sampleImage('another').manifestDigest);
    });
  }

  test('settles a conflict that comes at once', async () => {
    scene.wire.on('POST', IMPORT, () => armError(409, 'Conflict', EXISTS));
    targetTag(IMAGE);
    await run(TAGGED);
    targetTag(sampleImage('another'));
    await assertRefused(run(TAGGED), 'tag-conflict');
    targetTag(undefined);
    assert.equal((await assertRefused(run(TAGGED), 'import-failed')).retry, 'yes');
  });

  test('settles a conflict reported with 200', async () => {
    scene.wire.on('GET', OPERATION, () =>
      json(200, { status: 'Failed', error: { code: 'Conflict', message: EXISTS } }),
    );
    targetTag(IMAGE);
    await run(TAGGED);
  });

  for (const answer of [armError(404, 'NotFound'), { status: 204 }]) {
    test(`looks at the registry when the operation is gone: ${String(answer.status)}`, async () => {
      scene.wire.on('GET', OPERATION, () => answer);
      targetTag(IMAGE);
      await run(TAGGED);
      targetTag(undefined);
      assert.equal((await assertRefused(run(TAGGED), 'import-failed')).retry, 'yes');
    });
  }

  test('does not take an outage of the registry for an answer', async () => {
    scene.wire.on('GET', OPERATION, () => armError(409, 'Conflict', EXISTS));
    scene.wire.on('GET', /manifests/, () => registryError(500, 'UNKNOWN'));
    await assertRefused(run(TAGGED), 'registry-failing');
  });

  test('gives up at its deadline, naming the operation without its signature', async () => {
    scene.wire.on('GET', OPERATION, () => accepted());
    const acr = scene.adapter({ importDeadlineMs: 30 });
    const error = await assertRefused(acr.importer.finish(await begin(), NEVER), 'import-stuck');
    assert.equal(error.retry, 'yes');
    assert.match(error.got ?? '', /operationResults\/registries-1\)/);
    assert.doesNotMatch(error.got ?? '', /SIGNED/);
  });

  test('looks once more after the deadline: it may have ended while nobody watched', async () => {
    await scene.adapter({ importDeadlineMs: 0 }).importer.finish(await begin(), NEVER);
  });

  test('stops at once when told to', async () => {
    const stop = new AbortController();
    scene.wire.on('GET', OPERATION, (_, count) => {
      if (count === 2) stop.abort(new Error('enough'));
      return accepted();
    });
    await assert.rejects(
      scene.acr.importer.finish(await begin(), stop.signal),
      (thrown: Error) => thrown.name === 'AbortError' || thrown.message === 'enough',
    );
  });
});

describe('when a ticket comes back', () => {
  test('shows the operation without its signature', async () => {
    const ticket = await begin();
    assert.equal(describeTicket(ticket), `https://${scene.wire.host}${OPERATION}`);
  });

  test('holds no token', async () => {
    for (const secret of ['ENTRASECRET', 'ACCESSSECRET', 'REFRESHSECRET']) assert.ok(!(await begin()).includes(secret));
  });

  for (const address of [
    'https://evil.test/op',
    'http://{host}/op',
    'https://evil.test@{host}.evil.test/',
    'https://x@{host}/op',
    'nonsense',
    'https://evil{host}/op',
  ]) {
    test(`is refused with an operation at ${address}, where our token would go`, async () => {
      const ticket = JSON.parse(await begin()) as { poller: string };
      const poller = JSON.parse(ticket.poller) as { state: { config: { operationLocation: string } } };
      poller.state.config.operationLocation = address.replaceAll('{host}', scene.wire.host);
      const forged = JSON.stringify({ ...ticket, poller: JSON.stringify(poller) });
      const before = scene.wire.seen.length;
      await assertRefused(scene.acr.importer.finish(forged, NEVER), 'input-invalid');
      assert.equal(scene.wire.seen.length, before);
    });
  }

  test('is refused with a digest that is none', async () => {
    const forged = JSON.stringify({ ...(JSON.parse(await begin()) as object), digest: digestOf('x').slice(0, 20) });
    await assertRefused(scene.acr.importer.finish(forged, NEVER), 'input-invalid');
  });
});
