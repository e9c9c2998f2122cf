/** What approvers see of the manifests: the environment's own worker compares them with what it applied last. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterOperation } from '../../../src/adapters/cluster/memory/memory-cluster.ts';
import { digestOfJson } from '../../../src/content/digest-of.ts';
import type { PlanAnswer } from '../../../src/contract/activities.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { isFailure, planFor, promote, run, runFrom } from '../../support/activity-runs.ts';
import { swapped } from '../../support/drift.ts';
import {
  aWorld,
  type MemoryWorld,
  type Pushed,
  requestFor,
  type WorldOptions,
  YAML,
} from '../../support/memory-world.ts';

const SECRET = `---
apiVersion: v1
kind: Secret
metadata: { name: iam }
stringData: { password: swordfish }
`;
const NEXT = `${YAML.replace('replicas: 2', 'replicas: 3')}${SECRET.replace('swordfish', 'hunter2')}`;

const FAILING = new PortError('cluster-failing', 'the cluster answered 500: no webhook', { retry: 'yes' });
const UNSUPPORTED = new PortError('dry-run-unsupported', 'admission webhook "old" does not support dry run', {
  retry: 'no',
});
const UNREADABLE = new PortError('cluster-forbidden', 'the account may not get deployments.apps', { retry: 'no' });
const UNTRIED: readonly (readonly [what: string, operation: ClusterOperation, error: PortError])[] = [
  ['a webhook knows no dry runs', 'tryApply', UNSUPPORTED],
  ['the dry run keeps failing', 'tryApply', FAILING],
  ['the objects there may not be read', 'read', UNREADABLE],
  ['reading them keeps failing', 'read', FAILING],
];

/** 1.0.0 runs in staging; the next image is pushed with `yaml`. */
async function followed(yaml: string, options: WorldOptions = {}) {
  const world = await aWorld(options);
  const one = await world.push('one', { yaml: `${YAML}${SECRET}` });
  await promote(world, requestFor(await planFor(world, one, '1.0.0')));
  return { world, one, two: await world.push('two', { yaml }) };
}

function ask(world: MemoryWorld, pushed: Pushed, attempt: number): Promise<PlanAnswer> {
  const image = { repository: 'iam', digest: pushed.digest };
  return runFrom({ attempt }, world.zones.staging, 'planPromotion', {
    ...{ service: 'iam', version: '2.0.0', environment: 'staging', source: 'dev', image },
    ...{ manifests: pushed.manifests, manifestsPublished: true },
  });
}

async function planAt(world: MemoryWorld, pushed: Pushed, attempt: number): Promise<PlanAnswer & { ok: true }> {
  const answer = await ask(world, pushed, attempt);
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer;
}

/** The manifests of a version that was locked there: somebody opens them first. */
async function forget(world: MemoryWorld, { manifests }: Pushed): Promise<void> {
  const { locks, remover } = world.registries.registry('staging');
  await locks.set({ repository: 'iam', digest: manifests }, { deletable: true, writable: true });
  await remover.deleteManifest('iam', manifests);
}

