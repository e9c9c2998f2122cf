import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { policyOf } from '../../../src/cli/policy-of.ts';
import { ReleaseEngineError } from '../../../src/client/release-engine-error.ts';
import { fingerprintOf } from '../../../src/config/revocations.ts';
import { GOOD, PUBLIC_KEY, read } from '../config/written.ts';

const AT = new Date('2026-12-01T00:00:00Z');
const asked = { environment: 'production', signatures: 'sigstore', at: AT } as const;
const namesOf = (objects: readonly { readonly kind: string; readonly metadata: { readonly name: string } }[]) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

describe('when the policy of a cluster is asked for', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-policy-of-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const revoking = (text: string) => {
    const revokedFile = join(folder, 'revoked.yaml');
    writeFileSync(revokedFile, text);
    return { ...read(GOOD), revokedFile };
  };
  const code = (expected: string) => (error: unknown) => {
    assert.ok(error instanceof ReleaseEngineError, String(error));
    assert.equal(error.code, expected);
    return true;
  };

  test('it says where images come from and whose signatures are wanted, by what sluice.yaml says', () => {
    const { objects, yaml } = policyOf(read(GOOD), asked);
    assert.deepEqual(namesOf(objects), [
      'ValidatingAdmissionPolicy sluice-production-images',
      'ValidatingAdmissionPolicyBinding sluice-production-images',
      'ClusterImagePolicy sluice-production-signers',
    ]);
    assert.ok(yaml.includes('127[.]0[.]0[.]1:16503/'), yaml);
    assert.ok(yaml.includes(PUBLIC_KEY.split('\n')[1] ?? '-'), yaml);
  });

  test('without a controller it is about images alone', () => {
    assert.equal(policyOf(read(GOOD), { ...asked, signatures: 'none' }).objects.length, 2);
  });

  test('a revoked key is in no policy; one whose revocation is still to come is', () => {
    const since = (day: string): string =>
      `- { key: "${fingerprintOf(PUBLIC_KEY)}", since: "${day}T00:00:00Z", why: stolen, by: ada }\n`;
    assert.throws(() => policyOf(revoking(since('2026-11-30')), asked), code('input-invalid'));
    assert.equal(policyOf(revoking(since('2026-12-02')), asked).objects.length, 3);
  });

  test('what cannot be read might revoke anything', () => {
    assert.throws(() => policyOf(revoking('- nonsense'), asked), code('revocations-unreadable'));
  });

  test('an environment that is not there is told with those that are', () => {
    assert.throws(() => policyOf(read(GOOD), { ...asked, environment: 'prodution' }), code('environment-unknown'));
  });
});
