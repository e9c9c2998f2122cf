import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advance, isFailure, letIn, planFor, promote, run } from '../../support/activity-runs.ts';
import type { EnvironmentRules, Rulebook, ServiceRules } from '../../../src/domain/rulebook.ts';
import { aWorld, type MemoryWorld, requestFor, YAML } from '../../support/memory-world.ts';

describe('the activities of one environment', () => {
  it('bring an image, its signature and its manifests over, and leave a record', async () => {
    const world = await aWorld();
    const pushed = await world.push('one');
    const planned = await planFor(world, pushed, '1.0.0');
    const answers = await promote(world, requestFor(planned));
    assert.deepEqual(
      answers.filter((answer) => !answer.ok),
      [],
    );
    const staging = world.registries.registry('staging');
    for (const digest of [pushed.digest, pushed.signature, pushed.manifests])
      assert.ok(await staging.reader.manifest('iam', digest));
    assert.deepEqual(await staging.locks.read({ repository: 'iam', digest: pushed.digest }), {
      deletable: false,
      writable: false,
    });
    assert.deepEqual(await staging.locks.read({ repository: 'iam', tag: '1.0.0' }), {
      deletable: false,
      writable: false,
    });
    const next = await planFor(world, pushed, '1.0.0');
    assert.equal(next.baseline.current?.version, '1.0.0');
    assert.deepEqual(next.baseline.current?.objects.map((one) => one.kind).sort(), ['Deployment', 'Service']);
  });

  it('run twice, change nothing the second time', async () => {
    const world = await aWorld();
    const request = requestFor(await planFor(world, await world.push('one'), '1.0.0'));
    await promote(world, request);
    const effects = [world.registries.effects.length, world.clusters.staging.effects.length];
    await promote(world, requestFor(await planFor(world, await world.push('one'), '1.0.0')));
    assert.equal(
      world.registries.effects.length,
      effects[0],
      JSON.stringify(world.registries.effects.slice(effects[0])),
    );
    const repeated = world.clusters.staging.effects.slice(effects[1]).filter((effect) => effect.kind !== 'admitted');
    assert.deepEqual(repeated, []);
  });

  it('plan the same content to the same digest, and another content to another', async () => {
    const world = await aWorld();
    const pushed = await world.push('one');
    assert.equal(
      (await planFor(world, pushed, '1.0.0')).planDigest,
      (await planFor(world, pushed, '1.0.0')).planDigest,
    );
    const other = await world.push('one', { yaml: YAML.replace('replicas: 2', 'replicas: 3') });
    assert.notEqual(
      (await planFor(world, pushed, '1.0.0')).planDigest,
      (await planFor(world, other, '1.0.0')).planDigest,
    );
  });

  it('refuse a request for another zone before they touch anything', async () => {
    const world = await aWorld();
    const request = requestFor(await planFor(world, await world.push('one'), '1.0.0'));
    const elsewhere = { ...request, plan: { ...request.plan, environment: 'production' } };
    await assert.rejects(run(world.zones.staging, 'importImage', elsewhere), isFailure('environment-unknown', true));
    assert.deepEqual(world.clusters.staging.effects, []);
  });

  it('put the previous version back, with its own digest, and remove what only the new one brought', async () => {
    const world = await aWorld({ rulebook: withStaging({ lockImages: false }) });
    const one = await world.push('one');
    await promote(world, requestFor(await planFor(world, one, '1.0.0')));
    const extra = `${YAML}---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: only-new }\n`;
    const two = await world.push('two', { yaml: extra });
    const { request } = await advance(world, requestFor(await planFor(world, two, '2.0.0')));
    for (let time = 0; time < 2; time += 1) {
      const restored = await run(world.zones.staging, 'restoreManifests', request);
      assert.ok(restored.ok, JSON.stringify(restored));
    }
    const proven = await run(world.zones.staging, 'proveRunning', { ...request, to: 'previous' });
    assert.ok(proven.ok && proven.facts['digest'] === one.digest, JSON.stringify(proven));
    const map = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'iam-staging', name: 'only-new' };
    assert.equal(world.clusters.staging.object(map), undefined);
  });

  it('put a version back that had fewer workloads than the service has now, and prove what it had', async () => {
    const world = await aWorld({ rulebook: withStaging({ lockImages: false }) });
    const one = await world.push('one');
    await promote(world, requestFor(await planFor(world, one, '1.0.0')));
    const today = withWorkloads(world, ['deployment/iam', 'deployment/worker']);
    const worker = YAML.split('---')[0]?.replaceAll('iam', 'worker').replace('image: worker', 'image: iam') ?? '';
    const two = await world.push('two', { yaml: `${YAML}---\n${worker}` });
    const { request } = await advance(today, requestFor(await planFor(today, two, '2.0.0')));
    const back = { ...request, to: 'previous' } as const;
    const answers = [
      await run(today.zones.staging, 'restoreManifests', request),
      await run(today.zones.staging, 'rollOut', back),
      await run(today.zones.staging, 'proveRunning', back),
    ];
    assert.deepEqual(
      answers.filter((answer) => !answer.ok),
      [],
    );
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'iam-staging', name: 'worker' };
    assert.equal(world.clusters.staging.object(deployment), undefined);
    const { plan, ...others } = back;
    const unprovable = { ...others, plan: { ...plan, workloads: ['deployment/worker'] } };
    for (const name of ['rollOut', 'proveRunning'] as const) {
      const answer = await run(today.zones.staging, name, unprovable);
      assert.ok(
        !answer.ok && answer.refusal.code === 'manifests-invalid',
        'what nobody can prove is not called proven',
      );
    }
  });

  it('remove a first release, or leave it, as the environment says', async () => {
    for (const firstRelease of ['remove', 'leave'] as const) {
      const world = await aWorld({ rulebook: withStaging({ firstRelease }) });
      const asked = requestFor(await planFor(world, await world.push('one'), '1.0.0'));
      const { request } = await advance(world, asked);
      await run(world.zones.staging, 'restoreManifests', request);
      const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'iam-staging', name: 'iam' };
      assert.equal(world.clusters.staging.object(deployment) === undefined, firstRelease === 'remove');
    }
  });

  it('take a copy out with everything that came with it, twice without harm, unless it was there before', async () => {
    const world = await aWorld();
    const pushed = await world.push('one');
    const { request } = await advance(world, requestFor(await planFor(world, pushed, '1.0.0')));
    const { reader } = world.registries.registry('staging');
    for (let time = 0; time < 2; time += 1) assert.ok((await run(world.zones.staging, 'removeImage', request)).ok);
    for (const digest of [pushed.digest, pushed.signature, pushed.manifests])
      assert.equal(await reader.manifest('iam', digest), undefined);
    await promote(world, requestFor(await planFor(world, pushed, '1.0.0')));
    const again = await letIn(world.zones.staging, requestFor(await planFor(world, pushed, '1.0.0')));
    assert.ok((await run(world.zones.staging, 'removeImage', again)).ok);
    assert.ok(await reader.manifest('iam', pushed.digest));
  });

  it('go on with an import that another worker began, without asking for it again', async () => {
    const world = await aWorld();
    const pushed = await world.push('one');
    const request = await letIn(world.zones.staging, requestFor(await planFor(world, pushed, '1.0.0')));
    const { importer } = world.registries.registry('staging');
    const ticket = await importer.begin(
      { source: 'dev', repository: 'iam', digest: pushed.digest, tag: '1.0.0' },
      new AbortController().signal,
    );
    const before = accepted(world);
    const answer = await run(world.zones.staging, 'importImage', request, { [pushed.digest]: { ticket } });
    assert.ok(answer.ok);
    assert.equal(accepted(world), before);
  });

  it('do not trust an import that says it succeeded', async () => {
    const world = await aWorld();
    const request = await letIn(
      world.zones.staging,
      requestFor(await planFor(world, await world.push('one'), '1.0.0')),
    );
    const staging = world.registries.registry('staging');
    const liar = { begin: async () => 'ticket', finish: async () => undefined, operationOf: () => undefined };
    const zone = { ...world.zones.staging, ports: { ...world.zones.staging.ports, importer: liar } };
    await assert.rejects(run(zone, 'importImage', request), isFailure('import-failed', false));
    assert.equal(
      await staging.reader.manifest(
        'iam',
        'tag' in request.plan ? (request.plan.image.digest as never) : (request.plan.image.digest as never),
      ),
      undefined,
    );
  });
});

function withWorkloads(world: MemoryWorld, workloads: readonly string[]): MemoryWorld {
  const { staging } = world.zones;
  const iam = staging.rulebook.services['iam'] as ServiceRules;
  const rulebook = { ...staging.rulebook, services: { iam: { ...iam, workloads } } };
  return { ...world, zones: { ...world.zones, staging: { ...staging, rulebook } } };
}

function withStaging(fields: Partial<EnvironmentRules>): (rulebook: Rulebook) => Rulebook {
  return (rulebook) => {
    const staging = rulebook.environments['staging'] as EnvironmentRules;
    return { ...rulebook, environments: { ...rulebook.environments, staging: { ...staging, ...fields } } };
  };
}

function accepted(world: MemoryWorld): number {
  return world.registries.effects.filter((effect) => JSON.stringify(effect).includes('import')).length;
}
