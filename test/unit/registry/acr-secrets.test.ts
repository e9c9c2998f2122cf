/** No token, signature or password ever leaves the adapters in an error, however it is printed. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { safeCause, safeText } from '../../../src/adapters/registry/acr/redaction.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { NEVER, sampleImage } from '../../ports/registry/subject.ts';
import { challenge, REFRESH_TOKEN, type Scene, SECRETS, startScene } from './scene.ts';
import { json, type WireAnswer } from './wire.ts';

const DIGEST = digestOf('secret');
const ONCE = { attempts: 1, pauseMs: 1, longestPauseMs: 1 };

/** Everything a logger, a debugger or Temporal's failure converter could take out of an error. */
function everything(thrown: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = thrown; at instanceof Error; at = at.cause) {
    parts.push(at.message, at.stack ?? '', JSON.stringify(at), JSON.stringify(Object.getOwnPropertyDescriptors(at)));
  }
  return [...parts, inspect(thrown, { depth: 20, showHidden: true })].join('\n');
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail('expected an error'),
    (thrown: unknown) => thrown,
  );
}

describe('when anything fails', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await startScene({ retries: ONCE });
  });
  afterEach(() => scene.wire.close());

  /** A registry that repeats what it was shown, as debugging proxies do. */
  const echo =
    (status: number) =>
    (seen: { headers: Record<string, unknown>; body: string }): WireAnswer => {
      if (seen.headers.authorization === undefined) return challenge(scene.wire);
      const message = `you sent ${String(seen.headers.authorization)} and access_token=ACCESSSECRET to https://x.test/?sig=SIGNEDSECRET ${seen.body}`;
      return json(status, { errors: [{ code: 'ECHO', message }], error: { code: 'ECHO', message } });
    };

  const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['manifest', () => scene.acr.reader.manifest('iam', { tag: '1' })],
    ['blob', () => scene.acr.reader.blob('iam', DIGEST, 10)],
    ['has-blob', () => scene.acr.reader.hasBlob('iam', DIGEST)],
    ['referrers', () => scene.acr.reader.referrers('iam', DIGEST)],
    ['read lock', () => scene.acr.locks.read({ repository: 'iam', tag: '1' })],
    ['set lock', () => scene.acr.locks.set({ repository: 'iam', digest: DIGEST }, { deletable: true, writable: true })],
    ['untag', () => scene.acr.remover.untag('iam', '1', DIGEST)],
    ['delete', () => scene.acr.remover.deleteManifest('iam', DIGEST)],
    ['publish', () => scene.acr.publisher.publish('iam', sampleImage('x'))],
    ['import', () => scene.acr.importer.begin({ source: 'dev', repository: 'iam', digest: DIGEST }, NEVER)],
  ];
  const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

  for (const [what, call] of calls) {
    for (const status of [400, 401, 403, 405, 409, 429, 500]) {
      test(`${what} answered ${String(status)} shows no secret`, async () => {
        for (const method of METHODS) scene.wire.on(method, /^\/(v2|acr|subscriptions)\//, echo(status));
        assertClean(await failureOf(call()));
      });
    }

    test(`${what} cut off shows no secret`, async () => {
      for (const method of METHODS) {
        scene.wire.on(method, /^\/(v2|acr|subscriptions)\//, ({ headers }) =>
          headers.authorization === undefined ? challenge(scene.wire) : { status: 0, cut: 'before' },
        );
      }
      assertClean(await failureOf(call()));
    });

    test(`${what} refused by the token endpoint shows no secret`, async () => {
      for (const method of METHODS) scene.wire.on(method, /^\/(v2|acr|subscriptions)\//, () => challenge(scene.wire));
      scene.wire.on('POST', /oauth2/, echo(401));
      assertClean(await failureOf(call()));
    });
  }
});

function assertClean(thrown: unknown): void {
  assert.ok(thrown instanceof PortError, String(thrown));
  const text = everything(thrown);
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `${secret} in ${text}`);
}

describe('when text is made safe', () => {
  for (const [text, expected] of [
    ['Bearer abcdefghijkl', 'Bearer <token>'],
    ['authorization: Basic dXNlcjpwYXNz', 'authorization: Basic <token>'],
    [`token ${REFRESH_TOKEN}.`, 'token <token>'],
    ['https://a.test/b?sig=x&se=y and more', 'https://a.test/b and more'],
    ['refresh_token=abc&service=x', 'refresh_token=<secret>&service=x'],
    ['{"access_token":"abc"}', '{"access_token":"<secret>"}'],
    ['password: hunter2', 'password: <secret>'],
    ['two\n lines\tand tab', 'two lines and tab'],
    ['MANIFEST_UNKNOWN: manifest sha256:ab is not found', 'MANIFEST_UNKNOWN: manifest sha256:ab is not found'],
  ] as const) {
    test(JSON.stringify(text.slice(0, 40)), () => {
      assert.equal(safeText(text), expected);
    });
  }

  test('cuts what is long', () => {
    assert.equal(safeText('x'.repeat(1000)).length, 301);
  });

  test('keeps only name and message of a cause', () => {
    const rich = Object.assign(new Error('failed with Bearer abcdefghijkl'), {
      request: { token: 'ACCESSSECRET' },
      name: 'RestError',
    });
    const copy = safeCause(rich);
    assert.equal(copy.name, 'RestError');
    assert.doesNotMatch(inspect(copy, { showHidden: true }), /ACCESSSECRET|abcdefghijkl/);
    assert.equal(safeCause('text').message, 'text');
  });
});
