/** What is told of a promotion, of a release and of a roll-back: their status, shortened. */
import type { RollbackStatus } from '../../src/contract/rollback-workflow.ts';
import type { Attention, Outcome, Waiting } from '../../src/contract/status.ts';
import type { ApprovalState, ApprovalStatement } from '../../src/domain/approval.ts';
import type { EventData, EventName } from '../../src/domain/notification.ts';
import { cutAfter } from '../../src/domain/plain-text.ts';
import { replacesInWords } from '../../src/domain/plan-change.ts';
import type { Wait } from '../../src/domain/waiting.ts';
import { isNewWait, type Notices, send } from './notices.ts';
import type { ReleaseRun } from './release-run.ts';
import type { PromotionRun } from './run.ts';

/** People read it on a telephone; the whole text stands in the status. */
const MOST_CHARACTERS = 2_000;
const MOST_COMMANDS = 10;

export function tell(run: PromotionRun, event: EventName): void {
  run.notices.lastWait = undefined;
  sendPromotion(run, event);
}

/** `kind`: what the wait is for, in a word. */
export function tellWait(run: PromotionRun, event: EventName, kind: string, waiting: Waiting): void {
  if (isNewWait(run.notices, newsOf(run, event, kind, waiting))) sendPromotion(run, event);
}

/**
 * What makes it another wait for whoever is told. While people, gates or its turn are waited for only the kind and whom it is for: the
 * rest changes with every lease that ends and with every look at a gate. Anything else stands still for a reason of its own.
 */
function newsOf({ turn }: PromotionRun, event: EventName, kind: string, waiting: Waiting): readonly string[] {
  if (event !== 'waiting') return [event, waiting.for, waiting.reason];
  if (kind !== 'turn') return [event, kind, waiting.for];
  const keptOutBy = turn?.kind === 'waiting' ? turn.restraint?.by : undefined;
  return [event, kind, ...(keptOutBy === undefined ? [] : [keptOutBy])];
}

/** Nothing where the answer passes no gate. Whatever it waits for besides is no news because of it. */
export function tellOverride(run: PromotionRun, { overrides = [], approver, reason = '' }: ApprovalStatement): void {
  if (overrides.length === 0) return;
  send(run.notices, { event: 'overridden', environment: run.input.environment }, () => ({
    ...promotionData(run, 'overridden'),
    overridden: { gates: overrides.map(cut), by: cut(approver), reason: cut(reason) },
  }));
}

export function tellRollback(notices: Notices, status: RollbackStatus, event: EventName): void {
  const { service, environment, to, requestedBy, outcome } = status;
  send(notices, { event, environment }, () => ({
    format: 1,
    about: 'rollback',
    event,
    service,
    environment,
    ...(to === undefined ? {} : { version: to }),
    requestedBy: cut(requestedBy),
    phase: outcome === undefined ? 'promoting' : 'finished',
    ...outcomeOf(outcome),
  }));
}

export function tellRelease(run: ReleaseRun, event: EventName): void {
  run.notices.lastWait = undefined;
  send(run.notices, { event }, () => releaseData(run, event));
}

export function tellReleaseWait(run: ReleaseRun, event: EventName, waiting: Waiting): void {
  const isNew = isNewWait(run.notices, [event, waiting.for, waiting.reason]);
  if (isNew) send(run.notices, { event }, () => releaseData(run, event));
}

function sendPromotion(run: PromotionRun, event: EventName): void {
  send(run.notices, { event, environment: run.input.environment }, () => promotionData(run, event));
}

function promotionData({ status }: PromotionRun, event: EventName): EventData {
  const { service, version, environment, image, requestedBy, phase, step, planDigest, approval } = status;
  const approvedBy = (approval?.given ?? []).filter((one) => one.decision === 'approve').map((one) => one.approver);
  return {
    format: 1,
    about: 'promotion',
    event,
    service,
    version,
    environment,
    image,
    requestedBy: cut(requestedBy),
    phase,
    ...(step === undefined ? {} : { step }),
    ...(planDigest === undefined ? {} : { planDigest }),
    ...(approvedBy.length === 0 ? {} : { approvedBy: approvedBy.map(cut) }),
    ...changedOf(approval),
    ...waitingOf(status.waiting),
    ...attentionOf(status.attention),
    ...outcomeOf(status.outcome),
  };
}

function releaseData({ status }: ReleaseRun, event: EventName): EventData {
  const { service, version, image, requestedBy, phase } = status;
  return {
    format: 1,
    about: 'release',
    event,
    service,
    version,
    ...(image === undefined ? {} : { image }),
    requestedBy: cut(requestedBy),
    phase,
    ...waitingOf(status.waiting),
    ...outcomeOf(status.outcome),
  };
}

/** What the published schema describes and nothing more: which gates may be passed has texts that nobody has cut. */
function waitingOf(waiting: Waiting | undefined): { readonly waiting?: Wait } {
  if (waiting === undefined) return {};
  const { passable: _, ...wait } = waiting;
  const answer = wait.answer.slice(0, MOST_COMMANDS).map(cut);
  return { waiting: { ...wait, reason: cut(wait.reason), for: cut(wait.for), answer } };
}

function changedOf(approval: ApprovalState | undefined): Pick<EventData, 'changed'> {
  return approval?.replacesNow === undefined ? {} : { changed: cut(replacesInWords(approval.replacesNow)) };
}

/** What was expected and got stays in the status: it may name addresses that are nobody else's business. */
function attentionOf(attention: Attention | undefined): Pick<EventData, 'attention'> {
  if (attention === undefined) return {};
  const { code, message, remedy } = attention;
  return { attention: { code, message: cut(message), ...(remedy === undefined ? {} : { remedy: cut(remedy) }) } };
}

function outcomeOf(outcome: Outcome | undefined): Pick<EventData, 'outcome'> {
  if (outcome === undefined) return {};
  const { kind, reason, refusal } = outcome;
  return { outcome: { kind, reason: cut(reason), ...(refusal === undefined ? {} : { code: refusal.code }) } };
}

function cut(text: string): string {
  return cutAfter(text, MOST_CHARACTERS);
}
