/** What later steps of a pipeline can ask for: the same names with every service. Additive: pipelines branch on them. Pure. */
import { waitLine } from '../../domain/waiting.ts';
import type { Verdict } from '../follow.ts';
import type { Journey } from './journey.ts';

export const VARIABLES = [
  'verdict',
  'outcome',
  'reason',
  'service',
  'version',
  'digest',
  'image',
  'manifests',
  'releaseId',
  'environment',
  'waitingFor',
] as const;

export type Variables = Readonly<Record<(typeof VARIABLES)[number], string>>;

/** Empty where there is nothing to say: a step that reads one never meets what an earlier run has left. */
export function variablesOf(verdict: Verdict | 'started', journey: Journey): Variables {
  const { outcome, waiting } = journey;
  return {
    verdict,
    outcome: outcome?.kind ?? '',
    reason: outcome?.reason ?? '',
    service: journey.service,
    version: journey.version ?? '',
    digest: journey.digest ?? '',
    image: journey.image ?? '',
    manifests: journey.manifests ?? '',
    releaseId: journey.workflowId,
    environment: journey.environment ?? '',
    waitingFor: waiting === undefined ? '' : waitLine(waiting),
  };
}
