/** What happens to an open question by itself, and when: reminders, widening, a yes that grows old, the deadline. */
import type { ApprovalState } from './approval.ts';
import { goodUntilMs, isGood } from './approval-count.ts';
import type { ApprovalRule } from './rulebook.ts';

export interface QuestionClock {
  /** When people were first asked. */
  readonly askedMs: number;
  /** When the question closes, or is deferred. */
  readonly untilMs: number;
  readonly reminders: number;
  readonly widened: boolean;
  /** How often its deadline has passed without a decision. */
  readonly deferred: number;
  /** Where it was deferred to a window that was closed: when that opens, as the zone said. */
  readonly opensMs?: number;
}

export type MomentKind = 'remind' | 'widen' | 'lapse' | 'deadline';

export interface Moment {
  readonly kind: MomentKind;
  readonly atMs: number;
}

/** The next of them; the deadline comes first when several are due at once. */
export function nextMoment(rule: ApprovalRule, clock: QuestionClock, state: ApprovalState, nowMs: number): Moment {
  const { askedMs, untilMs, reminders, widened } = clock;
  const moments: Moment[] = [{ kind: 'deadline', atMs: untilMs }];
  if (rule.widen !== undefined && !widened) moments.push({ kind: 'widen', atMs: askedMs + rule.widen.afterMs });
  if (rule.remindEveryMs !== undefined) {
    moments.push({ kind: 'remind', atMs: askedMs + (reminders + 1) * rule.remindEveryMs });
  }
  const { goodForMs } = rule;
  if (goodForMs !== undefined) {
    const lapses = state.given
      .filter((one) => one.decision === 'approve' && isGood(state, one, nowMs))
      .map((one) => goodUntilMs(one, goodForMs));
    if (lapses.length > 0) moments.push({ kind: 'lapse', atMs: Math.min(...lapses) });
  }
  return moments.reduce((first, one) => (one.atMs < first.atMs ? one : first));
}
