/** Names that become workflow ids, task queues, Kubernetes labels and tags: one grammar that is safe in all of them. */

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const WORKER = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const VERSION = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Services and environments: an RFC 1123 label. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** Versions become registry tags, so they follow the grammar of tags (distribution-spec 1.1). */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** Workers: what a pod or a host may be called. */
export function isWorkerName(text: string): boolean {
  return WORKER.test(text);
}
