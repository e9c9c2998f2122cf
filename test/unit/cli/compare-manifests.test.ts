/** A plan that is looked at before anything is published: this machine's files against what each environment has applied. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryRegistries } from '../../../src/adapters/registry/memory/create-memory-registries.ts';
import { withChanges } from '../../../src/cli/compare-manifests.ts';
import type { PlannedPromotion } from '../../../src/contract/plan.ts';
import { digestFromHex } from '../../../src/domain/digest.ts';
import { MANIFEST_MEDIA_TYPE, packManifests } from '../../../src/manifests/artefact.ts';
import { YAML } from '../../support/memory-world.ts';
import { NO_BASELINE, planned } from '../../support/scripted-activities.ts';
import { AT, DIGEST, PLAN } from '../client/views.ts';

const WAS = digestFromHex('11'.repeat(32));
const filesOf = (yaml: string) => [{ path: 'dev/iam.yaml', bytes: Buffer.from(yaml) }];
const { reader, publisher } = createMemoryRegistries({ hosts: { dev: 'dev.example.test' } }).registry('dev');

function aPlanOver(manifests: string | undefined): PlannedPromotion & { readonly ok: true } {
  const answer = planned({
    ...{ service: 'iam', version: '2.0.0', environment: 'dev', source: 'dev', manifests: PLAN },
    ...{ image: { repository: 'iam', digest: DIGEST }, manifestsPublished: false },
  });
  if (manifests === undefined) return answer;
  const current = {
    ...({ format: 1, service: 'iam', version: '1.0.0', image: { repository: 'iam', digest: WAS }, manifests } as const),
    ...{ objects: [], since: AT, workflowId: 'promotion/iam/1.0.0/dev', approvedBy: [], requestedBy: 'ben' },
  };
  return { ...answer, baseline: { ...NO_BASELINE, current } };
}

async function compared(answer: PlannedPromotion & { readonly ok: true }, yaml: string) {
  const result = await withChanges({ promotions: [{ environment: 'dev', answer }] }, filesOf(yaml), reader);
  const [first] = result.promotions;
  assert.ok(first?.answer.ok);
  return first.answer.changes;
}

describe('when a plan is looked at before its manifests are published', () => {
  test('what changes is found on this machine, by the digest of what runs there', async () => {
    const subject = { digest: WAS, mediaType: MANIFEST_MEDIA_TYPE, size: 2 };
    const packed = await packManifests(filesOf(YAML), subject);
    await publisher.publish('iam', packed);
    const changes = await compared(aPlanOver(packed.manifestDigest), YAML.replace('replicas: 2', 'replicas: 5'));
    const [deployment] = changes?.objects ?? [];
    assert.deepEqual([changes?.against, changes?.same, changes?.objects.length], ['1.0.0', 1, 1]);
    assert.deepEqual(deployment?.values[0], { path: '/spec/replicas', before: '2', after: '5' });
    assert.match(deployment?.values[1]?.after ?? '', new RegExp(`^"dev\\.example\\.test/iam@${DIGEST}"$`));
  });

  test('everything is new where nothing runs yet', async () => {
    const changes = await compared(aPlanOver(undefined), YAML);
    assert.deepEqual(
      changes?.objects.map((one) => one.change),
      ['added', 'added'],
    );
  });

  test('what this registry does not have, or what cannot be read for that environment, is said', async () => {
    const gone = await compared(aPlanOver(digestFromHex('22'.repeat(32))), YAML);
    assert.match(gone?.unknown ?? '', /iam@sha256:2222\S+: dev\.example\.test has no manifest artefact/);
    assert.match((await compared(aPlanOver(PLAN), 'a: ['))?.unknown ?? '', /cannot be read/);
  });

  test('what an environment has compared itself stays', async () => {
    const own = { against: '1.0.0', objects: [], same: 7, more: 0 };
    assert.equal(await compared({ ...aPlanOver(PLAN), changes: own }, YAML), own);
  });
});
