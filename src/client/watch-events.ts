/** What has happened between two looks at a release, one event per line. Pure. */
import type { PromotionStatus, StepStatus, Waiting } from '../contract/status.ts';
import { describeRestraint, restraintLine } from '../domain/restraint.ts';
import { waitLine } from '../domain/waiting.ts';
import type { LookAt, WatchEvent } from './following.ts';
import type { ReleaseView, RestraintThere, Retrying, RollbackRun } from './status.ts';

export type Look = LookAt<ReleaseView>;

/** A step is announced when it has run for so long; a quicker one is told once, when it has ended. */
const LONG_MS = 1_000;

/** In the order in which it happened, environment by environment. */
export function eventsBetween(before: Look | undefined, { at: now, view: after }: Look): readonly WatchEvent[] {
  return [
    ...begun(before?.view, after),
    ...ofWait({ at: before?.at, waiting: before?.view.release.waiting }, after.release.waiting, now),
    ...after.promotions.flatMap((promotion) => eventsOfPromotion(sameOf(before, promotion), promotion, now)),
    ...ofRestraints(before?.view, after, now),
    ...after.retrying.filter((one) => !tried(before?.view, one)).map((one) => ofRetry(one, now)),
    ...ended(before?.view, after, now),
    ...(after.rollbacks ?? []).flatMap((one) => ofRollback(before, one, now)),
  ];
}

function begun(before: ReleaseView | undefined, { release }: ReleaseView): readonly WatchEvent[] {
  const digest = release.image?.digest;
  const events: WatchEvent[] = [];
  if (before === undefined) {
    const text = `${release.service} ${release.version}: ${release.requestedImage}, for ${release.requestedBy}`;
    events.push({ at: release.startedAt, kind: 'release', text });
  }
  if (digest !== undefined && before?.release.image === undefined) {
    events.push({ at: release.startedAt, kind: 'release', text: `resolved to ${release.image?.repository}@${digest}` });
  }
  return events;
}

interface Before {
  readonly at: string;
  readonly promotion: PromotionStatus;
}

