/** Who opens closed gates: judged when they say so, and again from the statements alone where the gates are passed. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { StepRequest } from '../../../src/contract/activities.ts';
import type { GivenApproval } from '../../../src/domain/approval.ts';
import type { StatementFacts } from '../../../src/domain/statement.ts';
import { digestOfJson } from '../../../src/content/digest-of.ts';
import { aGuardedWorld, type GuardedWorld, saidBy, signed } from '../../support/guarded-world.ts';
import { NOW } from '../../support/people.ts';

const PASSING = { overrides: ['stop'], reason: 'it mends the incident' } as const;

describe('an override of a closed gate', () => {
  let world: GuardedWorld;
  let request: StepRequest;
  beforeEach(async () => {
    world = await aGuardedWorld();
    request = await world.approved(await world.push('one'));
    const stop = { kind: 'stop', by: 'sam', reason: 'errors', since: '2026-11-23T11:00:00Z' } as const;
    const restraints = [{ ...stop, until: '2026-11-30T13:00:00Z' }];
    await world.ask('writeRestraints', { environment: 'staging', restraints });
  });

  interface Case {
    readonly title: string;
    readonly code: string;
    readonly make: () => Promise<GivenApproval>;
    readonly requestedBy?: string;
    /** Where the rule of an approval has other words for it. */
    readonly said?: RegExp;
  }

  const by = (person: keyof GuardedWorld['people'], facts: Partial<StatementFacts> = {}, now = NOW) =>
    signed(world.people[person], request, { ...PASSING, ...facts }, now);
  const ago = new Date(NOW.getTime() - 2 * 86_400_000);

  const refused: readonly Case[] = [
    { title: 'that is over', code: 'approval-stale', make: () => by('grace', {}, ago) },
    {
      title: 'of another plan',
      code: 'approval-other-plan',
      make: () => by('grace', { planDigest: digestOfJson('another plan') }),
    },
    {
      title: 'of another environment',
      code: 'approval-other-release',
      make: () => by('grace', { environment: 'production' }),
    },
    {
      title: 'by somebody of another group',
      code: 'approval-wrong-group',
      make: () => by('bob'),
      said: /^bob is in none of the groups that may pass "stop"$/,
    },
    {
      title: 'by whoever started the release',
      code: 'approval-excluded',
      make: () => by('grace'),
      requestedBy: 'grace',
      said: /^grace started the release, and does not open its gates$/,
    },
    {
      title: 'by whoever started the release, under another name of theirs',
      code: 'approval-excluded',
      make: () => by('grace'),
      requestedBy: 'grace@EXAMPLE.test',
    },
    {
      title: 'of a gate that nobody may pass',
      code: 'gate-override-refused',
      make: () => by('grace', { overrides: ['hold'] }),
    },
    { title: 'without a reason', code: 'approval-reason-missing', make: () => by('grace', { reason: ' ' }) },
    { title: 'by a key that nobody knows', code: 'approval-key-unknown', make: () => by('mallory') },
    {
      title: 'by a name alone',
      code: 'approval-unproven',
      make: async () => {
        const { statement: _, ...name } = await by('grace');
        return { ...name, proof: 'key', groups: ['incident-managers'] };
      },
    },
    {
      title: 'whose gates stand only beside the signature',
      code: 'approval-unproven',
      make: async () => ({ ...(await by('grace', { overrides: [] })), overrides: ['stop'] }),
    },
  ];
  for (const { title, code, make, requestedBy = 'pipeline', said: words = /./ } of refused) {
    it(`${title} is refused when it is said, opens nothing where it is used, and stands in the audit trail both times`, async () => {
      const override = await make();
      const said = await world.ask('checkOverride', { ...request, requestedBy, statement: override });
      assert.ok(!said.ok && said.refusal.code === code, `${code}: ${JSON.stringify(said)}`);
      assert.match(said.refusal.message, words);
      assert.equal(world.audit.at(-1)?.['code'], code);
      const gates = await world.ask('checkGates', { ...request, requestedBy, overrides: [override] });
      assert.ok(gates.ok && gates.answer === 'wait', JSON.stringify(gates));
      const [spoken, used] = world.audit.slice(-2);
      assert.deepEqual([spoken?.['activityType'], used?.['activityType']], ['checkOverride', 'checkGates']);
      assert.equal(used?.['code'], code);
      const door = await world.ask('admit', { ...request, requestedBy, overrides: [override] });
      assert.ok(door.ok && door.closed === true, JSON.stringify(door));
      world.untouched();
    });
  }

  it('of a gate that the environment does not have is refused with the names of those that it has', async () => {
    const statement = await by('grace', { overrides: ['stop', 'moon'] });
    const said = await world.ask('checkOverride', { ...request, statement });
    assert.ok(!said.ok && said.refusal.code === 'gate-override-refused', JSON.stringify(said));
    assert.deepEqual([said.refusal.expected, said.refusal.got], ['stop, hold', 'moon']);
    assert.equal(world.audit.at(-1)?.['code'], 'gate-override-refused');
  });

  it('of several gates is refused where one of them may not be passed, and opens only the others where it is used', async () => {
    const hold = { kind: 'hold', service: 'iam', by: 'sam', reason: 'looking', since: '2026-11-23T11:00:00Z' } as const;
    const stop = { kind: 'stop', by: 'sam', reason: 'errors', since: '2026-11-23T11:00:00Z' } as const;
    const restraints = [{ ...stop, until: '2026-11-30T13:00:00Z' }, hold];
    await world.ask('writeRestraints', { environment: 'staging', restraints });
    const override = await by('grace', { overrides: ['stop', 'hold'] });
    const said = await world.ask('checkOverride', { ...request, statement: override });
    assert.ok(!said.ok && said.refusal.code === 'gate-override-refused', JSON.stringify(said));
    const gates = await world.ask('checkGates', { ...request, overrides: [override] });
    assert.ok(gates.ok && gates.answer === 'wait', JSON.stringify(gates));
    const answers = Object.fromEntries(gates.verdicts.map((one) => [one.gate, one.answer]));
    assert.deepEqual([answers['stop'], answers['hold']], ['yes', 'wait']);
    assert.equal(world.audit.at(-1)?.['code'], 'gate-override-refused');
  });

  it('by somebody of its group holds, whether it is said alone or with a yes, and says who and why', async () => {
    const statement = await saidBy(world.people.grace, request, PASSING);
    const said = await world.ask('checkOverride', { ...request, statement });
    assert.ok(said.ok && said.subject === 'grace', JSON.stringify(said));
    const override = await by('grace');
    for (const asked of [{ overrides: [override] }, { approvals: [override] }]) {
      const gates = await world.ask('checkGates', { ...request, ...asked });
      assert.ok(gates.ok && gates.answer === 'yes', JSON.stringify(gates));
      const stop = gates.verdicts.find((one) => one.gate === 'stop');
      assert.deepEqual(stop?.overriddenBy, { by: 'grace', reason: PASSING.reason });
    }
    assert.deepEqual(world.audit, []);
  });

  it('says what people signed, not what the workflow claims to have found out', async () => {
    const lies = {
      proof: 'key',
      groups: ['incident-managers'],
      aliases: [],
      jti: 'new',
      signedAt: NOW.toISOString(),
    } as const;
    const gates = await world.ask('checkGates', { ...request, overrides: [{ ...(await by('bob')), ...lies }] });
    assert.ok(gates.ok && gates.answer === 'wait', JSON.stringify(gates));
  });
});
