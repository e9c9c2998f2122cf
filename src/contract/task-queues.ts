/** Task queues. Workflows and credential-free activities share one; each environment's credentials have their own. */

export const ENGINE_QUEUE = 'sluice';

/** The queue whose workers hold the credentials of `environment`, and no others. */
export function environmentQueue(environment: string): string {
  return `${ENGINE_QUEUE}-${environment}`;
}
