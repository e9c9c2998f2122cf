import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Engine } from '../../../src/client/engine.ts';
import { ReleaseEngineError } from '../../../src/client/index.ts';
import { MOST_FILES, observe } from '../../../src/client/observation.ts';

/** Whoever is asked for it has gone too far. */
const NOBODY = new Proxy({} as Engine, {
  get: (_, name) => assert.fail(`the engine was asked for ${String(name)}`),
});
const ASKED = { service: 'iam', version: '1.0.0', image: 'iam:1.0.0', manifests: 'sha256:1', requestedBy: 'pipeline' };

describe('when an observation is asked for', () => {
  for (const [what, request, code] of [
    ['more manifests than it can carry', { ...ASKED, files: 'x'.repeat(MOST_FILES + 1) }, 'manifests-invalid'],
    ['a version that is none', { ...ASKED, version: 'a b', files: '' }, 'version-malformed'],
    ['a service that is none', { ...ASKED, service: 'I/am', files: '' }, 'service-unknown'],
  ] as const) {
    test(`${what} is refused before anybody is asked, with what to do`, async () => {
      await assert.rejects(observe(NOBODY, request), (error: unknown) => {
        assert.ok(error instanceof ReleaseEngineError);
        assert.equal(error.code, code);
        assert.ok(error.remedy ?? error.expected);
        return true;
      });
    });
  }
});
