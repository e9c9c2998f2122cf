/** What restrains a service, as its environment remembers it: beside the service itself, or beside those that were there before it. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Zone } from '../../../activities/index.ts';
import type { StepRequest } from '../../../src/contract/activities.ts';
import type { EnvironmentRules, Rulebook, ServiceRules } from '../../../src/domain/rulebook.ts';
import { letIn, planFor, run } from '../../support/activity-runs.ts';
import { aWorld, blind, type MemoryWorld, requestFor } from '../../support/memory-world.ts';

const SINCE = '2026-11-23T11:00:00Z';
const STOP = { kind: 'stop', by: 'grace', reason: 'errors', since: SINCE, until: '2026-11-24T11:00:00Z' } as const;
const HERE = { environment: 'staging' };

/** Staging with two services that were there before `iam`, and a stop that grace may let pass. */
function withOthers(rulebook: Rulebook): Rulebook {
  const iam = rulebook.services['iam'] as ServiceRules;
  const other = (name: string) => ({ ...iam, name, namespaces: {} });
  const staging = rulebook.environments['staging'] as EnvironmentRules;
  const overrides = { stop: { from: ['incident-managers'] } };
  return {
    ...rulebook,
    environments: { ...rulebook.environments, staging: { ...staging, overrides } },
    services: { accounts: other('accounts'), billing: other('billing'), iam },
  };
}

describe('a stop of a whole environment', () => {
  let world: MemoryWorld;
  let zone: Zone;
  /** As staging's workers were before somebody wrote `iam` into sluice.yaml. */
  let before: Zone;
  let request: StepRequest;
  let looked: string[];
  beforeEach(async () => {
    world = await aWorld({ rulebook: withOthers });
    looked = [];
    zone = watched(world.zones.staging, looked);
    const { iam: _, ...services } = zone.rulebook.services;
    before = { ...zone, rulebook: { ...zone.rulebook, services } };
    request = requestFor(await planFor(world, await world.push('one'), '1.0.0'));
  });

  const asked = () => run(zone, 'checkGates', request);
  const answerOf = async () => {
    const gates = await asked();
    assert.ok(gates.ok, JSON.stringify(gates));
    return gates.verdicts.map((one) => `${one.gate} ${one.answer}`);
  };

  it('binds a service that came into sluice.yaml after it, at the gates and at the door', async () => {
    await run(before, 'writeRestraints', { ...HERE, restraints: [STOP] });
    const gates = await asked();
    assert.ok(gates.ok && gates.answer === 'wait', JSON.stringify(gates));
    assert.deepEqual(
      gates.verdicts.flatMap((one) => one.restraints ?? []),
      [STOP],
    );
    const door = await run(zone, 'admit', request);
    assert.ok(door.ok && door.closed === true, JSON.stringify(door));
  });

  it('binds it no longer once it is lifted, and no other word about those others ever did', async () => {
    await run(before, 'writeRestraints', { ...HERE, restraints: [STOP] });
    await run(before, 'writeRestraints', { ...HERE, restraints: [{ ...STOP, service: 'accounts' }] });
    assert.deepEqual(await answerOf(), ['stop yes', 'hold yes']);
  });

  it('is known as long as one of the others can be read, and one that cannot keeps nobody else out', async () => {
    await run(before, 'writeRestraints', { ...HERE, restraints: [STOP] });
    zone = blind(zone, ['accounts']);
    assert.deepEqual(await answerOf(), ['stop wait', 'hold yes']);
    zone = blind(zone, ['accounts', 'billing']);
    assert.deepEqual(await answerOf(), ['stop yes', 'hold yes']);
  });

  it('is looked for beside others until the service was let in: from then on it remembers for itself', async () => {
    assert.deepEqual(await answerOf(), ['stop yes', 'hold yes']);
    assert.deepEqual([...new Set(looked)], ['iam', 'accounts', 'billing']);
    await letIn(zone, request);
    looked.length = 0;
    assert.deepEqual(await answerOf(), ['stop yes', 'hold yes']);
    assert.deepEqual(looked, ['iam']);
    await run(zone, 'writeRestraints', { ...HERE, restraints: [STOP] });
    assert.deepEqual(await answerOf(), ['stop wait', 'hold yes']);
  });

  it('binds also after somebody has let one promotion of the service pass it', async () => {
    await run(before, 'writeRestraints', { ...HERE, restraints: [STOP] });
    const { planDigest } = request;
    const override = { decision: 'approve', approver: 'grace', overrides: ['stop'], reason: 'mends it' } as const;
    await letIn(zone, { ...request, overrides: [{ ...override, planDigest, at: SINCE }] });
    assert.deepEqual(await answerOf(), ['stop wait', 'hold yes']);
    await run(before, 'writeRestraints', { ...HERE, restraints: [] });
    assert.deepEqual(await answerOf(), ['stop yes', 'hold yes']);
  });
});

/** Notes whose stops and holds were read. */
function watched(zone: Zone, looked: string[]): Zone {
  const { records } = zone.ports;
  const read: typeof records.read = (about, namespace, service) => {
    if (about === 'restraints') looked.push(service);
    return records.read(about, namespace, service);
  };
  return { ...zone, ports: { ...zone.ports, records: { ...records, read } } };
}
