/** Failures asked for by an annotation of the pod, for when no bad image is at hand. */
import type { V1Pod } from '@kubernetes/client-node';

export const SIMULATE = 'sluice.dev/simulate';

export const SIMULATIONS = [
  'crash-loop',
  'unready',
  'pending',
  'image-pull-backoff',
  'unschedulable',
  'config-error',
] as const;

export type Simulation = (typeof SIMULATIONS)[number];

/** The annotated failure; throws when the annotation names none. */
export function simulationOf(pod: V1Pod): Simulation | undefined {
  const asked = pod.metadata?.annotations?.[SIMULATE];
  if (asked === undefined) return undefined;
  const known = SIMULATIONS.find((simulation) => simulation === asked);
  if (known !== undefined) return known;
  throw new Error(`annotation ${SIMULATE}: expected one of ${SIMULATIONS.join(', ')}, got "${asked}"`);
}
