/** What has happened between two looks at a release, one event per line. Pure. */
import type { PromotionStatus, StepState, StepStatus } from '../contract/status.ts';
import type { ReleaseView, Retrying } from './status.ts';

export interface WatchEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly kind: 'release' | 'promotion' | 'step' | 'waiting' | 'attention' | 'retrying' | 'answer-refused' | 'outcome';
  readonly environment?: string;
  readonly step?: string;
  readonly state?: StepState;
  /** One line for people. */
  readonly text: string;
  /** How long the step took, milliseconds. */
  readonly tookMs?: number;
  /** Commands that would answer it. */
  readonly answer?: readonly string[];
}

/** `now` (ISO 8601) dates what carries no time of its own. In the order in which it happened. */
export function eventsBetween(before: ReleaseView | undefined, after: ReleaseView, now: string): readonly WatchEvent[] {
  return [
    ...begun(before, after),
    ...after.promotions.flatMap((promotion) => ofPromotion(sameOf(before, promotion), promotion, now)),
    ...after.retrying.filter((one) => !tried(before, one)).map((one) => ofRetry(one, now)),
    ...ended(before, after, now),
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

function ofPromotion(before: PromotionStatus | undefined, after: PromotionStatus, now: string): readonly WatchEvent[] {
  const { environment } = after;
  const events: WatchEvent[] = [];
  if (before === undefined) {
    events.push({
      at: after.startedAt,
      kind: 'promotion',
      environment,
      text: `${after.service} ${after.version} → ${environment}`,
    });
  }
  for (const step of after.steps) {
    const known = before?.steps.find((one) => one.step === step.step)?.state ?? 'pending';
    if (step.state !== known) events.push(ofStep(environment, step, now));
  }
  if (after.waiting !== undefined && after.waiting.since !== before?.waiting?.since) {
    const { reason, since, until, then, answer } = after.waiting;
    const end = until === undefined ? '' : `, until ${until}${then === undefined ? '' : `, then: ${then}`}`;
    events.push({ at: since, kind: 'waiting', environment, text: `${reason}; for ${after.waiting.for}${end}`, answer });
  }
  if (after.attention !== undefined && after.attention.since !== before?.attention?.since) {
    const { since, step, code, message, remedy } = after.attention;
    const text = `needs attention: ${message} (${code})${remedy === undefined ? '' : `; ${remedy}`}`;
    events.push({ at: since, kind: 'attention', environment, step, text });
  }
  for (const refused of after.refusedAnswers.slice(before?.refusedAnswers.length ?? 0)) {
    const text = `answer of ${refused.approver} not counted: ${refused.message}`;
    events.push({ at: refused.at, kind: 'answer-refused', environment, text });
  }
  if (after.outcome !== undefined && before?.outcome === undefined) {
    events.push({ at: now, kind: 'promotion', environment, text: `${after.outcome.kind}: ${after.outcome.reason}` });
  }
  return events.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function ofStep(environment: string, step: StepStatus, now: string): WatchEvent {
  const tookMs =
    step.startedAt === undefined || step.endedAt === undefined
      ? undefined
      : Date.parse(step.endedAt) - Date.parse(step.startedAt);
  return {
    at: step.endedAt ?? step.startedAt ?? now,
    kind: 'step',
    environment,
    step: step.step,
    state: step.state,
    text: step.summary ?? (step.state === 'undone' ? step.undo : step.does),
    ...(tookMs === undefined ? {} : { tookMs }),
  };
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

function ended(before: ReleaseView | undefined, { release }: ReleaseView, now: string): readonly WatchEvent[] {
  if (release.outcome === undefined || before?.release.outcome !== undefined) return [];
  return [{ at: now, kind: 'outcome', text: `${release.outcome.kind}: ${release.outcome.reason}` }];
}

function sameOf(view: ReleaseView | undefined, promotion: PromotionStatus): PromotionStatus | undefined {
  return view?.promotions.find((one) => one.environment === promotion.environment);
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
