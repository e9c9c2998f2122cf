/** Whose yes counts for which group. One person fills one place only, however many groups they are in. */
import type { ApprovalState, ApprovalStatement, GivenApproval, ProvenFacts } from './approval.ts';
import type { GroupRule } from './rulebook.ts';

type Answer = ApprovalStatement & ProvenFacts;

/** How many people are still missing; 0: enough said yes. */
export function missingAnswers(state: ApprovalState, nowMs: number): number {
  const rules = rulesOf(state);
  const yes = goodAnswers(state, nowMs);
  if (state.order === 'any-one') return Math.min(...rules.map((rule) => missingOf(state, [rule], yes)));
  return missingOf(state, rules, yes);
}

/** Whether an answer still counts: a yes grows old, a no does not. */
export function isGood({ goodForMs }: ApprovalState, given: GivenApproval, nowMs: number): boolean {
  return given.decision === 'reject' || goodForMs === undefined || nowMs < goodUntilMs(given, goodForMs);
}

export function goodUntilMs(given: GivenApproval, goodForMs: number): number {
  return Date.parse(given.signedAt ?? given.at) + goodForMs;
}

/** Whether the person belongs to any group that is asked. */
export function mayAnswerAny(state: ApprovalState, answer: Answer): boolean {
  return rulesOf(state).some((rule) => mayFill(state, rule, answer));
}

/** In a given order: whether this yes helps none of the groups up to the first one that is not complete. */
export function isCompleteBefore(state: ApprovalState, answer: Answer, nowMs: number): boolean {
  const rules = rulesOf(state);
  const yes = goodAnswers(state, nowMs);
  const turn = rules.findIndex((_, index) => missingOf(state, rules.slice(0, index + 1), yes) > 0);
  if (turn === -1) return false;
  const asked = rules.slice(0, turn + 1);
  return missingOf(state, asked, [...yes, answer]) === missingOf(state, asked, yes);
}

function rulesOf({ rules, required }: ApprovalState): readonly GroupRule[] {
  return rules ?? [{ required, from: [], notRequester: false }];
}

function goodAnswers(state: ApprovalState, nowMs: number): readonly Answer[] {
  return state.given.filter((one) => one.decision === 'approve' && isGood(state, one, nowMs));
}

/** Places that stay empty when as many people as possible sit down (a maximum matching, by augmenting paths). */
function missingOf(state: ApprovalState, rules: readonly GroupRule[], answers: readonly Answer[]): number {
  const places = rules.flatMap((rule) => Array.from({ length: rule.required }, () => rule));
  const sitting = places.map(() => -1);

  function seat(person: number, tried: Set<number>): boolean {
    return places.some((rule, place) => {
      const answer = answers[person];
      if (answer === undefined || tried.has(place) || !mayFill(state, rule, answer)) return false;
      tried.add(place);
      const other = sitting[place] ?? -1;
      if (other !== -1 && !seat(other, tried)) return false;
      sitting[place] = person;
      return true;
    });
  }

  const seated = answers.filter((_, person) => seat(person, new Set())).length;
  return places.length - seated;
}

/** Whoever proves nothing (where the environment allows that) fits anywhere: their groups are not known. */
function mayFill(state: ApprovalState, rule: GroupRule, answer: Answer): boolean {
  if (rule.notRequester && isAmong([state.requestedBy ?? ''], answer)) return false;
  if (rule.notAuthor === true && isAmong(state.authors ?? [], answer)) return false;
  if (answer.proof === undefined) return true;
  const asked = [...rule.from, ...(state.widenedTo ?? [])];
  return (answer.groups ?? []).some((group) => asked.includes(group));
}

function isAmong(names: readonly string[], { approver, aliases = [] }: Answer): boolean {
  const own = [approver, ...aliases].map((name) => name.trim().toLowerCase());
  return names.some((name) => own.includes(name.trim().toLowerCase()));
}
