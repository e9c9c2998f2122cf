/**
 * The one handler behind `approve` and `reject`, however they arrive (signal or update): pure, synchronous, shared by workflow,
 * client, zone and tests. Who the approver really is gets verified elsewhere (`src/ports/approvals.ts`). Time is an argument.
 */
import type { ErrorCode } from './error-code.ts';
import { isCompleteBefore, isGood, missingAnswers, mayAnswerAny } from './approval-count.ts';
import type { PlanChange } from './plan-change.ts';
import { type ApprovalOrder, type ApprovalRule, type GroupRule, groupsOfRule } from './rulebook.ts';
import { LONGEST_REASON } from './said.ts';

export type Decision = 'approve' | 'reject';

export interface ApprovalStatement {
  readonly decision: Decision;
  /** The name under which the person answers. */
  readonly approver: string;
  readonly reason?: string;
  /** Digest of the plan that the person was shown. */
  readonly planDigest: string;
  /** Names of closed gates that the person passes with this yes; each needs the reason. */
  readonly overrides?: readonly string[];
  /** The same, signed: a compact JWS (`statement.ts`). What stands beside it must say the same. */
  readonly statement?: string;
}

/** What the environment's zone found out about an answer that carries proof. */
export interface ProvenFacts {
  /** What vouches for the name; undefined: nothing does, and the groups of the rule are not enforced. */
  readonly proof?: 'key' | 'oidc';
  readonly groups?: readonly string[];
  /** Further names of the same person. */
  readonly aliases?: readonly string[];
  readonly jti?: string;
  /** ISO 8601, both as signed. */
  readonly signedAt?: string;
  readonly expiresAt?: string;
}

export interface GivenApproval extends ApprovalStatement, ProvenFacts {
  /** ISO 8601, time of the workflow. */
  readonly at: string;
}

export interface ApprovalState {
  readonly planDigest: string;
  /** How many people in all; of the smallest group when one is enough. */
  readonly required: number;
  /** People who may not answer, with the reason to tell them. */
  readonly excluded: readonly { readonly name: string; readonly because: string }[];
  readonly given: readonly GivenApproval[];
  /** False before the question is asked and after it is closed. */
  readonly open: boolean;
  /** In their order; undefined in the state of an older engine: one group of `required` people. */
  readonly rules?: readonly GroupRule[];
  readonly order?: ApprovalOrder;
  readonly goodForMs?: number;
  readonly requestedBy?: string;
  /** Who made the image, where a group may not answer for its own work. */
  readonly authors?: readonly string[];
  /** Groups that may answer as well by now. */
  readonly widenedTo?: readonly string[];
  /** Present where an earlier plan was asked about. */
  readonly askedAgain?: AskedAgain;
  /** What it replaces by now, where that is not what people were shown; by the rule it does not void their answers. */
  readonly replacesNow?: PlanChange;
  /** How many people are still missing, while it is open. */
  readonly missing?: number;
  /** Signed statements count once: the `jti` of those that were looked at and refused. */
  readonly refusedIds?: readonly string[];
}

export interface AskedAgain {
  /** Digest of the plan that was asked about before. */
  readonly planDigest: string;
  readonly changes: readonly PlanChange[];
  /** Who had said yes to that one; it counts no more. */
  readonly void: readonly string[];
}

export type ApprovalRefusalCode = Extract<ErrorCode, `approval-${string}`>;

export interface ApprovalRefusal {
  readonly code: ApprovalRefusalCode;
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
  readonly remedy?: string;
}

/** A reason is a sentence or a few, in characters; a statement may carry an identity token with two hundred groups. */
export const LONGEST_STATEMENT = 32_768;
const LONGEST_NAME = 320;
const LONGEST_DIGEST = 200;
const MOST_GATES = 50;
/** Statements that somebody could prove and that were refused all the same; more than that is noise. */
const REMEMBERED_REFUSALS = 200;

/** What is decided on, and whose work it is. */
export interface Asked {
  readonly planDigest: string;
  readonly requestedBy: string;
  /** Undefined: no group asks who made the image. */
  readonly authors?: readonly string[] | undefined;
  /** What is another one than in the plan that was asked about before. */
  readonly changes?: readonly PlanChange[];
}

