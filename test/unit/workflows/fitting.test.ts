import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EnvironmentState } from '../../../src/contract/environment-workflow.ts';
import type { Restraint } from '../../../src/domain/restraint.ts';
import type { LeaseRequest } from '../../../src/domain/turns.ts';
import { fitting } from '../../../workflows/environment/fitting.ts';

const at = (index: number): string => new Date(Date.UTC(2026, 10, 1) + index * 1_000).toISOString();

function request(index: number): LeaseRequest {
  return {
    ...{
      service: `service-${index}`,
      version: '2026.11.3',
      workflowId: `promotion/service-${index}/2026.11.3/production`,
    },
    ...{ runId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, askedAt: at(index), nth: 1 },
    ...{ policy: 'queue', priority: 'normal', passes: [], hearsRestraints: true },
  };
}

function running(index: number) {
  const { service, version, workflowId } = request(index);
  const digest = `sha256:${'a'.repeat(64)}`;
  return [service, { version, digest, workflowId, since: at(index), approvedBy: ['ada'], requestedBy: 'ci' }] as const;
}

const many = <One>(count: number, make: (index: number) => One): One[] =>
  Array.from({ length: count }, (_, index) => make(index));

function stateWith(held: number, queue: number, here: number): EnvironmentState {
  const stop: Restraint = { kind: 'stop', by: 'grace', reason: 'errors', since: at(0), until: at(9) };
  const leases = many(held, (index) => ({ ...request(index), fence: index, since: at(index) }));
  const turns = { fence: held, held: leases, queue: many(queue, request) };
  return { format: 1, turns, restraints: [stop], running: Object.fromEntries(many(here, running)) };
}

describe('what a desk takes into its next run', () => {
  test('is all of it, as long as it fits', () => {
    const state = stateWith(100, 2_000, 500);
    assert.equal(fitting(state), state);
  });

  test('fits into a message however many wait, and whatever runs', () => {
    for (const state of [stateWith(10, 20_000, 0), stateWith(0, 0, 10_000), stateWith(1_000, 20_000, 10_000)])
      assert.ok(JSON.stringify(fitting(state)).length <= 1_500_000);
  });

  test('keeps leases and restraints, then those who have waited longest, then what has begun to run last', () => {
    const state = stateWith(2, 4, 4);
    const without = (queue: number, here: number) => JSON.stringify(stateWith(2, queue, here)).length;
    const waiting = fitting(state, without(3, 0) + 50);
    assert.deepEqual([waiting.turns.held, waiting.restraints], [state.turns.held, state.restraints]);
    assert.deepEqual(waiting.turns.queue, state.turns.queue.slice(0, 3));
    assert.deepEqual(waiting.running, {});
    const known = fitting(state, without(4, 2) + 50);
    assert.deepEqual(known.turns, state.turns);
    assert.deepEqual(Object.keys(known.running), ['service-3', 'service-2']);
  });
});
