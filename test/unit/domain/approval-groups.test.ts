import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type ApprovalState,
  type ApprovalStatement,
  openQuestion,
  type ProvenFacts,
  refusalOf,
  verdictOf,
  withApproval,
  withRefusedId,
} from '../../../src/domain/approval.ts';
import { APPROVAL_ORDERS, type ApprovalRule, groupsOfRule } from '../../../src/domain/rulebook.ts';

const T0 = Date.parse('2026-11-23T12:00:00Z');
const HOUR = 3_600_000;
const ASKED = { planDigest: 'plan', requestedBy: 'rita' };
const iso = (ms: number): string => new Date(ms).toISOString();

const group = (required: number, ...from: string[]) => ({ required, from, notRequester: true });
const TWO_GROUPS: ApprovalRule = { ...group(1, 'managers'), deadlineMs: 72 * HOUR, further: [group(1, 'security')] };

type Answer = ApprovalStatement & ProvenFacts;

function yesOf(approver: string, groups: readonly string[], fields: Partial<Answer> = {}): Answer {
  return { decision: 'approve', approver, planDigest: 'plan', proof: 'key', groups, ...fields };
}

function nobodyVouchesFor(approver: string): Answer {
  return { decision: 'approve', approver, planDigest: 'plan' };
}

/** Every answer that is not refused, an hour after the other unless it says when it was signed; codes of those that are. */
function asked(rule: ApprovalRule, answers: readonly Answer[]) {
  let state: ApprovalState = openQuestion(rule, ASKED);
  const codes: string[] = [];
  answers.forEach((answer, index) => {
    const at = answer.signedAt ?? iso(T0 + index * HOUR);
    const refusal = refusalOf(state, answer, Date.parse(at));
    codes.push(refusal?.code ?? 'counted');
    if (refusal === undefined) state = withApproval(state, answer, at);
  });
  return { state, codes, verdict: verdictOf(state, T0 + answers.length * HOUR) };
}

