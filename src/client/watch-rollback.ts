/** Following a roll-back: where it goes, then what the promotion does that brings the version back, then how it ended. */
import { rollbackId } from '../contract/workflow-ids.ts';
import type { Engine } from './engine.ts';
import { type FollowOptions, following, type LookAt, type WatchEvent } from './following.ts';
import { readRollback, type RollbackView } from './roll-back.ts';
import { eventsOfPromotion, goesBack } from './watch-events.ts';

export type WatchRollbackOptions = FollowOptions<RollbackView>;

/** The newest one. Ends after the outcome. Throws `release-not-found` when none was ever started. */
export function watchRollback(
  engine: Engine,
  service: string,
  environment: string,
  options: WatchRollbackOptions = {},
): AsyncGenerator<WatchEvent, RollbackView | undefined> {
  const own = { workflowId: rollbackId(service, environment) };
  const followed = {
    look: () => readRollback(engine, service, environment),
    events: eventsOfRollback,
    isOver: (view: RollbackView) => view.outcome !== undefined,
    runs: (view: RollbackView | undefined) => {
      const { promotion: workflowId, runId } = view ?? {};
      return workflowId === undefined || runId === undefined ? [own] : [own, { workflowId, runId }];
    },
  };
  return following(engine, followed, options);
}

/** Of one and the same roll-back. */
export function eventsOfRollback(
  before: LookAt<RollbackView> | undefined,
  { at: now, view: after }: LookAt<RollbackView>,
): readonly WatchEvent[] {
  const { environment, to, promotion, outcome, endedAt, standing } = after;
  const events: WatchEvent[] = [];
  // what was asked for is not yet what is done
  if (to !== undefined && promotion !== undefined && before?.view.promotion === undefined) {
    events.push({ at: standing?.startedAt ?? now, kind: 'promotion', environment, text: goesBack({ ...after, to }) });
  }
  if (standing !== undefined) {
    const known = before?.view.standing;
    events.push(...eventsOfPromotion(known && { at: before?.at ?? now, promotion: known }, standing, now));
  }
  if (outcome !== undefined && before?.view.outcome === undefined) {
    events.push({ at: endedAt ?? now, kind: 'outcome', text: `${outcome.kind}: ${outcome.reason}` });
  }
  return events;
}
