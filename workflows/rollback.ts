/**
 * Back to a version that ran well in an environment: first a hold, so that nothing deploys again what is being taken away, then a promotion
 * like any other, approved by the same people, undone if it fails. Gates do not ask it, and no stop keeps it out: whoever has stopped
 * everything wants to be able to go back. The hold stays until somebody lifts it.
 */
import { isCancellation, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { PromotionInput, PromotionResult } from '../src/contract/promotion-workflow.ts';
import type { Inside, JourneyAnswer } from '../src/contract/activities.ts';
import type { KnownGood } from '../src/contract/plan.ts';
import {
  type RollbackInput,
  rollbackQuery,
  type RollbackResult,
  type RollbackStatus,
} from '../src/contract/rollback-workflow.ts';
import { OUTCOME, VERSION } from '../src/contract/search-attributes.ts';
import type { Outcome } from '../src/contract/status.ts';
import type { Timing } from '../src/domain/rulebook.ts';
import { promotionId } from '../src/contract/workflow-ids.ts';
import { engineActivities, environmentActivities } from './steps/activity-options.ts';
import { runPromotion } from './steps/child-promotion.ts';
import { rollbackDetails } from './steps/details.ts';
import { keepEvidence, placesFor } from './steps/evidence.ts';
import { allTold, type Notices, openNotices } from './steps/notices.ts';
import { whoHasEnded } from './steps/still-there.ts';
import { tellRollback } from './steps/telling.ts';
import { holdAtDesk } from './steps/turn.ts';
import { Ending, now } from './steps/run.ts';

type Journey = JourneyAnswer & { readonly ok: true };

export async function rollback(input: RollbackInput): Promise<RollbackResult> {
  let status: RollbackStatus = { format: 1, kind: 'rollback', ...input };
  const change = (fields: Partial<RollbackStatus>): void => {
    status = { ...status, ...fields };
    setCurrentDetails(rollbackDetails(status));
  };
  change({});
  setHandler(rollbackQuery, () => status);
  let found: RollbackResult = { outcome: { kind: 'aborted', reason: 'cancelled from outside' } };
  // who hears of it is known with the way of the service
  const notices = openNotices();
  let timing: Timing | undefined;
  let keepers: readonly string[] | undefined;
  let left: string | undefined;
  try {
    const { known, awayFrom, journey, current } = await find(input, notices);
    timing = journey.timing;
    keepers = journey.keepsEvidence;
    left = current;
    const { version, rolledBackAt } = known;
    const target = { to: version, ...(rolledBackAt === undefined ? {} : { rolledBackAt }) };
    change(target);
    await holdAtDesk(input, version, journey.timing);
    change({ promotion: promotionId(input.service, version, input.environment) });
    tellRollback(notices, status, 'started');
    const promotion = await bringBack(input, { known, awayFrom, journey }, (runId) => change({ runId }));
    found = { ...target, promotion, outcome: promotion.outcome };
  } catch (error) {
    if (error instanceof Ending) found = { outcome: error.outcome };
    else if (error instanceof WorkflowExecutionAlreadyStartedError) found = { outcome: busy(error) };
    else if (!isCancellation(error)) throw error;
  }
  change({ outcome: found.outcome, endedAt: now() });
  // without a version it came to no promotion, and is listed for itself
  const to = found.promotion === undefined ? undefined : found.to;
  const version = to === undefined ? [] : [{ key: VERSION, value: to }];
  upsertSearchAttributes([{ key: OUTCOME, value: found.outcome.kind }, ...version]);
  tellRollback(notices, status, found.outcome.kind);
  await allTold(notices);
  if (found.promotion !== undefined && found.to !== undefined && timing !== undefined) {
    const { service, environment } = input;
    const places = placesFor([found.promotion], keepers);
    // an engine that does not say who keeps evidence knew neither the name nor the second one
    const own = keepers === undefined ? {} : { rollbackIn: environment };
    await keepEvidence({ service, version: found.to, places, timing, ...own });
    if (keepers !== undefined && left !== undefined && left !== found.to)
      await keepEvidence({ service, version: left, places, timing, ...own });
  }
  return found;
}

interface Found {
  readonly known: KnownGood;
  /** The version that is to be taken away, where nobody named the one to go back to, and in a rehearsal. */
  readonly awayFrom: string | undefined;
  /** The version that runs there now, as far as the environment knows. */
  readonly current: string | undefined;
  readonly journey: Journey;
}

async function find(input: RollbackInput, notices: Notices): Promise<Found> {
  const { service, environment, to } = input;
  const version = to ?? 'any';
  const journey = await engineActivities().readJourney({ service, version, until: environment });
  if (!journey.ok) throw new Ending(refusedBy(journey.refusal));
  notices.interests = journey.notify ?? [];
  const request = { service, environment, ...(to === undefined ? {} : { to }) };
  const summary = `what ran well in ${environment} before`;
  const hands = environmentActivities(environment, journey.timing);
  const answer = await hands.findKnownGood.executeWithOptions({ summary }, [request]);
  const isSure = to === undefined || input.rehearsal !== undefined;
  if (isSure && answer.inside !== undefined) await refuseWhileInside(input, answer.inside);
  if (!answer.ok) throw new Ending(refusedBy(answer.refusal));
  const { known, current } = answer;
  const awayFrom = input.rehearsal?.awayFrom ?? (to === undefined ? current : undefined);
  return { known, awayFrom, current, journey };
}

/** What ran before what runs now is one too far back as soon as whoever is inside has ended well. */
async function refuseWhileInside(
  { service, environment }: RollbackInput,
  { version, workflowId, runId }: Inside,
): Promise<void> {
  const ended = await whoHasEnded([{ workflowId, runId }]).catch(nobodyUnlessCancelled);
  if (ended.includes(runId)) return;
  const message = `${workflowId} is under way: back from what is not known yet`;
  const remedy = `let it end; or undo it with "sluice rollback ${service} ${version} --environment ${environment}"; or name where to go with "--to"`;
  throw new Ending(refusedBy({ code: 'command-not-possible', message, remedy }));
}

/** Of whom nobody can tell whether it goes on, that one is taken to go on. */
function nobodyUnlessCancelled(error: unknown): readonly string[] {
  if (isCancellation(error)) throw error;
  return [];
}

/** The same id as the promotion that brought the version there first, which has ended: whoever names it means the newest run. */
async function bringBack(
  input: RollbackInput,
  { known, awayFrom, journey: { timing, notify } }: Omit<Found, 'current'>,
  begun: (runId: string) => void,
): Promise<PromotionResult> {
  const { service, environment, requestedBy, reason, rehearsal } = input;
  const { version, image, manifests } = known;
  const asked: PromotionInput = {
    ...{ service, version, environment, image, manifests, requestedBy, timing },
    source: environment,
    priority: 'hot-fix',
    rollback: {
      reason,
      ...(awayFrom === undefined ? {} : { awayFrom }),
      ...(rehearsal === undefined ? {} : { rehearsal: true }),
    },
    ...(notify === undefined ? {} : { notify }),
  };
  return runPromotion(asked, {
    reuse: 'ALLOW_DUPLICATE',
    summary: `${environment} back to ${service} ${version}`,
    begun,
  });
}

/** The hold stays: whoever asked wanted nothing else to enter. */
function busy({ workflowId }: WorkflowExecutionAlreadyStartedError): Outcome {
  const message = `${workflowId} is under way already`;
  const remedy = 'let it end or abort it, then ask for the roll-back again';
  return refusedBy({ code: 'command-not-possible', message, remedy });
}

function refusedBy(refusal: NonNullable<Outcome['refusal']>): Outcome {
  return { kind: 'refused', reason: refusal.message, refusal };
}