describe('when several groups are asked', () => {
  test('one person in two groups counts once', () => {
    const ada = yesOf('ada', ['managers', 'security']);
    assert.deepEqual(asked(TWO_GROUPS, [ada]).verdict, { kind: 'waiting', missing: 1 });
    const again = asked(TWO_GROUPS, [ada, { ...ada, aliases: ['other'] }, yesOf('ADA ', ['security'])]);
    assert.deepEqual(again.codes, ['counted', 'approval-duplicate', 'approval-duplicate']);
  });

  test('who made the image fills no place that is closed to them, under any of their names, and the others as ever', () => {
    const rule: ApprovalRule = {
      ...{ ...group(1, 'managers'), notAuthor: true, deadlineMs: 72 * HOUR },
      further: [group(1, 'security')],
    };
    const authors = ['Ada@Example.test'];
    const ada = yesOf('ada', ['managers', 'security'], { aliases: ['ada@example.test'] });
    const state = withApproval(openQuestion(rule, { ...ASKED, authors }), ada, iso(T0));
    assert.deepEqual(verdictOf(state, T0), { kind: 'waiting', missing: 1 });
    assert.equal(verdictOf(withApproval(state, yesOf('sue', ['security']), iso(T0)), T0).kind, 'waiting');
    assert.equal(verdictOf(withApproval(state, yesOf('bob', ['managers']), iso(T0)), T0).kind, 'approved');
  });

  test('where every group is closed to who made the image, they are told so', () => {
    const rule: ApprovalRule = { ...group(1, 'managers'), notAuthor: true, deadlineMs: 72 * HOUR };
    const state = openQuestion(rule, { ...ASKED, authors: ['ada', 'zoe'] });
    assert.deepEqual(
      state.excluded.map((one) => one.name),
      ['rita', 'ada', 'zoe'],
    );
    const refusal = refusalOf(state, yesOf('Zoe', ['managers']), T0);
    assert.deepEqual([refusal?.code, refusal?.message.includes('made an image')], ['approval-excluded', true]);
    // names that nobody vouches for are held against them as well
    assert.equal(refusalOf(state, nobodyVouchesFor('ada'), T0)?.code, 'approval-excluded');
  });

  test('nor does the same person under another of their names', () => {
    const { codes } = asked(TWO_GROUPS, [
      yesOf('ada', ['managers'], { aliases: ['ada@example.test'] }),
      yesOf('Ada@Example.test', ['security'], { proof: 'oidc' }),
    ]);
    assert.deepEqual(codes, ['counted', 'approval-duplicate']);
  });

  test('who could fill either place makes room for who can fill only one', () => {
    const both = yesOf('ada', ['managers', 'security']);
    assert.equal(asked(TWO_GROUPS, [both, yesOf('bob', ['managers'])]).verdict.kind, 'approved');
    assert.equal(asked(TWO_GROUPS, [both, yesOf('sam', ['security'])]).verdict.kind, 'approved');
    assert.equal(asked(TWO_GROUPS, [both, yesOf('eve', ['visitors'])]).codes[1], 'approval-wrong-group');
  });

  test('two of one group do not stand for the other', () => {
    const { verdict } = asked(TWO_GROUPS, [yesOf('ada', ['managers']), yesOf('bob', ['managers'])]);
    assert.deepEqual(verdict, { kind: 'waiting', missing: 1 });
  });

  test('with any-one, one whole group is enough', () => {
    const rule = { ...TWO_GROUPS, required: 2, order: 'any-one' } as const;
    assert.deepEqual(asked(rule, [yesOf('ada', ['managers'])]).verdict, { kind: 'waiting', missing: 1 });
    assert.equal(asked(rule, [yesOf('sam', ['security'])]).verdict.kind, 'approved');
  });

  test('in order, the second group waits for the first, and a no does not wait', () => {
    const rule = { ...TWO_GROUPS, order: 'in-order' } as const;
    const [ada, sam] = [yesOf('ada', ['managers']), yesOf('sam', ['security'])];
    const early = asked(rule, [sam, ada, sam]);
    assert.deepEqual(early.codes, ['approval-out-of-order', 'counted', 'counted']);
    assert.equal(early.verdict.kind, 'approved');
    const no = asked(rule, [{ ...sam, decision: 'reject', reason: 'audit' }]);
    assert.equal(no.verdict.kind, 'rejected');
  });

  test('in order, somebody of both groups fills the first place first', () => {
    const rule = { ...TWO_GROUPS, order: 'in-order' } as const;
    const both = yesOf('ada', ['managers', 'security']);
    assert.deepEqual(asked(rule, [both, yesOf('sam', ['security'])]).codes, ['counted', 'counted']);
  });

  test('whoever started it may answer only for groups that allow it', () => {
    const rule: ApprovalRule = { ...TWO_GROUPS, further: [{ ...group(1, 'security'), notRequester: false }] };
    const rita = yesOf('Rita', ['managers', 'security']);
    assert.deepEqual(asked(rule, [rita]).verdict, { kind: 'waiting', missing: 1 });
    assert.equal(asked(rule, [rita, yesOf('sam', ['security'])]).verdict.kind, 'waiting', 'nobody of the managers');
    assert.equal(asked(rule, [rita, yesOf('ada', ['managers'])]).verdict.kind, 'approved');
    assert.equal(asked(rule, [yesOf('rita', ['managers'])]).codes[0], 'approval-wrong-group');
    assert.equal(asked(TWO_GROUPS, [rita]).codes[0], 'approval-excluded');
  });

  test('a name that nothing proves fits any group, where the environment lets it through', () => {
    const plain = (approver: string): Answer => ({ decision: 'approve', approver, planDigest: 'plan' });
    assert.equal(asked(TWO_GROUPS, [plain('ada'), plain('bob')]).verdict.kind, 'approved');
  });
});

describe('when a yes grows old', () => {
  const rule: ApprovalRule = { ...TWO_GROUPS, goodForMs: 2 * HOUR };
  const ada = yesOf('ada', ['managers'], { jti: 'one' });

  test('it does not count any more, to the moment', () => {
    const { state } = asked(rule, [ada, yesOf('sam', ['security'])]);
    assert.equal(verdictOf(state, T0 + 2 * HOUR - 1).kind, 'approved');
    assert.deepEqual(verdictOf(state, T0 + 2 * HOUR), { kind: 'waiting', missing: 1 });
  });

  test('the same person may say it again, with another statement', () => {
    const { state } = asked(rule, [ada]);
    assert.equal(refusalOf(state, { ...ada, jti: 'two' }, T0 + HOUR)?.code, 'approval-duplicate');
    assert.equal(refusalOf(state, { ...ada, jti: 'two' }, T0 + 2 * HOUR), undefined);
    assert.equal(refusalOf(state, ada, T0 + 2 * HOUR)?.code, 'approval-replayed');
  });

  test('its age counts from the signature, not from its arrival', () => {
    const { state } = asked(rule, [{ ...ada, signedAt: iso(T0 - HOUR) }]);
    assert.deepEqual(verdictOf(state, T0 + HOUR), { kind: 'waiting', missing: 2 });
  });

  test('a no does not grow old', () => {
    const { state } = asked(rule, [{ ...ada, decision: 'reject', reason: 'audit' }]);
    assert.equal(verdictOf(state, T0 + 100 * HOUR).kind, 'rejected');
  });
});

