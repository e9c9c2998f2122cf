/** Waiting for people: the question, its deadline, and the answers, however they arrive. */
import { ActivityFailure, ApplicationFailure, condition, isCancellation, setHandler } from '@temporalio/workflow';
import {
  type ApprovalState,
  type AskedAgain,
  type ApprovalStatement,
  type Decision,
  openQuestion,
  type ProvenFacts,
  refusalOf,
  verdictOf,
  withApproval,
  withRefusedId,
} from '../../src/domain/approval.ts';
import { LONGEST_NAME, shown } from '../../src/domain/said.ts';
import { isGood } from '../../src/domain/approval-count.ts';
import { type Moment, nextMoment, type QuestionClock } from '../../src/domain/approval-moments.ts';
import { shortDigest } from '../../src/domain/digest.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import { groupsInWords } from '../../src/domain/groups-in-words.ts';
import { changesInWords, planChanges } from '../../src/domain/plan-change.ts';
import type { ApprovalRule } from '../../src/domain/rulebook.ts';
import {
  type ApprovalReply,
  approveSignal,
  approveUpdate,
  rejectSignal,
  rejectUpdate,
} from '../../src/contract/promotion-workflow.ts';
import { DEFERRED_FOR_MS } from './activity-options.ts';
import { nextOpeningMs } from './gates.ts';
import { change, goOn, wait } from './journal.ts';
import { command, throwIfEnded } from './orders.ts';
import { Ending, now, planned, type PromotionRun, whatItIs } from './run.ts';
import { tell, tellOverride } from './telling.ts';
import { failureOf, refusalFrom } from './trouble.ts';

/** Refused signals that the status remembers: nobody else would tell their sender. */
const REMEMBERED = 20;

/** Answers that the zone looks at together. */
const MOST_AT_ONCE = 20;

export function listenForApprovals(run: PromotionRun): void {
  const asDecision = (decision: Decision) => ({
    validator: (statement: ApprovalStatement) => refuseEarly(run, { ...statement, decision }),
  });
  setHandler(approveUpdate, (statement) => answer(run, { ...statement, decision: 'approve' }), asDecision('approve'));
  setHandler(rejectUpdate, (statement) => answer(run, { ...statement, decision: 'reject' }), asDecision('reject'));
  setHandler(approveSignal, (statement) => answerQuietly(run, said(statement, 'approve')));
  setHandler(rejectSignal, (statement) => answerQuietly(run, said(statement, 'reject')));
}

/**
 * Opens the question for this plan; returns when enough people said yes, ends the promotion otherwise. `unapproved`: why the yeses that
 * were given to this very plan do not suffice any more.
 */
export async function askPeople(run: PromotionRun, unapproved?: Refusal): Promise<void> {
  const { plan, planDigest } = planned(run);
  const rule = plan.approval;
  if (rule === undefined) return;
  const { requestedBy } = run.input;
  const lost = unapproved === undefined ? [] : [{ what: 'answers', was: 'enough', is: unapproved.message }];
  const changes = run.shown === undefined ? [] : [...lost, ...planChanges(run.shown, planned(run))];
  run.question = openQuestion(rule, { planDigest, requestedBy, authors: plan.authors, changes }, run.question);
  run.shown = planned(run);
  const askedMs = Date.now();
  const clock: QuestionClock = {
    askedMs,
    untilMs: askedMs + rule.deadlineMs,
    reminders: 0,
    widened: false,
    deferred: 0,
  };
  const { inTime, until } = await decision(run, rule, clock);
  run.question = { ...asked(run), open: false };
  goOn(run, 'working');
  change(run, { approval: run.question });
  throwIfEnded(run);
  const result = verdict(run);
  if (result.kind === 'rejected') {
    const reason = `rejected by ${result.by}: ${result.reason}`;
    throw new Ending({ kind: 'refused', reason, refusal: { code: 'approval-rejected', message: reason } });
  }
  if (inTime) return tell(run, 'approved');
  const nobody = asked(run).given.length === 0 ? 'nobody' : 'nobody else';
  const reason = `${nobody} approved ${plan.environment} before ${until}`;
  throw new Ending({
    kind: 'refused',
    reason,
    refusal: { code: 'approval-expired', message: reason, remedy: 'start a new version, and ask the approvers before' },
  });
}

/**
 * Waits for the decision through reminders, widening and yeses that grow old, each a durable timer. A rule without any of them
 * sets one timer, for its deadline, as every engine before this one did.
 */
