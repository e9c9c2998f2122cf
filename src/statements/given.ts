/** Answers that were given to one question, each verified and all counted: where a promotion is let in, and where its evidence is looked at. */
import {
  type ApprovalState,
  type ApprovalStatement,
  type GivenApproval,
  isOnePerson,
  openQuestion,
  type ProvenFacts,
  refusalOf,
  verdictOf,
  withApproval,
} from '../domain/approval.ts';
import type { Refusal } from '../domain/error-code.ts';
import type { ApprovalRule } from '../domain/rulebook.ts';
import { LONGEST_NAME } from '../domain/said.ts';
import { type ExpectedAnswer, SKEW_MS } from '../domain/statement.ts';
import type { ApprovalVerifier } from '../ports/approvals.ts';

/**
 * Answers that admit a promotion, with what was found out about each that is proven, whether or not it was needed (what is not used
 * up could be used again), and what does not count; or why they do not.
 */
export type Proven =
  | {
      readonly ok: true;
      readonly proven: readonly ProvenFacts[];
      readonly left: readonly Left[];
      /** Those that were counted: as they were said, and as they were proven. */
      readonly counted: readonly Counted[];
    }
  | { readonly ok: false; readonly refusal: Refusal };

export interface Counted {
  readonly said: ApprovalStatement;
  readonly proven: ApprovalStatement & ProvenFacts;
}

/** An answer that is not counted, and why. */
export interface Left {
  readonly statement: ApprovalStatement;
  readonly refusal: Refusal;
}

/**
 * At the point of use: verifies every given approval again and counts them again. Nothing that the workflow says about them is
 * believed but their order, which the signed times must bear out. What does not count any more is left out, as a yes that grew old
 * and was given again; it matters only where too few are left. Whether a yes had grown too old is judged at the time of the newest
 * one, so that a slow promotion does not outlive its own approval half-way.
 */
export async function verifyGiven(
  verifier: ApprovalVerifier,
  rule: ApprovalRule,
  given: readonly GivenApproval[],
  expected: ExpectedAnswer,
): Promise<Proven> {
  const { widen } = rule;
  const asked = openQuestion(rule, expected);
  let state = widen === undefined ? asked : { ...asked, widenedTo: widen.to };
  let newestMs = 0;
  const left: Left[] = [];
  const taken: Counted[] = [];
  const all: ProvenFacts[] = [];
  for (const { at, ...said } of given) {
    const answer = unproven(said);
    const verdict = await verifier.verify(answer, rule, expected);
    if (verdict.kind === 'refused') {
      left.push({ statement: answer, refusal: verdict.refusal });
      continue;
    }
    const { kind: _, subject, ...proven } = verdict;
    const counted = { ...answer, approver: subject, ...proven };
    all.push(proven);
    const momentMs = Date.parse(proven.signedAt ?? at);
    const before = withoutEarlierYes(state, counted, momentMs);
    const disorder = momentMs < newestMs - 2 * SKEW_MS ? shuffled(rule, counted) : undefined;
    const refusal = disorder ?? refusalOf(before, counted, momentMs - SKEW_MS);
    if (refusal !== undefined) {
      left.push({ statement: answer, refusal });
      continue;
    }
    newestMs = Math.max(newestMs, momentMs);
    state = withApproval(before, counted, at);
    taken.push({ said: answer, proven: counted });
  }
  // the workflow had one clock; here each time is by the clock of whoever signed
  const missing = shortfall(verdictOf(state, newestMs - SKEW_MS), expected.environment, left);
  return missing === undefined
    ? { ok: true, proven: all, left, counted: stillCounted(taken, state) }
    : { ok: false, refusal: missing };
}

/** A newer yes of the same person takes the place of an older one. */
function stillCounted(taken: readonly Counted[], { given }: ApprovalState): readonly Counted[] {
  return taken.filter(({ proven }) => given.some((one) => isSameAnswer(one, proven)));
}

function isSameAnswer(one: ApprovalStatement, other: ApprovalStatement): boolean {
  return one.decision === other.decision && one.approver === other.approver && one.statement === other.statement;
}

/** What the person said, without what anybody claims to have found out about it. */
export function unproven(said: ApprovalStatement): ApprovalStatement {
  const { decision, approver, planDigest, reason, overrides, statement } = said;
  return {
    ...{ decision, approver, planDigest },
    ...(reason === undefined ? {} : { reason }),
    ...(overrides === undefined ? {} : { overrides }),
    ...(statement === undefined ? {} : { statement }),
  };
}

/** Whoever said yes again when their first one had lapsed counts by the newer one, and a no takes one's own yes back. */
function withoutEarlierYes(
  state: ApprovalState,
  answer: ApprovalStatement & ProvenFacts,
  momentMs: number,
): ApprovalState {
  if (state.goodForMs === undefined && answer.decision === 'approve') return state;
  const isEarlier = (one: GivenApproval): boolean =>
    one.decision === 'approve' && Date.parse(one.signedAt ?? one.at) < momentMs && isOnePerson(one, answer);
  return { ...state, given: state.given.filter((one) => !isEarlier(one)) };
}

/** Two people's clocks may differ by a minute each way. */
function shuffled({ order }: ApprovalRule, { decision }: ApprovalStatement): Refusal | undefined {
  if (order !== 'in-order' || decision === 'reject') return undefined;
  return {
    code: 'approval-out-of-order',
    message: 'the answers were signed in another order than they are counted in',
  };
}

/** Under the code of the first answer that does not count: it says best what is to be done. */
function shortfall(
  verdict: ReturnType<typeof verdictOf>,
  environment: string,
  left: readonly Left[],
): Refusal | undefined {
  if (verdict.kind === 'approved') return undefined;
  if (verdict.kind === 'rejected') {
    return { code: 'approval-rejected', message: `rejected by ${verdict.by}: ${verdict.reason}` };
  }
  const missing = `${environment} is not approved: ${verdict.missing} more proven yes needed`;
  const first = left[0]?.refusal;
  if (first === undefined) {
    const remedy = 'start the release with "sluice start" and let it ask';
    return { code: 'approval-unproven', message: missing, remedy };
  }
  const who = left.map(({ statement, refusal }) => `${statement.approver.slice(0, LONGEST_NAME)} (${refusal.code})`);
  return { ...first, message: `${missing}; does not count: ${who.join(', ')}; ${first.message}` };
}