/** The question as it is asked: nobody has answered. `before`: the question about an earlier plan of the same promotion. */
export function openQuestion(rule: ApprovalRule, asked: Asked, before?: ApprovalState): ApprovalState {
  const rules = groupsOfRule(rule);
  const { planDigest, requestedBy, authors } = asked;
  const numbers = rules.map((one) => one.required);
  const used = [...(before?.refusedIds ?? []), ...(before?.given ?? []).flatMap((one) => one.jti ?? [])];
  return {
    planDigest,
    required: rule.order === 'any-one' ? Math.min(...numbers) : numbers.reduce((sum, one) => sum + one, 0),
    excluded: excludedFrom(rules, asked),
    given: [],
    open: true,
    rules,
    requestedBy,
    ...(authors === undefined ? {} : { authors }),
    ...(rule.order === undefined ? {} : { order: rule.order }),
    ...(rule.goodForMs === undefined ? {} : { goodForMs: rule.goodForMs }),
    ...(used.length === 0 ? {} : { refusedIds: used }),
    ...(before === undefined ? {} : { askedAgain: askedAgain(before, asked) }),
  };
}

function askedAgain({ planDigest, given }: ApprovalState, { changes = [] }: Asked): AskedAgain {
  const yes = given.filter((one) => one.decision === 'approve');
  return { planDigest, changes, void: yes.map((one) => one.approver) };
}

/** People for whom no group has a place. */
export function excludedFrom(
  rules: readonly GroupRule[],
  { requestedBy, authors = [] }: Omit<Asked, 'planDigest'>,
): ApprovalState['excluded'] {
  const requester = { name: requestedBy, because: 'whoever started a release does not approve it' };
  const makers = authors.map((name) => ({ name, because: 'whoever made an image does not approve it' }));
  return [
    ...(rules.every((one) => one.notRequester) ? [requester] : []),
    ...(rules.every((one) => one.notAuthor === true) ? makers : []),
  ];
}

/** Undefined when the answer may be counted. Asked before the zone looked at it, and again with what the zone found. */
export function refusalOf(
  state: ApprovalState,
  answer: ApprovalStatement & ProvenFacts,
  nowMs: number,
): ApprovalRefusal | undefined {
  const misshapen = misshapenAnswer(answer);
  if (misshapen !== undefined) return misshapen;
  if (answer.planDigest !== state.planDigest) {
    return refuse(
      'approval-other-plan',
      `the answer is for plan ${answer.planDigest}, but the plan to decide on is ${state.planDigest}; look at it again with "sluice status"`,
    );
  }
  if (!state.open) return refuse('approval-not-open', 'nothing waits for an approval here (any more)');
  const names = namesOf(answer);
  const excluded = state.excluded.find((one) => names.some((name) => samePerson(one.name, name)));
  if (excluded !== undefined) {
    return refuse('approval-excluded', `${answer.approver} may not answer: ${excluded.because}`);
  }
  if (isReplayed(state, answer)) {
    return refuse('approval-replayed', 'this very statement was sent before; a statement counts once');
  }
  if (state.given.some((one) => isGood(state, one, nowMs) && isOnePerson(one, answer))) {
    return refuse('approval-duplicate', `${answer.approver} has answered already; every person counts once`);
  }
  return reasonMissing(answer) ?? groupRefusal(state, answer, nowMs);
}

/** Adds an answer that {@link refusalOf} let pass. */
export function withApproval(state: ApprovalState, answer: ApprovalStatement & ProvenFacts, at: string): ApprovalState {
  return { ...state, given: [...state.given, { ...answer, at }] };
}

/** Remembers a statement that was proven and refused, so that it is not looked at again. */
export function withRefusedId(state: ApprovalState, jti: string): ApprovalState {
  return { ...state, refusedIds: [...(state.refusedIds ?? []), jti].slice(-REMEMBERED_REFUSALS) };
}

export type ApprovalVerdict =
  | { readonly kind: 'waiting'; readonly missing: number }
  | { readonly kind: 'approved' }
  | { readonly kind: 'rejected'; readonly by: string; readonly reason: string };

export function verdictOf(state: ApprovalState, nowMs: number): ApprovalVerdict {
  const no = state.given.find((one) => one.decision === 'reject');
  if (no !== undefined) return { kind: 'rejected', by: no.approver, reason: no.reason ?? '' };
  const missing = missingAnswers(state, nowMs);
  return missing > 0 ? { kind: 'waiting', missing } : { kind: 'approved' };
}