async function decision(
  run: PromotionRun,
  rule: ApprovalRule,
  first: QuestionClock,
): Promise<{ readonly inTime: boolean; readonly until: string }> {
  const isDecided = (): boolean => verdict(run).kind !== 'waiting' || run.orders.end !== undefined;
  let clock = first;
  run.clock = clock;
  show(run, rule, clock, 'first');
  for (;;) {
    // a new yes may be the next one to grow old: then there is another moment to wait for
    const known = asked(run).given.length;
    const isNews = (): boolean => isDecided() || (rule.goodForMs !== undefined && asked(run).given.length !== known);
    const moment = nextMoment(rule, clock, asked(run), Date.now());
    const summary = `approval for ${run.input.environment}`;
    const inTime = await condition(isNews, Math.max(moment.atMs - Date.now(), 1), { summary });
    const until = new Date(clock.untilMs).toISOString();
    if (isDecided()) return { inTime, until };
    if (inTime) continue;
    if (moment.kind === 'deadline' && !isDeferred(rule, clock)) return { inTime, until };
    clock = moment.kind === 'deadline' ? await deferred(run, rule, clock) : after(moment, clock);
    run.clock = clock;
    if (isDecided()) continue;
    if (moment.kind === 'widen') run.question = { ...asked(run), widenedTo: rule.widen?.to ?? [] };
    show(run, rule, clock, 'again');
    if (moment.kind !== 'lapse') tell(run, 'reminded');
  }
}

/** What happens at the deadline of this asking: the last one that the sixty days allow is not followed by another. */
function isDeferred(rule: ApprovalRule, { askedMs, untilMs }: QuestionClock): boolean {
  return rule.atDeadline === 'defer' && untilMs - askedMs < DEFERRED_FOR_MS;
}

function after({ kind }: Moment, clock: QuestionClock): QuestionClock {
  if (kind === 'remind') return { ...clock, reminders: clock.reminders + 1 };
  return kind === 'widen' ? { ...clock, widened: true } : clock;
}

/** To the next open window: a freeze does not use up the time that people have. It is then asked for as long again. */
async function deferred(run: PromotionRun, rule: ApprovalRule, clock: QuestionClock): Promise<QuestionClock> {
  const opensMs = await opening(run);
  const { opensMs: _, ...before } = clock;
  const fromMs = Math.max(clock.untilMs, opensMs ?? 0);
  return {
    ...before,
    deferred: clock.deferred + 1,
    untilMs: Math.min(fromMs + rule.deadlineMs, clock.askedMs + DEFERRED_FOR_MS),
    ...(fromMs > clock.untilMs ? { opensMs: fromMs } : {}),
  };
}

/** Whoever cannot say when it opens does not end the question: it is asked for the same time again. */
async function opening(run: PromotionRun): Promise<number | undefined> {
  try {
    return await nextOpeningMs(run);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return undefined;
  }
}

/** What people are told while it waits: whom it waits for, what has happened meanwhile, and what to type. */
function show(run: PromotionRun, rule: ApprovalRule, clock: QuestionClock, time: 'first' | 'again'): void {
  const { planDigest } = planned(run);
  const waiting = {
    reason: reasonOf(run, clock),
    for: askedPeople(rule, asked(run)),
    since: new Date(clock.askedMs).toISOString(),
    until: new Date(clock.untilMs).toISOString(),
    then: isDeferred(rule, clock) ? 'it is asked again' : `${whatItIs(run)} is refused`,
    answer: [
      `${command(run, 'approve')} --plan ${planDigest}`,
      `${command(run, 'reject')} --plan ${planDigest} --reason "…"`,
    ],
  };
  change(run, { approval: { ...asked(run), missing: missing(run) } });
  if (time === 'first') wait(run, 'approval', 'waiting-for-approval', waiting);
  else change(run, { waiting });
}

/** After an answer: whoever looks sees who has said what, and how many are missing. */
function showAnswers(run: PromotionRun): void {
  const { approval: rule } = planned(run).plan;
  if (rule !== undefined && run.clock !== undefined && missing(run) > 0) show(run, rule, run.clock, 'again');
  else change(run, { approval: asked(run) });
}

function missing(run: PromotionRun): number {
  const result = verdict(run);
  return result.kind === 'waiting' ? result.missing : 0;
}

function reasonOf(run: PromotionRun, clock: QuestionClock): string {
  const { plan, planDigest } = planned(run);
  const { required, given, askedAgain } = asked(run);
  const yes = given.filter((one) => isGood(asked(run), one, Date.now())).map((one) => one.approver);
  const { opensMs } = clock;
  return [
    `${plan.environment} wants ${required} yes to plan ${planDigest}`,
    ...(yes.length > 0 ? [`${yes.join(', ')} said yes, ${missing(run)} more needed`] : []),
    ...(askedAgain === undefined ? [] : [askedAgainInWords(askedAgain)]),
    ...(clock.reminders > 0
      ? [`reminder ${clock.reminders}, asked since ${new Date(clock.askedMs).toISOString()}`]
      : []),
    ...(clock.deferred > 0 ? [`deferred ${clock.deferred === 1 ? 'once' : `${clock.deferred} times`}`] : []),
    ...(opensMs === undefined ? [] : [`${plan.environment} opens at ${new Date(opensMs).toISOString()}`]),
  ].join('; ');
}

function askedAgainInWords({ planDigest, changes, void: lost }: AskedAgain): string {
  const why = changes.length === 0 ? `the plan is no longer ${shortDigest(planDigest)}` : changesInWords(changes);
  return `asked again, because of ${why}${lost.length === 0 ? '' : `; the yes of ${lost.join(', ')} is void`}`;
}

