/** Which way a release goes, who hears of it, and what desks are told: configuration and webhooks, no credentials of an environment. */
import type { EngineActivities, JourneyAnswer, JourneyRequest } from '../src/contract/activities.ts';
import type { Rulebook } from '../src/domain/rulebook.ts';
import { journeyOf } from '../src/policy/journey-policy.ts';
import { interestsIn } from '../src/policy/notification-policy.ts';
import type { Notifier } from '../src/ports/notifier.ts';
import { announce } from './announce.ts';
import { appointGuardian } from './appoint.ts';
import { deskActivities } from './desks.ts';
import { createTelling } from './notify.ts';

export function createEngineActivities(rulebook: Rulebook, notifier: Notifier): EngineActivities {
  const tell = createTelling(notifier);
  return {
    async readJourney(request: JourneyRequest): Promise<JourneyAnswer> {
      const journey = journeyOf(rulebook, request);
      if (!journey.ok) return journey;
      const interests = interestsIn(request.service, rulebook);
      return {
        ok: true,
        path: journey.value,
        timing: rulebook.timing,
        ...(interests.length === 0 ? {} : { notify: interests }),
        ...(rulebook.keepsEvidence === undefined ? {} : { keepsEvidence: rulebook.keepsEvidence }),
      };
    },
    announce: (request) => announce(rulebook, request),
    notify: (request) => tell(request, new Date()),
    ...deskActivities,
    async returnLease(request) {
      await deskActivities.returnLease(request);
      await appointGuardian(rulebook, request);
    },
  };
}
