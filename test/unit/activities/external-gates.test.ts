import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GatesAnswer } from '../../../src/contract/activities.ts';
import type { MemoryCheckAnswers } from '../../../src/adapters/external-checks/memory.ts';
import type { GateFacts, GateRule } from '../../../src/domain/gate.ts';
import { planFor, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, requestFor } from '../../support/memory-world.ts';

const gates: readonly GateRule[] = [
  { kind: 'ticket', name: 'ticket', pattern: 'OPS-[0-9]+' },
  { kind: 'external', name: 'board', url: 'https://board.example.test/' },
  { kind: 'external', name: 'other', url: 'https://other.example.test/' },
];
const YES = () => ({ answer: 'yes', reason: 'fine' }) as const;

async function asked(checks: MemoryCheckAnswers): Promise<{
  readonly gates: GatesAnswer;
  readonly admission: { readonly ok: boolean; readonly closed?: true; readonly gates?: GatesAnswer };
  readonly admitted: () => Promise<unknown>;
}> {
  const world: MemoryWorld = await aWorld({
    checks,
    rulebook: ({ environments, ...rest }) => ({
      ...rest,
      environments: Object.fromEntries(
        Object.entries(environments).map(([name, rules]) => [name, name === 'staging' ? { ...rules, gates } : rules]),
      ),
    }),
  });
  const planned = await planFor(world, await world.push('v1'), '1.0.0');
  const request = { ...requestFor(planned), entry: { passed: [], ticket: 'OPS-7' } };
  return {
    gates: await run(world.zones.staging, 'checkGates', request),
    admission: await run(world.zones.staging, 'admit', request),
    admitted: () => run(world.zones.staging, 'importImage', request),
  };
}

describe('a zone with external gates', () => {
  test('asks each of them with the facts that it has gathered itself', async () => {
    const seen: GateFacts[] = [];
    const answer = await asked({ board: (facts) => (seen.push(facts), YES()), other: YES });
    assert.ok(answer.gates.ok);
    assert.equal(answer.gates.answer, 'yes');
    assert.deepEqual(
      answer.gates.verdicts.map((one) => [one.gate, one.answer]),
      [
        ['stop', 'yes'],
        ['hold', 'yes'],
        ['ticket', 'yes'],
        ['board', 'yes'],
        ['other', 'yes'],
      ],
    );
    assert.equal(seen.length, 2, 'asked again at the door');
    assert.partialDeepStrictEqual(seen[0], {
      service: 'iam',
      version: '1.0.0',
      environment: 'staging',
      requestedBy: 'pipeline',
      ticket: 'OPS-7',
    });
  });

  test('lets nothing in while one of them could not be found out', async () => {
    const answer = await asked({ board: YES });
    assert.ok(answer.gates.ok && answer.gates.answer === 'wait');
    assert.match(answer.gates.verdicts[4]?.reason ?? '', /could not find out: nobody is there/);
    assert.equal(answer.admission.closed, true);
    assert.deepEqual(answer.admission.gates, answer.gates, 'it says which gate, and when to ask again');
    await assert.rejects(answer.admitted(), { type: 'not-admitted' });
  });

  test('refuses when one of them says no', async () => {
    const answer = await asked({ board: () => ({ answer: 'no', reason: 'not this week' }), other: YES });
    assert.ok(!answer.gates.ok);
    assert.equal(answer.gates.refusal.code, 'gate-closed');
    assert.match(answer.gates.refusal.message, /board\.example\.test: not this week/);
    assert.equal(answer.admission.ok, false);
    await assert.rejects(answer.admitted(), { type: 'not-admitted' });
  });
});
