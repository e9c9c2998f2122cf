/** What a release would do: its plans, environment by environment, without doing anything. */
import type { PlanAnswer } from '../src/contract/activities.ts';
import type { ForecastInput, ForecastResult } from '../src/contract/release-workflow.ts';
import type { WireImage } from '../src/contract/plan.ts';
import { engineActivities, environmentActivities } from './steps/activity-options.ts';

export async function forecast(input: ForecastInput): Promise<ForecastResult> {
  const { service, version, image: reference, manifests, manifestsPublished, until } = input;
  const journey = await engineActivities().readJourney({ service, version, ...(until === undefined ? {} : { until }) });
  if (!journey.ok)
    return { refusal: { kind: 'refused', reason: journey.refusal.message, refusal: journey.refusal }, promotions: [] };
  const [first] = journey.path;
  if (first === undefined) return { promotions: [] };
  const resolved = await environmentActivities(first, journey.timing).resolveImage({
    service,
    version,
    environment: first,
    image: reference,
    manifests,
  });
  if (!resolved.ok)
    return {
      refusal: { kind: 'refused', reason: resolved.refusal.message, refusal: resolved.refusal },
      promotions: [],
    };

  const ask = async (environment: string, index: number): Promise<{ environment: string; answer: PlanAnswer }> => {
    const source = journey.path[Math.max(0, index - 1)] ?? environment;
    const image: WireImage = resolved.image;
    // Only the first environment's registry holds the manifests before the release has travelled.
    const published = manifestsPublished && index === 0;
    const request = { service, version, environment, source, image, manifests, manifestsPublished: published };
    return { environment, answer: await environmentActivities(environment, journey.timing).planPromotion(request) };
  };
  return { promotions: await Promise.all(journey.path.map(ask)) };
}
