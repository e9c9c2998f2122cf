/** A whole journey with every effect replaced by a check: nothing is written, nobody is asked or told, and nothing is waited for. */
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ObservationInput, ObservationResult, ObservedEnvironment } from '../src/contract/observation-workflow.ts';
import type { WireImage } from '../src/contract/plan.ts';
import { DIGEST, OUTCOME } from '../src/contract/search-attributes.ts';
import { gravest } from '../src/domain/observed.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import type { Timing } from '../src/domain/rulebook.ts';
import { engineActivities, observers } from './steps/activity-options.ts';
import { observeEnvironment } from './observed/environment.ts';
import { detailsOf } from './observed/details.ts';
import { attemptOf } from './observed/attempt.ts';
import { now } from './steps/run.ts';

export async function observation(input: ObservationInput): Promise<ObservationResult> {
  const startedAt = now();
  const seen = await look(input, startedAt);
  const result = resultOf(input, startedAt, seen);
  upsertSearchAttributes([
    { key: OUTCOME, value: result.verdict },
    ...(seen.image === undefined ? [] : [{ key: DIGEST, value: seen.image.digest }]),
  ]);
  setCurrentDetails(detailsOf(result));
  return result;
}

interface Seen {
  readonly image?: WireImage;
  /** Why no environment was looked at. */
  readonly refusal?: Refusal;
  readonly isRefused?: boolean;
  readonly environments: readonly ObservedEnvironment[];
}

async function look(input: ObservationInput, startedAt: string): Promise<Seen> {
  const { service, version, until } = input;
  const journey = await engineActivities().readJourney({ service, version, ...(until === undefined ? {} : { until }) });
  if (!journey.ok) return { refusal: journey.refusal, isRefused: true, environments: [] };
  const { path, timing } = journey;
  const [first = ''] = path;
  const resolved = await resolve(input, first, timing);
  if ('refusal' in resolved) return { ...resolved, environments: [] };
  const { image } = resolved;
  const environments = await Promise.all(
    path.map((environment, at) => {
      const place = { environment, source: path[Math.max(0, at - 1)] ?? environment, first, before: path.slice(0, at) };
      return observeEnvironment(input, { ...place, image, timing, startedAt });
    }),
  );
  return { image, environments };
}

type Resolved = { readonly image: WireImage } | { readonly refusal: Refusal; readonly isRefused: boolean };

async function resolve(
  { service, version, image, manifests }: ObservationInput,
  environment: string,
  timing: Timing,
): Promise<Resolved> {
  const request = { service, version, environment, image, manifests };
  const answer = await attemptOf(() =>
    observers(environment, timing).resolveImage.executeWithOptions({ summary: `resolve ${image}` }, [request]),
  );
  if (answer.ok) return { image: answer.image };
  return { refusal: answer.refusal, isRefused: !('attention' in answer) };
}

function resultOf(
  { service, version, manifests, requestedBy }: ObservationInput,
  startedAt: string,
  { image, refusal, isRefused, environments }: Seen,
): ObservationResult {
  const { workflowId, runId } = workflowInfo();
  const verdict =
    refusal === undefined
      ? gravest(environments.map((one) => one.verdict))
      : isRefused === true
        ? 'would-be-refused'
        : 'would-need-attention';
  const worst = environments.find((one) => one.verdict === verdict);
  const why = refusal ?? worst?.refusal;
  return {
    ...{ format: 1, kind: 'observation', workflowId, runId, service, version },
    ...(image === undefined ? {} : { image }),
    ...{ manifests, requestedBy, startedAt, endedAt: now(), verdict },
    reason: reasonOf(worst, why, environments),
    ...(why === undefined ? {} : { refusal: why }),
    environments,
  };
}

function reasonOf(
  worst: ObservedEnvironment | undefined,
  why: Refusal | undefined,
  environments: readonly ObservedEnvironment[],
): string {
  if (why !== undefined) return worst === undefined ? why.message : `${worst.environment}: ${why.message}`;
  const waits = environments.flatMap(({ environment, steps }) =>
    steps.filter(({ answer }) => answer === 'wait').map(({ says }) => `${environment}: ${says}`),
  );
  const names = environments.map((one) => one.environment).join(', ');
  return waits.length === 0 ? `nothing would keep it out of ${names}` : waits.join('; ');
}
