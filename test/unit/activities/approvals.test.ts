import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expectedAnswer } from '../../../activities/approvals.ts';
import { createKeyApprovals } from '../../../src/adapters/approvals/keys.ts';
import { createNamedApprovals } from '../../../src/adapters/approvals/named.ts';
import type { ApprovalStatement, GivenApproval } from '../../../src/domain/approval.ts';
import type { ApprovalRule } from '../../../src/domain/rulebook.ts';
import { verifyGiven } from '../../../src/statements/given.ts';
import { run } from '../../support/activity-runs.ts';
import { aWorld } from '../../support/memory-world.ts';
import { aPerson, answerOf, EXPECTED, NOW, PLAN_DIGEST, RULE, type Said } from '../../support/people.ts';
import { planned } from '../../support/scripted-activities.ts';
import { DIGEST } from '../client/views.ts';

const [ada, bob, mia, sam, rita] = ['ada', 'bob', 'mia', 'sam', 'rita'].map((name) => aPerson(name)) as [
  Person,
  Person,
  Person,
  Person,
  Person,
];
type Person = ReturnType<typeof aPerson>;
const holder = ({ name, pem }: Person, ...groups: string[]) => ({ name, aliases: [], groups, keys: [pem] });
const verifier = createKeyApprovals([
  holder(ada, 'release-managers', 'security'),
  holder(bob, 'release-managers'),
  holder(mia, 'release-managers'),
  holder(sam, 'security'),
  holder(rita, 'release-managers'),
]);

const MINUTE = 60_000;
const ago = (minutes: number): Said => ({ now: new Date(NOW.getTime() - minutes * MINUTE) });

/** As the workflow passes it on: with claims about groups and proof that the zone must not believe. */
async function given(person: Person, said: Said = {}, fields: Partial<GivenApproval> = {}): Promise<GivenApproval> {
  const lies = { proof: 'key', groups: ['release-managers', 'security'], signedAt: NOW.toISOString() } as const;
  return { ...(await answerOf(person, said)), ...lies, at: NOW.toISOString(), ...fields };
}

async function codeOf(rule: ApprovalRule, ...all: readonly GivenApproval[]): Promise<string> {
  const answer = await verifyGiven(verifier, rule, all, EXPECTED);
  return answer.ok ? 'admitted' : answer.refusal.code;
}

const TWO: ApprovalRule = { ...RULE, required: 2 };
const EACH: ApprovalRule = { ...RULE, further: [{ required: 1, from: ['security'], notRequester: true }] };
/** Two release managers, or one of security. */
const EITHER: ApprovalRule = { ...EACH, required: 2, order: 'any-one' };