/** Of one promotion, in the order in which it happened. */
export function eventsOfPromotion(
  before: Before | undefined,
  after: PromotionStatus,
  now: string,
): readonly WatchEvent[] {
  const { environment } = after;
  const events: WatchEvent[] = [];
  if (before === undefined && after.rollback === undefined) {
    const text = `${after.service} ${after.version} → ${environment}`;
    events.push({ at: after.startedAt, kind: 'promotion', environment, text });
  }
  events.push(...ofSteps(before, after, now), ...ofPeople(before, after, now));
  if (after.outcome !== undefined && before?.promotion.outcome === undefined) {
    const text = `${after.outcome.kind}: ${after.outcome.reason}`;
    events.push({ at: after.endedAt ?? lastEnd(after) ?? now, kind: 'promotion', environment, text });
  }
  return events.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** A roll-back says first where it goes. */
function ofRollback(before: Look | undefined, after: RollbackRun, now: string): readonly WatchEvent[] {
  const { environment, startedAt: at, version: to, rollback } = after;
  const known = before?.view.rollbacks?.find((one) => one.runId === after.runId);
  const same = before === undefined || known === undefined ? undefined : { at: before.at, promotion: known };
  const text = goesBack({ ...after, to, reason: rollback?.reason ?? '' });
  const begun: readonly WatchEvent[] = same === undefined ? [{ at, kind: 'promotion', environment, text }] : [];
  return [...begun, ...eventsOfPromotion(same, after, now)];
}

/** "production goes back to iam 2026.11.2, for grace: errors in the log". */
export function goesBack(to: {
  readonly environment: string;
  readonly service: string;
  readonly to: string;
  readonly requestedBy: string;
  readonly reason: string;
  readonly rolledBackAt?: string;
}): string {
  const before = to.rolledBackAt === undefined ? '' : ` (rolled back there before, at ${to.rolledBackAt})`;
  return `${to.environment} goes back to ${to.service} ${to.to}${before}, for ${to.requestedBy}: ${to.reason}`;
}

function ofSteps(before: Before | undefined, after: PromotionStatus, now: string): readonly WatchEvent[] {
  // what was skipped has no time: it belongs after the step before it
  let at = after.startedAt;
  const events: WatchEvent[] = [];
  for (const step of after.steps) {
    at = step.endedAt ?? step.startedAt ?? at;
    const known = before?.promotion.steps.find((one) => one.step === step.step);
    if (isNews(known, before?.at, step, now)) events.push(ofStep(after, step, at));
  }
  return events;
}

function isNews(known: StepStatus | undefined, knownAt: string | undefined, step: StepStatus, now: string): boolean {
  if (step.state === 'pending') return false;
  if (step.state !== 'running') return step.state !== known?.state;
  const announced = known?.state === 'running' && knownAt !== undefined && runsLong(known, knownAt);
  return runsLong(step, now) && !announced;
}

function runsLong({ startedAt }: StepStatus, at: string): boolean {
  return startedAt !== undefined && Date.parse(at) - Date.parse(startedAt) >= LONG_MS;
}

function ofStep({ environment, plan }: PromotionStatus, step: StepStatus, at: string): WatchEvent {
  const tookMs =
    step.startedAt === undefined || step.endedAt === undefined
      ? undefined
      : Date.parse(step.endedAt) - Date.parse(step.startedAt);
  const skipped = step.state === 'skipped' ? plan?.steps.find((one) => one.step === step.step)?.skipped : undefined;
  return {
    at,
    kind: 'step',
    environment,
    step: step.step,
    state: step.state,
    text: skipped ?? step.summary ?? (step.state === 'undone' ? step.undo : step.does),
    ...(tookMs === undefined ? {} : { tookMs }),
  };
}

/** What is asked of people, and what became of their answers. */
function ofPeople(look: Before | undefined, after: PromotionStatus, now: string): readonly WatchEvent[] {
  const { environment, waiting, attention } = after;
  const before = look?.promotion;
  const events = ofWait({ at: look?.at, waiting: before?.waiting }, waiting, now).map((event): WatchEvent => ({
    ...event,
    environment,
  }));
  if (attention !== undefined && attention.since !== before?.attention?.since) {
    const { since, step, code, message, remedy } = attention;
    const text = `needs attention: ${message} (${code})${remedy === undefined ? '' : `; ${remedy}`}`;
    events.push({ at: since, kind: 'attention', environment, step, text });
  }
  // the status keeps the last of them only: how many it has says nothing
  const known = new Set(before?.refusedAnswers.map(nameOf));
  for (const refused of after.refusedAnswers.filter((one) => !known.has(nameOf(one)))) {
    const text = `answer of ${refused.approver} not counted: ${refused.message}`;
    events.push({ at: refused.at, kind: 'answer-refused', environment, text });
  }
  return events;
}

function nameOf({ at, approver, code }: PromotionStatus['refusedAnswers'][number]): string {
  return [at, approver, code].join('\n');
}

interface Waited {
  /** Of the look before; undefined at the first. */
  readonly at: string | undefined;
  readonly waiting: Waiting | undefined;
}

/** A wait is told anew whenever anything of it has changed: a place, an end, whom it is for, a reminder, a command. */
function ofWait(before: Waited, after: Waiting | undefined, now: string): readonly WatchEvent[] {
  if (after === undefined || said(after) === said(before.waiting)) return [];
  const hasJustBegun = before.at === undefined || after.since > before.at;
  return [{ at: hasJustBegun ? after.since : now, kind: 'waiting', text: waitLine(after), answer: after.answer }];
}

function said(wait: Waiting | undefined): string {
  return wait === undefined ? '' : [waitLine(wait), ...wait.answer].join('\n');
}

/** What stops or holds it from now on, and what does so no longer. */
function ofRestraints(before: ReleaseView | undefined, after: ReleaseView, now: string): readonly WatchEvent[] {
  if (after.restraints === undefined) return [];
  const isKnown = (one: RestraintThere): boolean =>
    (before?.restraints ?? []).some((known) => sameScope(known, one) && known.since === one.since);
  const begun = after.restraints
    .filter((one) => !isKnown(one))
    .map((one) => ({ at: one.since, environment: one.environment, text: restraintLine(one) }));
  const isAhead = (environment: string): boolean =>
    after.release.legs.some((leg) => leg.environment === environment && leg.state !== 'finished');
  const over = (before?.restraints ?? [])
    .filter((one) => isAhead(one.environment) && !after.restraints?.some((other) => sameScope(one, other)))
    .map((one) => ({ at: now, environment: one.environment, text: `over: ${describeRestraint(one)}` }));
  return [...begun, ...over].map((one) => ({ ...one, kind: 'restraint' }));
}

function sameScope(one: RestraintThere, other: RestraintThere): boolean {
  return one.kind === other.kind && one.environment === other.environment && one.service === other.service;
}

function lastEnd(promotion: PromotionStatus | undefined): string | undefined {
  return promotion?.steps.reduce<string | undefined>((last, { endedAt }) => {
    return endedAt !== undefined && (last === undefined || endedAt > last) ? endedAt : last;
  }, undefined);
}

function ofRetry(retrying: Retrying, now: string): WatchEvent {
  return {
    at: now,
    kind: 'retrying',
    ...(retrying.environment === undefined ? {} : { environment: retrying.environment }),
    text: formatRetrying(retrying),
  };
}

/** "retrying since 10:02:11, attempt 4: registry onestreamprod unreachable". */
export function formatRetrying({ since, attempt, message, code }: Retrying): string {
  const start = since === undefined ? '' : ` since ${since}`;
  return `retrying${start}, attempt ${attempt}: ${message}${code === undefined ? '' : ` (${code})`}`;
}

function ended(
  before: ReleaseView | undefined,
  { release, promotions }: ReleaseView,
  now: string,
): readonly WatchEvent[] {
  if (release.outcome === undefined || before?.release.outcome !== undefined) return [];
  return [
    {
      at: release.endedAt ?? lastEnd(promotions.at(-1)) ?? now,
      kind: 'outcome',
      text: `${release.outcome.kind}: ${release.outcome.reason}`,
    },
  ];
}

function sameOf(before: Look | undefined, promotion: PromotionStatus): Before | undefined {
  const same = before?.view.promotions.find((one) => one.environment === promotion.environment);
  return before === undefined || same === undefined ? undefined : { at: before.at, promotion: same };
}

function tried(view: ReleaseView | undefined, retrying: Retrying): boolean {
  return (
    view?.retrying.some(
      (one) =>
        one.environment === retrying.environment &&
        one.activity === retrying.activity &&
        one.attempt === retrying.attempt,
    ) ?? false
  );
}
