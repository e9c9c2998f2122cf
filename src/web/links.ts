/** Addresses of this server's pages and of Temporal's own screen. */
import type { ReleaseKey } from '../client/index.ts';

export function releaseHref({ service, version }: ReleaseKey): string {
  const path = `/releases/${encodeURIComponent(service)}/${encodeURIComponent(version)}`;
  // a version may end like the address of a JSON twin; the slash says that it is meant as a page
  return version.endsWith('.json') ? `${path}/` : path;
}

export function releaseJsonHref({ service, version }: ReleaseKey): string {
  return `/releases/${encodeURIComponent(service)}/${encodeURIComponent(version)}.json`;
}

export function eventsHref(key: ReleaseKey): string {
  return `/releases/${encodeURIComponent(key.service)}/${encodeURIComponent(key.version)}/events`;
}

export function questionHref(key: ReleaseKey, environment: string): string {
  const path = `/releases/${encodeURIComponent(key.service)}/${encodeURIComponent(key.version)}`;
  return `${path}/${encodeURIComponent(environment)}/answer`;
}

/** A roll-back belongs to no journey, and the release of its version may be forgotten: it has the page of its question only. */
export function promotionHref(one: ReleaseKey & { readonly rollback?: true | undefined }, environment: string): string {
  return one.rollback === true ? questionHref(one, environment) : `${releaseHref(one)}#leg-${environment}`;
}

export function environmentHref(environment: string): string {
  return `/environments/${encodeURIComponent(environment)}`;
}

export function serviceHref(service: string): string {
  return `/releases?service=${encodeURIComponent(service)}`;
}

/** Where Temporal shows a workflow; undefined when nobody said where its screen is. */
export type TemporalLink = (workflowId: string) => string | undefined;

export function temporalLink(ui: string | undefined, namespace: string): TemporalLink {
  if (ui === undefined) return () => undefined;
  const base = ui.replace(/\/+$/, '');
  return (workflowId) =>
    `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