describe('when given approvals are looked at again where they are used', () => {
  test('they admit the promotion when they are what the rule wants', async () => {
    assert.equal(await codeOf(RULE, await given(ada)), 'admitted');
    assert.equal(await codeOf(TWO, await given(ada), await given(bob)), 'admitted');
    assert.equal(await codeOf(EACH, await given(ada), await given(bob)), 'admitted');
    assert.equal(await codeOf(EITHER, await given(sam)), 'admitted');
    assert.equal(await codeOf(EITHER, await given(mia), await given(bob)), 'admitted');
    const inOrder = { ...EACH, order: 'in-order' } as const;
    assert.equal(await codeOf(inOrder, await given(bob, ago(10)), await given(sam)), 'admitted');
  });

  const refused: readonly (readonly [
    title: string,
    rule: ApprovalRule,
    make: () => Promise<GivenApproval[]>,
    code: string,
  ])[] = [
    ['nothing at all', RULE, async () => [], 'approval-unproven'],
    ['too few', TWO, async () => [await given(ada)], 'approval-unproven'],
    ['the same person twice', TWO, async () => [await given(ada), await given(ada)], 'approval-duplicate'],
    [
      'the same statement twice',
      TWO,
      async () => {
        const one = await given(ada);
        return [one, one];
      },
      'approval-replayed',
    ],
    [
      'a name without a signature',
      RULE,
      async () => [await given(ada, {}, { statement: undefined as never })],
      'approval-unproven',
    ],
    [
      'one for another plan',
      RULE,
      async () => [await given(ada, { facts: { planDigest: `sha256:${'b'.repeat(64)}` } })],
      'approval-other-plan',
    ],
    [
      'one for another environment',
      RULE,
      async () => [await given(ada, { facts: { environment: 'staging' } })],
      'approval-other-release',
    ],
    ['whoever started it', RULE, async () => [await given(rita)], 'approval-excluded'],
    [
      'a no among them',
      RULE,
      async () => [await given(ada), await given(bob, { facts: { decision: 'reject', reason: 'audit' } })],
      'approval-rejected',
    ],
    ['a group that the workflow made up', RULE, async () => [await given(sam)], 'approval-wrong-group'],
    ['a part of one group where any whole one suffices', EITHER, async () => [await given(bob)], 'approval-unproven'],
    ['two of one group for two groups', EACH, async () => [await given(bob), await given(mia)], 'approval-unproven'],
    [
      'one that is over',
      RULE,
      async () => [await given(ada, { ...ago(120), goodForMs: 60 * MINUTE })],
      'approval-stale',
    ],
    [
      'one that was too old when the newest was signed',
      { ...TWO, goodForMs: 60 * MINUTE },
      async () => [await given(ada, ago(90)), await given(bob)],
      'approval-unproven',
    ],
    [
      'an order that the signatures do not bear out',
      { ...EACH, order: 'in-order' },
      async () => [await given(bob), await given(sam, ago(10))],
      'approval-out-of-order',
    ],
    [
      'the second group before the first',
      { ...EACH, order: 'in-order' },
      async () => [await given(sam), await given(bob)],
      'approval-out-of-order',
    ],
  ];
  for (const [title, rule, make, code] of refused) {
    test(`refuses ${title}`, async () => assert.equal(await codeOf(rule, ...(await make())), code));
  }

  test('a yes that lapsed and was given again counts once', async () => {
    const rule = { ...TWO, goodForMs: 60 * MINUTE };
    assert.equal(
      await codeOf(rule, await given(ada, ago(90)), await given(ada, ago(20)), await given(bob)),
      'admitted',
    );
  });

  test('a yes that is over by itself takes nothing from the others', async () => {
    const rule = { ...TWO, goodForMs: 480 * MINUTE };
    const over: Said = { ...ago(5 * 24 * 60), goodForMs: 24 * 60 * MINUTE };
    assert.equal(await codeOf(rule, await given(ada, over), await given(ada), await given(bob)), 'admitted');
  });

  test('where too few are left, it says who does not count, and why', async () => {
    const over: Said = { ...ago(120), goodForMs: 60 * MINUTE };
    const all = [await given(ada, over), await given(sam), await given(bob)];
    const answer = await verifyGiven(verifier, TWO, all, EXPECTED);
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.code, 'approval-stale');
    assert.match(
      answer.refusal.message,
      /^production is not approved: 1 more proven yes needed; does not count: ada \(approval-stale\), sam \(approval-wrong-group\)/,
    );
  });

  test('a no that is proven refuses beside answers that do not count', async () => {
    const no = await given(bob, { facts: { decision: 'reject', reason: 'audit' } });
    assert.equal(await codeOf(RULE, await given(sam), no, await given(ada)), 'approval-rejected');
  });

  test('clocks that differ by a minute make no yes too old for the next one', async () => {
    const rule = { ...TWO, goodForMs: 60 * MINUTE };
    // when he says yes hers counts for thirty seconds more; his clock is fifty seconds ahead
    assert.equal(await codeOf(rule, await given(ada, ago(61)), await given(bob, ago(2 / 3))), 'admitted');
    assert.equal(await codeOf(rule, await given(ada, ago(63)), await given(bob, ago(2 / 3))), 'approval-unproven');
  });

  test('whoever says yes again in the moment in which their first one lapses counts once', async () => {
    const rule = { ...TWO, goodForMs: 60 * MINUTE };
    const [first, again] = [await given(ada, ago(90)), await given(ada, ago(30.5))];
    assert.equal(await codeOf(rule, first, again, await given(bob, ago(10))), 'admitted');
    assert.equal(await codeOf(rule, first, again), 'approval-unproven');
  });

  test('whoever the question widened to may have answered', async () => {
    const rule = { ...RULE, widen: { afterMs: MINUTE, to: ['security'] } };
    assert.equal(await codeOf(rule, await given(sam)), 'admitted');
  });

  test('where names are taken on trust, they are counted as names', async () => {
    const named = createNamedApprovals();
    const one = { decision: 'approve', approver: 'ada', planDigest: PLAN_DIGEST, at: NOW.toISOString() } as const;
    assert.ok((await verifyGiven(named, RULE, [one], EXPECTED)).ok);
    const twice = await verifyGiven(named, TWO, [one, one], EXPECTED);
    assert.equal(twice.ok ? 'admitted' : twice.refusal.code, 'approval-duplicate');
  });
});

describe('when the zone is asked about one answer', () => {
  const request = {
    service: 'iam',
    version: '1.0.0',
    environment: 'staging',
    source: 'dev',
    image: { repository: 'iam', digest: DIGEST },
  };
  const { plan, planDigest } = planned(
    { ...request, manifests: DIGEST, manifestsPublished: true },
    { approvals: { staging: RULE } },
  );

  async function checked(statement: ApprovalStatement, requestedBy?: string) {
    const world = await aWorld();
    const zone = { ...world.zones.staging, now: () => NOW };
    const own = { ...zone, ports: { ...zone.ports, approvals: verifier } };
    const who = requestedBy === undefined ? {} : { requestedBy };
    return run(own, 'checkApproval', { plan, planDigest, statement, ...who });
  }
  const { at: _, ...facts } = expectedAnswer({ plan, planDigest, requestedBy: 'rita' }, NOW);
  const { requestedBy: __, ...about } = facts;

  test('a proven yes comes back with what is known of the person and of the statement', async () => {
    const answer = await checked(await answerOf(ada, { facts: about }), 'rita');
    assert.ok(answer.ok, JSON.stringify(answer));
    const { jti, ...rest } = answer;
    assert.match(jti ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      ok: true,
      subject: 'ada',
      groups: ['release-managers', 'security'],
      aliases: [],
      proof: 'key',
      signedAt: NOW.toISOString(),
      expiresAt: new Date(NOW.getTime() + 86_400_000).toISOString(),
    });
  });

  test('a proven answer that is refused is used up: its id comes back; an unproven one has none', async () => {
    const proven = await checked(await answerOf(rita, { facts: about }), 'rita');
    assert.ok(!proven.ok && proven.refusal.code === 'approval-excluded' && proven.jti !== undefined);
    const forged = await checked(await answerOf(aPerson('eve'), { facts: about, subject: 'ada' }));
    assert.ok(!forged.ok && forged.refusal.code === 'approval-key-unknown' && forged.jti === undefined);
  });
});
