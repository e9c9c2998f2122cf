/** Workflow ids come from business keys, so that doing a thing twice is the same thing. */

export function releaseId(service: string, version: string): string {
  return `release/${service}/${version}`;
}

export function promotionId(service: string, version: string, environment: string): string {
  return `promotion/${service}/${version}/${environment}`;
}

/** The version in the id of a promotion; undefined: it is none of ours. */
export function versionIn(promotion: string): string | undefined {
  return promotion.split('/')[2];
}

/** One workflow for each event, so that it is told once. */
export function notificationId(event: string): string {
  return `notification/${event}`;
}

export function forecastId(service: string, version: string): string {
  return `forecast/${service}/${version}`;
}

/** Each time a run of its own. */
export function observationId(service: string, version: string): string {
  return `observation/${service}/${version}`;
}

export function rollbackId(service: string, environment: string): string {
  return `rollback/${service}/${environment}`;
}

export function adoptionId(service: string, environment: string): string {
  return `adoption/${service}/${environment}`;
}

/** Whether somebody was let in to adopt what runs, and not to change it. */
export function isOfAdoption({ workflowId }: { readonly workflowId: string }): boolean {
  return workflowId.startsWith('adoption/');
}

/** Those that only look stand in nobody's way. */
export function rehearsalId(service: string, environment: string, forReal: boolean): string {
  return `${forReal ? 'rehearsal' : 'rehearsal-check'}/${service}/${environment}`;
}

export function environmentId(environment: string): string {
  return `environment/${environment}`;
}

/** Of a release; with an environment, of roll-backs to its version or away from it there, each as a run of its own. */
export function evidenceId(service: string, version: string, environment?: string): string {
  return ['evidence', service, version, ...(environment === undefined ? [] : [environment])].join('/');
}

export function guardianId(environment: string, service: string): string {
  return `guardian/${environment}/${service}`;
}
