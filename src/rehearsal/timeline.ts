/** From what was seen on the way to one timeline: pure, so that it can be tried without a server. */
import type { PromotionStatus } from '../contract/status.ts';
import type { Rehearsal, RehearsalEvent, RehearsedEnvironment, WaitKind } from './rehearsal.ts';

export interface Seen extends Omit<Rehearsal, 'environments' | 'events'> {
  /** Waits and answers. */
  readonly events: readonly RehearsalEvent[];
  /** Each promotion that began, as it stood at the end. */
  readonly promotions: readonly PromotionStatus[];
  readonly givenUp?: string;
}

export function timelineOf(seen: Seen): Rehearsal {
  const { service, version, path, approveAfterMs, startedAt, endedAt, promotions, outcome, givenUp } = seen;
  const environments = promotions.map((one) => environmentOf(one, seen.events));
  const entered = environments.flatMap(({ environment, enteredAt }): readonly RehearsalEvent[] =>
    enteredAt === undefined ? [] : [{ at: enteredAt, kind: 'entered', environment }],
  );
  const ended = environments.flatMap(({ environment, outcome: end }): readonly RehearsalEvent[] =>
    end === undefined || end.kind === 'released' ? [] : [{ at: endedAt, kind: 'ended', environment, outcome: end }],
  );
  const events: readonly RehearsalEvent[] = [
    { at: startedAt, kind: 'started' },
    ...inOrder([...entered, ...seen.events], path),
    ...ended,
    ...(outcome === undefined ? [] : [{ at: endedAt, kind: 'finished', outcome } as const]),
    ...(givenUp === undefined ? [] : [{ at: endedAt, kind: 'given-up', reason: givenUp } as const]),
  ];
  return {
    ...{ service, version, path, approveAfterMs, startedAt, endedAt, events, environments },
    ...(outcome === undefined ? {} : { outcome }),
  };
}

function environmentOf(
  { environment, steps, outcome }: PromotionStatus,
  events: readonly RehearsalEvent[],
): RehearsedEnvironment {
  const admitted = steps.find((one) => one.step === 'admit' && one.state === 'done');
  const waitedMs: Partial<Record<WaitKind, number>> = {};
  for (const event of events) {
    if (event.kind !== 'waits' || event.environment !== environment || event.until === undefined) continue;
    waitedMs[event.waitsFor] = (waitedMs[event.waitsFor] ?? 0) + Date.parse(event.until) - Date.parse(event.at);
  }
  // what was let in only after a gate had closed at the door is let in at its last try
  return {
    environment,
    waitedMs,
    ...(admitted?.endedAt === undefined ? {} : { enteredAt: admitted.endedAt }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

/** By time; at one moment along the path, and in an environment as a promotion goes. */
function inOrder(events: readonly RehearsalEvent[], path: readonly string[]): readonly RehearsalEvent[] {
  const place = (event: RehearsalEvent): number => ('environment' in event ? path.indexOf(event.environment) : -1);
  const rank = ({ kind }: RehearsalEvent): number => AS_IT_GOES.indexOf(kind);
  return events.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || place(a) - place(b) || rank(a) - rank(b));
}

const AS_IT_GOES: readonly RehearsalEvent['kind'][] = ['waits', 'answered', 'unanswered', 'entered'];
