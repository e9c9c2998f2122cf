/** What approvers see of the manifests: the environment's own worker compares them with what it applied last. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOfJson } from '../../../src/content/digest-of.ts';
import { planFor, promote, run } from '../../support/activity-runs.ts';
import { aWorld, requestFor, YAML } from '../../support/memory-world.ts';

const SECRET = `---
apiVersion: v1
kind: Secret
metadata: { name: iam }
stringData: { password: swordfish }
`;
const NEXT = `${YAML.replace('replicas: 2', 'replicas: 3')}${SECRET.replace('swordfish', 'hunter2')}`;

/** 1.0.0 runs in staging; the next image is pushed with `yaml`. */
async function followed(yaml: string) {
  const world = await aWorld();
  const one = await world.push('one', { yaml: `${YAML}${SECRET}` });
  await promote(world, requestFor(await planFor(world, one, '1.0.0')));
  return { world, one, two: await world.push('two', { yaml }) };
}

describe('a plan', () => {
  it('comes with what changes against the version that runs there: image and values, and no secret', async () => {
    const { world, one, two } = await followed(NEXT);
    const { changes } = await planFor(world, two, '2.0.0');
    assert.deepEqual(
      changes?.objects.map(({ ref, change, values }) => [ref.kind, change, values]),
      [
        ['Secret', 'changed', [{ path: '/stringData/password', hidden: true }]],
        [
          'Deployment',
          'changed',
          [
            { path: '/spec/replicas', before: '2', after: '3' },
            {
              path: '/spec/template/spec/containers/0/image',
              before: `"staging.example.test/iam@${one.digest}"`,
              after: `"staging.example.test/iam@${two.digest}"`,
            },
          ],
        ],
      ],
    );
    assert.deepEqual([changes?.against, changes?.same, changes?.more], ['1.0.0', 1, 0]);
    assert.doesNotMatch(JSON.stringify(changes), /swordfish|hunter2/);
  });

  it('has the digest that it had without them: they are evidence, and no part of what is approved', async () => {
    const { world, two } = await followed(NEXT);
    const planned = await planFor(world, two, '2.0.0');
    assert.equal(planned.planDigest, digestOfJson(planned.plan));
    assert.ok(!JSON.stringify(planned.plan).includes('/spec/replicas'));
    const answer = await run(world.zones.staging, 'admit', { ...requestFor(planned), fence: 2 });
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.equal(answer.planDigest, planned.planDigest);
    assert.deepEqual(answer.changes, planned.changes);
  });

  it('brings everything as new where nothing ran before, and nothing where the same runs already', async () => {
    const world = await aWorld();
    const one = await world.push('one');
    const planned = await planFor(world, one, '1.0.0');
    assert.equal(planned.changes?.against, undefined);
    assert.deepEqual(
      planned.changes?.objects.map(({ ref, change }) => [ref.kind, change]),
      [
        ['Service', 'added'],
        ['Deployment', 'added'],
      ],
    );
    await promote(world, requestFor(planned));
    const again = await planFor(world, one, '1.0.0');
    assert.deepEqual(again.changes, { against: '1.0.0', objects: [], same: 2, more: 0 });
  });

  it('is made all the same where the previous manifests are gone, and says so', async () => {
    const { world, one, two } = await followed(NEXT);
    const { locks, remover } = world.registries.registry('staging');
    // kept since 1.0.0 was locked there: somebody opens them first
    await locks.set({ repository: 'iam', digest: one.manifests }, { deletable: true, writable: true });
    await remover.deleteManifest('iam', one.manifests);
    const { changes } = await planFor(world, two, '2.0.0');
    assert.match(changes?.unknown ?? '', /staging\.example\.test has no manifest artefact iam@sha256:/);
    assert.deepEqual([changes?.against, changes?.objects], ['1.0.0', []]);
  });

  it('compares nothing before the manifests are published', async () => {
    const { world, two } = await followed(NEXT);
    const image = { repository: 'iam', digest: two.digest };
    const answer = await run(world.zones.staging, 'planPromotion', {
      ...{ service: 'iam', version: '2.0.0', environment: 'staging', source: 'dev', image },
      ...{ manifests: two.manifests, manifestsPublished: false },
    });
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.equal(answer.changes, undefined);
  });
});
