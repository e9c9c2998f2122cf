import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Zone } from '../../../activities/index.ts';
import type { Admission } from '../../../src/contract/plan.ts';
import type { Rulebook, ServiceRules } from '../../../src/domain/rulebook.ts';
import { isFailure, letIn, planFor, promote, run } from '../../support/activity-runs.ts';
import { aWorld, blind, type MemoryWorld, requestFor } from '../../support/memory-world.ts';

const STOP = { kind: 'stop', by: 'grace', reason: 'errors', since: '2026-11-23T11:00:00Z' } as const;
const HOLD = { kind: 'hold', by: 'ada', reason: 'rolled back', service: 'iam', since: '2026-11-23T10:00:00Z' } as const;
const HERE = { environment: 'staging' };

function withBilling(rulebook: Rulebook): Rulebook {
  const iam = rulebook.services['iam'] as ServiceRules;
  return { ...rulebook, services: { iam, billing: { ...iam, name: 'billing', namespaces: {} } } };
}

describe('what an environment tells a desk that knows nothing', () => {
  let world: MemoryWorld;
  let zone: Zone;
  beforeEach(async () => {
    world = await aWorld({ rulebook: withBilling });
    zone = world.zones.staging;
  });

  it('is that nothing has happened, where nothing has', async () => {
    assert.deepEqual(await run(zone, 'recallEnvironment', HERE), { restraints: [], inside: [], running: {}, fence: 0 });
  });

  it('are its stops and holds, each once, in the last word where services differ', async () => {
    await run(zone, 'writeRestraints', { ...HERE, restraints: [STOP, HOLD] });
    const moved = { ...STOP, since: '2026-11-23T11:30:00Z', reason: 'still' };
    await run(zone, 'writeRestraints', { ...HERE, restraints: [moved, HOLD], except: ['billing'] });
    const { restraints } = await run(zone, 'recallEnvironment', HERE);
    assert.deepEqual(restraints, [HOLD, moved]);
  });

  it('is who was let in and has not ended well, under which number, and the largest number of all', async () => {
    const asked = requestFor(await planFor(world, await world.push('one'), '1.0.0'));
    await letIn(zone, { ...asked, fence: 7 });
    const { inside, fence } = await run(zone, 'recallEnvironment', HERE);
    assert.equal(fence, 7);
    const text = await zone.ports.records.read('admission', asked.plan.namespace, 'iam');
    const { workflowId, runId, at } = JSON.parse(text ?? '') as Admission;
    assert.deepEqual(inside, [{ service: 'iam', version: 'unknown', workflowId, runId, fence: 7, since: at }]);
  });

  it('is what runs there since when and by whose word, once a promotion has ended well, and then nobody is inside', async () => {
    await promote(world, requestFor(await planFor(world, await world.push('one'), '1.0.0')));
    const { inside, running, fence } = await run(zone, 'recallEnvironment', HERE);
    assert.deepEqual(inside, []);
    assert.equal(fence, 1);
    assert.deepEqual(Object.keys(running), ['iam']);
    assert.deepEqual([running['iam']?.version, running['iam']?.requestedBy], ['1.0.0', 'pipeline']);
  });

  it('names the services of which it cannot read anything, and tells the others', async () => {
    await run(zone, 'writeRestraints', { ...HERE, restraints: [STOP] });
    const answer = await run(blind(zone, ['billing']), 'recallEnvironment', HERE);
    assert.deepEqual(answer.restraints, [STOP]);
    assert.deepEqual([answer.unread?.code, answer.unread?.services], ['cluster-forbidden', ['billing']]);
    const later = await run(zone, 'recallEnvironment', { ...HERE, services: ['billing'] });
    assert.deepEqual([later.restraints, later.unread], [[STOP], undefined]);
  });

  it('is a failure, and not an empty answer, when nothing can be read or what stands there makes no sense', async () => {
    const asking = run(blind(zone, ['iam', 'billing']), 'recallEnvironment', HERE);
    await assert.rejects(asking, isFailure('cluster-forbidden', true));
    await zone.ports.records.write('restraints', 'billing', 'billing', '{"no":"list"}');
    assert.deepEqual((await run(zone, 'recallEnvironment', HERE)).unread?.services, ['billing']);
  });
});
