/** Following a release: looks again when the engine's history grows, and now and then for what leaves no history (retries). */
import { releaseId } from '../contract/workflow-ids.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { type FollowOptions, following, type WatchEvent } from './following.ts';
import type { WatchedRun } from './history-growth.ts';
import { type ReleaseView, readStatus } from './status.ts';
import { eventsBetween } from './watch-events.ts';

export interface WatchOptions extends FollowOptions<ReleaseView> {
  /** Roll-backs to this version too, for as long as one is under way; otherwise the release alone. */
  readonly rollbacks?: boolean;
}

/** Ends after the outcome. Throws `release-not-found`; waits through missing workers and an unreachable engine. */
export function watchRelease(
  engine: Engine,
  key: ReleaseKey,
  { rollbacks = false, ...options }: WatchOptions = {},
): AsyncGenerator<WatchEvent, ReleaseView | undefined> {
  const release = { workflowId: releaseId(key.service, key.version) };
  const followed = {
    look: (known: ReleaseView | undefined) => readStatus(engine, key, { known, rollbacks }),
    events: eventsBetween,
    isOver: (view: ReleaseView) => !isMoving(view),
    runs: (view: ReleaseView | undefined) => [release, ...movingIn(view)],
  };
  return following(engine, followed, options);
}

/** Whether anything more is to come, of the release itself or of a roll-back to it. */
export function isMoving({ release, rollbacks = [] }: ReleaseView): boolean {
  return release.outcome === undefined || rollbacks.some((one) => one.outcome === undefined);
}

function movingIn(view: ReleaseView | undefined): readonly WatchedRun[] {
  const legs = view?.release.legs.filter((leg) => leg.state === 'running') ?? [];
  const rollbacks = view?.rollbacks?.filter((one) => one.outcome === undefined) ?? [];
  return [
    ...legs.map(({ workflowId }) => ({ workflowId })),
    ...rollbacks.map(({ workflowId, runId }) => ({ workflowId, runId })),
  ];
}
