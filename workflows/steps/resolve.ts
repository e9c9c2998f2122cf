/** The beginning of a release: which path, which digest. Waits while its image cannot be looked up. */
import { condition, isCancellation, upsertSearchAttributes } from '@temporalio/workflow';
import type { Refusal } from '../../src/domain/error-code.ts';
import type { Timing } from '../../src/domain/rulebook.ts';
import type { JourneyAnswer } from '../../src/contract/activities.ts';
import type { WireImage } from '../../src/contract/plan.ts';
import { DIGEST } from '../../src/contract/search-attributes.ts';
import type { Waiting } from '../../src/contract/status.ts';
import { promotionId } from '../../src/contract/workflow-ids.ts';
import { engineActivities, environmentActivities, TRY_AGAIN_MS } from './activity-options.ts';
import { betweenPromotions, throwIfAborted } from './release-orders.ts';
import { changeRelease, type ReleaseRun, resumeRelease } from './release-run.ts';
import { Ending, now } from './run.ts';
import { tellRelease, tellReleaseWait } from './telling.ts';
import { isFinal, refusalFrom } from './trouble.ts';

export interface Resolved {
  readonly path: readonly string[];
  readonly image: WireImage;
  readonly timing: Timing;
}

export async function resolve(run: ReleaseRun): Promise<Resolved> {
  const { service, version, until } = run.input;
  const { path, timing, notify = [], keepsEvidence } = await journey(run);
  run.timing = timing;
  run.keepers = keepsEvidence;
  run.notices.interests = notify;
  changeRelease(run, {
    legs: path.map((environment) => ({
      environment,
      workflowId: promotionId(service, version, environment),
      state: 'pending',
    })),
  });
  tellRelease(run, 'started');
  await betweenPromotions(run);
  const image = await lookUp(run, path[0] ?? until ?? '', timing);
  upsertSearchAttributes([{ key: DIGEST, value: image.digest }]);
  changeRelease(run, { phase: 'promoting', image });
  return { path, image, timing };
}

async function journey(run: ReleaseRun): Promise<JourneyAnswer & { readonly ok: true }> {
  const { service, version, until } = run.input;
  const request = { service, version, ...(until === undefined ? {} : { until }) };
  const answer = await engineActivities().readJourney.executeWithOptions({ summary: `path of ${service}` }, [request]);
  if (!answer.ok) throw refused(answer.refusal);
  return answer;
}

async function lookUp(run: ReleaseRun, environment: string, timing: Timing): Promise<WireImage> {
  const { service, version, image, manifests } = run.input;
  const hands = environmentActivities(environment, timing);
  let since: string | undefined;
  for (;;) {
    try {
      const answer = await hands.resolveImage.executeWithOptions({ summary: `resolve ${image}` }, [
        { service, version, environment, image, manifests },
      ]);
      if (answer.ok) return answer.image;
      throw refused(answer.refusal);
    } catch (error) {
      if (error instanceof Ending || isCancellation(error)) throw error;
      const refusal = refusalFrom(error);
      if (isFinal(refusal)) throw refused(refusal);
      since ??= now();
      await waitForRepair(run, refusal, since);
    }
  }
}

/** Nothing has been done yet, so nothing can be lost by trying again: every minute, until somebody aborts. */
async function waitForRepair(run: ReleaseRun, refusal: Refusal, since: string): Promise<void> {
  const { service, version } = run.status;
  const waiting: Waiting = {
    reason: `${refusal.message}${refusal.remedy === undefined ? '' : ` (${refusal.remedy})`}`,
    for: 'an operator',
    since,
    until: new Date(Date.now() + TRY_AGAIN_MS).toISOString(),
    then: 'it tries again by itself',
    answer: [`sluice abort ${service} ${version}`],
  };
  changeRelease(run, { waiting });
  tellReleaseWait(run, 'waiting', waiting);
  await condition(() => run.orders.abort !== undefined, TRY_AGAIN_MS, { summary: `try again: ${refusal.code}` });
  resumeRelease(run);
  throwIfAborted(run);
}

function refused(refusal: Refusal): Ending {
  return new Ending({ kind: 'refused', reason: refusal.message, refusal });
}