describe('a plan', () => {
  it('comes with what changes in the cluster, where a version runs: image and values, and no secret', async () => {
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
    assert.deepEqual([changes?.inCluster, changes?.notes], [world.zones.staging.now().toISOString(), undefined]);
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
    const inCluster = world.zones.staging.now().toISOString();
    assert.deepEqual(again.changes, { inCluster, against: '1.0.0', objects: [], same: 2, more: 0 });
  });

  it('shows what stands in the cluster, not what the manifests of the running version say', async () => {
    const { world, one } = await followed(YAML);
    await swapped(world, '"replicas":2', '"replicas":7');
    const { changes } = await planFor(world, one, '1.0.0');
    assert.deepEqual(changes?.objects[0]?.values, [{ path: '/spec/replicas', before: '7', after: '2' }]);
  });

  it('is made all the same where the previous manifests are gone, and says what is not known then', async () => {
    const { world, one, two } = await followed(NEXT);
    await forget(world, one);
    const { changes } = await planFor(world, two, '2.0.0');
    assert.match(
      changes?.notes?.join() ?? '',
      /what is stated no more, or was taken away, is not known: staging\.example\.test has no manifest artefact iam@sha256:/,
    );
    assert.deepEqual(
      [changes?.against, changes?.unknown, changes?.objects.map(({ change }) => change)],
      ['1.0.0', undefined, ['changed', 'changed']],
    );
  });

  for (const [what, operation, error] of UNTRIED) {
    it(`compares the manifests alone where ${what}, and says why`, async () => {
      const trouble: { now?: PortError } = {};
      const fault = (asked: ClusterOperation) => (asked === operation ? trouble.now : undefined);
      const { world, one, two } = await followed(NEXT, { cluster: { fault } });
      trouble.now = error;
      const attempt = error.retry === 'no' ? 1 : 4;
      const planned = await planAt(world, two, attempt);
      assert.deepEqual([planned.changes?.inCluster, planned.changes?.against], [undefined, '1.0.0']);
      assert.deepEqual(
        planned.changes?.objects.map(({ ref, change }) => [ref.kind, change]),
        [
          ['Secret', 'changed'],
          ['Deployment', 'changed'],
        ],
      );
      assert.equal(planned.changes?.notes?.length, 1);
      const note = planned.changes?.notes?.[0] ?? '';
      assert.ok(note.includes(`(${error.code}): ${error.message}`), note);
      assert.deepEqual(
        planned.baseline.existing.map((ref) => ref.kind),
        ['Service', 'Secret', 'Deployment'],
        'undo knows all the same what was there',
      );

      await forget(world, one);
      const blind = await planAt(world, two, attempt);
      assert.match(blind.changes?.unknown ?? '', /has no manifest artefact/);
      assert.deepEqual([blind.changes?.notes?.length, blind.changes?.objects], [1, []]);
    });
  }

  it('waits for trouble that may be a blink, at first: the activity is tried again', async () => {
    for (const operation of ['tryApply', 'read'] as const) {
      const trouble: { now?: PortError } = {};
      const fault = (asked: ClusterOperation) => (asked === operation ? trouble.now : undefined);
      const { world, two } = await followed(NEXT, { cluster: { fault } });
      trouble.now = FAILING;
      for (const attempt of [1, 3]) await assert.rejects(planAt(world, two, attempt), isFailure(FAILING.code, false));
    }
  });

  it('is not made while nobody can tell what is there already: undo would take away what it did not bring', async () => {
    const trouble: { now?: PortError } = {};
    const fault = (asked: ClusterOperation) => (['tryApply', 'read'].includes(asked) ? trouble.now : undefined);
    const { world, two } = await followed(NEXT, { cluster: { fault } });
    trouble.now = FAILING;
    await assert.rejects(planAt(world, two, 9), isFailure(FAILING.code, false));
  });

  it('is not made where a person has to mend the cluster first, and refused where the manifests are at fault', async () => {
    const trouble: { now?: PortError } = {};
    const fault = (asked: ClusterOperation) => (asked === 'tryApply' ? trouble.now : undefined);
    const { world, two } = await followed(NEXT, { cluster: { fault } });
    for (const code of ['cluster-forbidden', 'namespace-missing', 'quota-exceeded'] as const) {
      trouble.now = new PortError(code, 'mend it', { retry: 'no' });
      await assert.rejects(planAt(world, two, 9), isFailure(code, true));
    }
    for (const code of ['manifest-rejected', 'admission-denied'] as const) {
      trouble.now = new PortError(code, 'another version has to', { retry: 'no', remedy: 'correct it' });
      const answer = await ask(world, two, 1);
      assert.deepEqual(answer, {
        ok: false,
        refusal: { code, message: 'another version has to', remedy: 'correct it' },
      });
    }
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