/** "2 of release-managers and 1 of security, also on-call, not rita". */
function askedPeople(rule: ApprovalRule, { widenedTo = [], excluded }: ApprovalState): string {
  const also = widenedTo.length > 0 ? `, now also ${widenedTo.join(', ')}` : '';
  return `${groupsInWords(rule)}${also}${excluded.map((one) => `, not ${one.name}`).join('')}`;
}

function asked(run: PromotionRun): ApprovalState {
  if (run.question === undefined) throw new Error('a question that was just open has disappeared');
  return run.question;
}

function verdict(run: PromotionRun): ReturnType<typeof verdictOf> {
  return run.question === undefined ? { kind: 'waiting', missing: 1 } : verdictOf(run.question, Date.now());
}

/** Synchronous: refuses an update before it enters history. */
function refuseEarly(run: PromotionRun, answered: ApprovalStatement & ProvenFacts): void {
  if (run.status.phase === 'finished') {
    const message = `this promotion has ended: ${run.status.outcome?.kind ?? 'unknown'}`;
    throw failureOf({ code: 'release-finished', message });
  }
  const question = run.question;
  const refusal = question === undefined ? NOT_ASKED : (refusalOf(question, answered, Date.now()) ?? decided(run));
  if (refusal !== undefined) throw failureOf(refusal);
}

/** Of several answers that arrive together the ones after the last missing one decide nothing any more. */
function decided(run: PromotionRun): Refusal | undefined {
  if (verdict(run).kind === 'waiting') return undefined;
  return { code: 'approval-not-open', message: 'the question is decided already' };
}

const NOT_ASKED = { code: 'approval-not-open', message: 'nothing waits for an approval here yet' } as const;

/**
 * A flood of answers must not become a flood of activities: the server takes two thousand at once and refuses everything after that.
 * Whoever waits here is asked about again when the question may be decided already.
 */
async function inTurn<Result>(run: PromotionRun, verify: () => Promise<Result>): Promise<Result> {
  // whoever is woken beside others looks again: there may be room for one of them only
  while (run.verifying >= MOST_AT_ONCE) await condition(() => run.verifying < MOST_AT_ONCE);
  run.verifying += 1;
  try {
    return await verify();
  } finally {
    run.verifying -= 1;
  }
}

/** Counts an answer once its author is verified in the environment's own zone; the rules are asked again with what it found. */
async function answer(run: PromotionRun, statement: ApprovalStatement): Promise<ApprovalReply> {
  refuseEarly(run, statement);
  const { plan, planDigest } = planned(run);
  const { requestedBy } = run.input;
  const summary = `verify ${statement.decision} by ${statement.approver}`;
  const request = { plan, planDigest, statement, requestedBy };
  const checked = await inTurn(run, () => {
    refuseEarly(run, statement);
    return run.hands.checkApproval.executeWithOptions({ summary }, [request]);
  });
  if (!checked.ok) throw refused(run, checked.refusal, checked.jti);
  const { ok: _, subject, ...found } = checked;
  const counted = { ...statement, approver: subject, ...found };
  try {
    refuseEarly(run, counted);
  } catch (error) {
    useUp(run, found.jti);
    throw error;
  }
  run.question = withApproval(asked(run), counted, now());
  showAnswers(run);
  tell(run, 'answered');
  tellOverride(run, counted);
  const left = missing(run);
  const message = {
    waiting: `counted; ${left} more needed`,
    approved: 'counted; it goes on',
    rejected: `counted; ${whatItIs(run)} is refused`,
  }[verdict(run).kind];
  return { message, missing: left };
}

function refused(run: PromotionRun, refusal: Refusal, jti: string | undefined): ApplicationFailure {
  useUp(run, jti);
  return failureOf(refusal);
}

/** A statement that was proven and refused is used up: it is not looked at again when the rules have changed. */
function useUp(run: PromotionRun, jti: string | undefined): void {
  if (jti !== undefined && run.question !== undefined) run.question = withRefusedId(run.question, jti);
}

/** The name of the signal says yes or no. */
function said(statement: ApprovalStatement, decision: Decision): ApprovalStatement {
  return typeof statement === 'object' ? { ...statement, decision } : statement;
}

/** A signal has nobody to tell: a refused one stands in the status. */
async function answerQuietly(run: PromotionRun, statement: ApprovalStatement): Promise<void> {
  try {
    await answer(run, statement);
  } catch (error) {
    if (!(error instanceof ApplicationFailure) && !(error instanceof ActivityFailure)) throw error;
    const { code, message } = refusalFrom(error);
    const refused = { approver: nameIn(statement), code, message, at: now() };
    change(run, { refusedAnswers: [...run.status.refusedAnswers, refused].slice(-REMEMBERED) });
  }
}

/** What was refused may be anything, and is kept for as long as the workflow lives. */
function nameIn(statement: unknown): string {
  const { approver } = (statement ?? {}) as { readonly approver?: unknown };
  return typeof approver === 'string' ? approver.slice(0, LONGEST_NAME) : shown(approver);
}