describe('when a statement comes twice', () => {
  const ada = yesOf('ada', ['managers'], { jti: 'one', statement: 'a.b.c' });

  test('refuses the same text before anybody looks at it, and the same id under another text', () => {
    const { state } = asked(TWO_GROUPS, [ada]);
    const before = { decision: 'approve', approver: 'ada', planDigest: 'plan', statement: 'a.b.c' } as const;
    assert.equal(refusalOf(state, before, T0)?.code, 'approval-replayed');
    assert.equal(refusalOf(state, yesOf('bob', ['managers'], { jti: 'one' }), T0)?.code, 'approval-replayed');
  });

  test('refuses one that was refused before, also about the next plan of the same promotion', () => {
    const state = withRefusedId(openQuestion(TWO_GROUPS, ASKED), 'one');
    assert.equal(refusalOf(state, ada, T0)?.code, 'approval-replayed');
    const counted = asked(TWO_GROUPS, [yesOf('bob', ['managers'], { jti: 'two' })]).state;
    const next = openQuestion(TWO_GROUPS, ASKED, counted);
    assert.equal(refusalOf(next, yesOf('bob', ['managers'], { jti: 'two' }), T0)?.code, 'approval-replayed');
  });
});

describe('when an answer is too large', () => {
  for (const [title, fields] of [
    ['a reason of ten megabytes', { reason: 'x'.repeat(10_000_000) }],
    ['a reason a character too long', { reason: 'x'.repeat(2_001) }],
    ['a statement of ten megabytes', { statement: 'x'.repeat(10_000_000) }],
    ['an endless name', { approver: 'x'.repeat(321) }],
  ] as const) {
    test(`refuses ${title}`, () => {
      const state = openQuestion(TWO_GROUPS, ASKED);
      assert.equal(refusalOf(state, yesOf('ada', [], fields), T0)?.code, 'approval-too-large');
    });
  }

  test('counts the longest reason that is allowed', () => {
    const state = openQuestion(TWO_GROUPS, ASKED);
    assert.equal(refusalOf(state, yesOf('ada', ['managers'], { reason: 'x'.repeat(2_000) }), T0), undefined);
  });
});

describe('when anybody answers in any order', () => {
  const NAMES = ['ada', 'bob', 'cyd', 'dan'] as const;
  const GROUPS = ['a', 'b', 'c'] as const;
  const rules = fc.record({
    groups: fc.array(
      fc.record({ required: fc.integer({ min: 1, max: 2 }), from: fc.subarray([...GROUPS], { minLength: 1 }) }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    order: fc.constantFrom(...APPROVAL_ORDERS),
  });
  const crowd = fc.array(fc.record({ name: fc.constantFrom(...NAMES), groups: fc.subarray([...GROUPS]) }), {
    maxLength: 8,
  });

  function ruleOf({ groups, order }: { groups: { required: number; from: string[] }[]; order: ApprovalRule['order'] }) {
    const [first, ...further] = groups.map((one) => ({ ...one, notRequester: true }));
    return { ...first, further, order, deadlineMs: HOUR } as ApprovalRule;
  }

  /** Tries every way of giving people to places: slow and obviously right. */
  function fillable(places: readonly (readonly string[])[], people: readonly (readonly string[])[]): boolean {
    const [place, ...rest] = places;
    if (place === undefined) return true;
    return people.some(
      (groups, index) => groups.some((one) => place.includes(one)) && fillable(rest, people.toSpliced(index, 1)),
    );
  }

  test('it is approved exactly when every place can have a person of its own', () => {
    fc.assert(
      fc.property(rules, crowd, (written, people) => {
        const rule = ruleOf(written);
        const { state, verdict } = asked(
          rule,
          people.map((one) => yesOf(one.name, one.groups)),
        );
        const given = state.given.map((one) => one.groups ?? []);
        const places = groupsOfRule(rule).map(({ required, from }) => Array.from({ length: required }, () => from));
        const expected =
          rule.order === 'any-one' ? places.some((one) => fillable(one, given)) : fillable(places.flat(), given);
        assert.equal(verdict.kind === 'approved', expected);
      }),
      { numRuns: 300 },
    );
  });

  test('no person is given twice, and another yes never takes approval away', () => {
    fc.assert(
      fc.property(rules, crowd, (written, people) => {
        const rule = ruleOf(written);
        const answers = people.map((one) => yesOf(one.name, one.groups));
        const { state } = asked(rule, answers);
        const names = state.given.map((one) => one.approver);
        assert.equal(new Set(names).size, names.length);
        const kinds = answers.map((_, index) => asked(rule, answers.slice(0, index + 1)).verdict.kind);
        assert.ok(!kinds.slice(kinds.indexOf('approved')).includes('waiting') || !kinds.includes('approved'));
      }),
      { numRuns: 200 },
    );
  });
});
