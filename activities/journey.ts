/** Which way a release goes: configuration only, no credentials. */
import type { EngineActivities, JourneyAnswer, JourneyRequest } from '../src/contract/activities.ts';
import type { Rulebook } from '../src/domain/rulebook.ts';
import { journeyOf } from '../src/policy/journey-policy.ts';

export function createEngineActivities(rulebook: Rulebook): EngineActivities {
  return {
    async readJourney(request: JourneyRequest): Promise<JourneyAnswer> {
      const journey = journeyOf(rulebook, request);
      return journey.ok ? { ok: true, path: journey.value, timing: rulebook.timing } : journey;
    },
  };
}