/** Names are compared as identity providers do: without case and surrounding space. */
export function samePerson(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** Every name by which the person is known. */
export function namesOf({ approver, aliases = [] }: ApprovalStatement & ProvenFacts): readonly string[] {
  return [approver, ...aliases];
}

/** A no needs a reason, and so does passing a closed gate. */
export function reasonMissing(
  answer: Pick<ApprovalStatement, 'decision' | 'reason' | 'overrides'>,
): ApprovalRefusal | undefined {
  if ((answer.reason ?? '').trim() !== '') return undefined;
  if (answer.decision === 'reject') return refuse('approval-reason-missing', 'a no needs a reason');
  if ((answer.overrides ?? []).length === 0) return undefined;
  return refuse('approval-reason-missing', 'passing a closed gate needs a reason');
}

/** Under any of their names. */
export function isOnePerson(a: ApprovalStatement & ProvenFacts, b: ApprovalStatement & ProvenFacts): boolean {
  return namesOf(a).some((one) => namesOf(b).some((other) => samePerson(one, other)));
}

function isReplayed(
  { given, refusedIds = [] }: ApprovalState,
  { statement, jti }: ApprovalStatement & ProvenFacts,
): boolean {
  if (jti !== undefined && refusedIds.includes(jti)) return true;
  return given.some(
    (one) => (statement !== undefined && one.statement === statement) || (jti !== undefined && one.jti === jti),
  );
}

/** Only for people whose groups are proven. */
function groupRefusal(
  state: ApprovalState,
  answer: ApprovalStatement & ProvenFacts,
  nowMs: number,
): ApprovalRefusal | undefined {
  if (answer.proof === undefined) return undefined;
  if (!mayAnswerAny(state, answer)) return wrongGroup(state.rules ?? [], answer);
  if (state.order !== 'in-order' || answer.decision === 'reject' || !isCompleteBefore(state, answer, nowMs)) {
    return undefined;
  }
  return refuse('approval-out-of-order', `it is not yet ${answer.approver}'s turn: another group answers first`, {
    remedy: 'look at who is asked with "sluice status", and answer when they have',
  });
}

/** For whoever proved who they are, and is in none of the groups that are asked. */
export function wrongGroup(
  rules: readonly GroupRule[],
  { approver, groups = [] }: { readonly approver: string; readonly groups?: readonly string[] },
): ApprovalRefusal {
  return refuse('approval-wrong-group', `${approver} is in none of the groups that are asked`, {
    expected: rules.flatMap((one) => one.from).join(', '),
    got: groups.length === 0 ? 'no group' : groups.join(', '),
    remedy: 'ask somebody of these groups',
  });
}

/** Asked before anything else is: what is not of the form, or larger than any honest answer. */
export function misshapenAnswer(value: unknown): ApprovalRefusal | undefined {
  if (!isAnswer(value)) {
    return refuse('approval-malformed', 'expected {decision: "approve" | "reject", approver, planDigest, reason?}');
  }
  const { reason = '', statement = '', approver, planDigest, overrides = [] } = value;
  const isHonest =
    reason.length <= LONGEST_REASON &&
    statement.length <= LONGEST_STATEMENT &&
    approver.length <= LONGEST_NAME &&
    planDigest.length <= LONGEST_DIGEST &&
    overrides.length <= MOST_GATES;
  if (isHonest) return undefined;
  return refuse('approval-too-large', 'the answer is larger than any honest one', {
    expected: `a reason of at most ${LONGEST_REASON} characters, a statement of at most ${LONGEST_STATEMENT}, at most ${MOST_GATES} gates`,
    got: `a reason of ${reason.length}, a statement of ${statement.length}, ${overrides.length} gates`,
    remedy: 'say it shorter, and link to the rest',
  });
}

function isAnswer(value: unknown): value is ApprovalStatement {
  const it = value as Partial<ApprovalStatement> | null;
  return (
    typeof it === 'object' &&
    it !== null &&
    (it.decision === 'approve' || it.decision === 'reject') &&
    typeof it.approver === 'string' &&
    it.approver.trim() !== '' &&
    typeof it.planDigest === 'string' &&
    isTextOrAbsent(it.reason) &&
    isTextOrAbsent(it.statement) &&
    (it.overrides === undefined || (Array.isArray(it.overrides) && it.overrides.every((one) => isName(one))))
  );
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_NAME;
}

function refuse(
  code: ApprovalRefusalCode,
  message: string,
  details: Omit<ApprovalRefusal, 'code' | 'message'> = {},
): ApprovalRefusal {
  return { code, message, ...details };
}
