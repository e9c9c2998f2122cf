/** One leg of an observed journey: as if the legs before it had gone well. */
import { workflowInfo } from '@temporalio/workflow';
import type { GatesAnswer, KnownGoodAnswer, PlanAnswer, StepRequest } from '../../src/contract/activities.ts';
import type {
  Looked,
  ObservationInput,
  ObserveClusterAnswer,
  ObservedEnvironment,
  ObserveImageAnswer,
  ObserveRegistryAnswer,
} from '../../src/contract/observation-workflow.ts';
import type { Entry, WireImage } from '../../src/contract/plan.ts';
import { verdictOfSteps } from '../../src/domain/observed.ts';
import type { Timing } from '../../src/domain/rulebook.ts';
import { lookers, observers } from '../steps/activity-options.ts';
import { attemptOf, type Failed } from './attempt.ts';
import { stepsOf, unplanned } from './steps.ts';

export interface Leg {
  readonly environment: string;
  readonly source: string;
  /** The first one of the path: its registry has the image. */
  readonly first: string;
  readonly before: readonly string[];
  readonly image: WireImage;
  readonly timing: Timing;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** What was seen of a leg whose plan can be made. */
export interface Sights {
  readonly planned: PlanAnswer & { readonly ok: true };
  readonly image: { readonly proofs: Looked; readonly content: Looked };
  readonly gates: GatesAnswer | Failed;
  /** Who is under way there by now; undefined: nobody, or nobody can tell. */
  readonly inside: string | undefined;
  readonly registry: ObserveRegistryAnswer;
  readonly cluster: ObserveClusterAnswer | Failed;
}

export async function observeEnvironment(input: ObservationInput, leg: Leg): Promise<ObservedEnvironment> {
  const { environment, source } = leg;
  const planned = await plan(input, leg);
  if (!planned.ok) {
    const steps = unplanned(planned);
    return {
      environment,
      source,
      verdict: verdictOfSteps(steps.map((one) => one.answer)),
      refusal: planned.refusal,
      steps,
    };
  }
  const sights = await lookAround(input, leg, planned);
  const steps = stepsOf(sights);
  const { live, changes } = 'live' in sights.cluster ? sights.cluster : {};
  const verdict = verdictOfSteps(steps.map((one) => one.answer));
  const grave = {
    'would-be-refused': 'no',
    'would-need-attention': 'attention',
    'would-wait': 'wait',
    'would-be-released': '',
  };
  const refusal = steps.find((one) => one.answer === grave[verdict])?.refusal;
  const { current } = planned.baseline;
  return {
    ...{ environment, source, verdict },
    ...(refusal === undefined ? {} : { refusal }),
    planDigest: planned.planDigest,
    ...(current === undefined ? {} : { replaces: current.version }),
    steps,
    ...(live === undefined ? {} : { live }),
    ...(changes === undefined ? {} : { changes }),
  };
}

function plan(
  { service, version, manifests }: ObservationInput,
  { environment, source, image, timing }: Leg,
): Promise<PlanAnswer | Failed> {
  // the manifests travel with the observation: where a release would find them nobody has put them
  const request = { service, version, environment, source, image, manifests, manifestsPublished: false };
  const summary = `plan ${service} ${version} → ${environment}`;
  return attemptOf(() => observers(environment, timing).planPromotion.executeWithOptions({ summary }, [request]));
}

async function lookAround(input: ObservationInput, leg: Leg, planned: Sights['planned']): Promise<Sights> {
  const eyes = observers(leg.environment, leg.timing);
  const request = requestOf(input, leg, planned);
  const { environment } = leg;
  const [image, gates, inside, registry, cluster] = await Promise.all([
    observeImage(input, leg),
    attemptOf(() => eyes.observeGates.executeWithOptions({ summary: `gates of ${environment} now` }, [request])),
    whoIsInside(input, leg),
    attemptOf(() =>
      eyes.observeRegistry.executeWithOptions({ summary: `could be imported into ${environment}?` }, [request]),
    ),
    attemptOf(() =>
      eyes.observeCluster.executeWithOptions({ summary: `dry run in ${environment}, and what runs there` }, [
        { ...request, files: input.files },
      ]),
    ),
  ]);
  const registries = 'import' in registry ? registry : { import: registry, pull: registry };
  return { planned, image, gates, inside, registry: registries, cluster };
}

/** As if it had just been proven well in the environments before. */
function requestOf(input: ObservationInput, leg: Leg, { plan, planDigest, baseline }: Sights['planned']): StepRequest {
  const { version, ticket, allowOlder } = input;
  const entry: Entry = {
    passed: leg.before.map((environment) => ({ environment, version, digest: leg.image.digest, since: leg.startedAt })),
    ...(ticket === undefined ? {} : { ticket }),
    ...(allowOlder === undefined ? {} : { allowOlder }),
  };
  const { workflowId } = workflowInfo();
  return { plan, planDigest, baseline, approvals: [], requestedBy: input.requestedBy, workflowId, entry };
}

/** Where the promotion would look for it, with the environment's own eyes; else where it is, by those who may read there. */
async function observeImage({ service, manifests }: ObservationInput, leg: Leg): Promise<Sights['image']> {
  const { environment, source, first, image, timing } = leg;
  const look = (whose: string, at: string): Promise<ObserveImageAnswer | Failed> => {
    const summary = `proven as ${environment} wants it, in ${at}?`;
    const request = { environment: whose, service, image, manifests, at, rulesOf: environment };
    return attemptOf(() => observers(whose, timing).observeImage.executeWithOptions({ summary }, [request]));
  };
  const own = await look(environment, source);
  const seen = 'found' in own && !own.found && source !== first ? await look(first, first) : own;
  if (!('found' in seen)) return { proofs: seen, content: seen };
  if (seen.found) return seen;
  const message = `${seen.registry} does not have ${image.repository}@${image.digest} any more`;
  const no = { ok: false, refusal: { code: 'image-not-found', message, remedy: 'push it again' } } as const;
  return { proofs: no, content: no };
}

/** Undefined also where it cannot be found out: then nothing is known to be in the way. */
async function whoIsInside(
  { service, version }: ObservationInput,
  { environment, timing }: Leg,
): Promise<string | undefined> {
  const known: KnownGoodAnswer | Failed = await attemptOf(() =>
    observers(environment, timing).findKnownGood.executeWithOptions({ summary: `who changes ${environment} now?` }, [
      { service, environment },
    ]),
  );
  const inside = 'inside' in known ? known.inside : undefined;
  if (inside === undefined || inside.version === version) return undefined;
  const answer = await attemptOf(() =>
    lookers().whoHasEnded({ runs: [{ workflowId: inside.workflowId, runId: inside.runId }] }),
  );
  return 'ended' in answer && answer.ended.includes(inside.runId) ? undefined : inside.version;
}
