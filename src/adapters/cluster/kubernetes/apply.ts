/**
 * Server-side apply of a set of objects (PATCH with `application/apply-patch+yaml`): the server merges, keeps what others own, and
 * leaves the generation alone when nothing changes, so that applying twice is applying once.
 */
import type { ErrorCode } from '../../../domain/error-code.ts';
import { FIELD_MANAGER } from '../../../domain/field-manager.ts';
import { startsPods } from '../../../domain/kinds.ts';
import { type ManifestObject, formatRef, refOf } from '../../../domain/manifest-object.ts';
import type { AppliedObject } from '../../../ports/cluster.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { ApiClient } from './api-client.ts';
import type { Discovery, Resource } from './discovery.ts';
import type { KubernetesObject } from './kubernetes-objects.ts';
import { problemsWithoutCluster, rejected } from './manifest-check.ts';
import { type ObjectProblem, oneErrorFor } from './problem-set.ts';

export const APPLY_PATCH = 'application/apply-patch+yaml';
const CREATED = 201;

export interface ApplyOptions {
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/**
 * Throws one PortError that names every object with a problem; before the first write unless the cluster changes its mind. What
 * cannot be tried beforehand is nothing against the set: a webhook without dry runs says what it has to say when it is written.
 */
export async function applySet(
  api: ApiClient,
  discovery: Discovery,
  objects: readonly ManifestObject[],
  namespace: string,
  options: ApplyOptions,
): Promise<readonly AppliedObject[]> {
  const early = problemsWithoutCluster(objects, namespace);
  if (early.length > 0) throw oneErrorFor(early, objects.length);
  const write = (dryRun: boolean) => (object: ManifestObject) =>
    applyOne(api, discovery, object, namespace, { ...options, dryRun });
  const tried = await together(objects, objects, write(true), options.dryRun ? [] : ['dry-run-unsupported']);
  if (options.dryRun) return tried;
  const first = objects.filter((one) => !startsPods(one.kind));
  const last = objects.filter((one) => startsPods(one.kind));
  const applied = new Map<ManifestObject, AppliedObject>();
  for (const part of [first, last]) {
    const done = await together(part, objects, write(false));
    done.forEach((one, at) => applied.set(part[at] as ManifestObject, one));
  }
  return objects.flatMap((one) => applied.get(one) ?? []);
}

/** Server-side apply of one object; `created` says whether it was (or, in a dry run, would be) new. */
export async function applyOne(
  api: ApiClient,
  discovery: Discovery,
  object: ManifestObject,
  namespace: string,
  { dryRun, signal }: ApplyOptions,
): Promise<AppliedObject> {
  const ref = refOf(object, namespace);
  const resource = await resourceFor(discovery, object, formatRef(ref), signal);
  const { code, body } = await api.call({
    method: 'PATCH',
    path: `${resource.collection(namespace)}/${encodeURIComponent(ref.name)}`,
    query: {
      fieldManager: FIELD_MANAGER,
      force: 'true',
      fieldValidation: 'Strict',
      ...(dryRun ? { dryRun: 'All' } : {}),
    },
    contentType: APPLY_PATCH,
    body: JSON.stringify(withoutNull(object)),
    asked: { verb: 'patch', resource: resource.name, namespace, what: formatRef(ref) },
    signal,
  });
  const { generation = 0 } = (body as KubernetesObject).metadata;
  return { ref, generation, created: code === CREATED, object: body as ManifestObject };
}

async function resourceFor(
  discovery: Discovery,
  object: ManifestObject,
  where: string,
  signal: AbortSignal,
): Promise<Resource> {
  const resource = await discovery.resourceOf(object.apiVersion, object.kind, signal);
  if (resource === undefined) throw rejected(where, `the cluster knows no kind ${object.kind} in ${object.apiVersion}`);
  if (!resource.namespaced) {
    throw rejected(where, `${object.kind} belongs to the whole cluster; a release may change its own namespace only`);
  }
  return resource;
}

/** All at once; waits for all, then throws one error for those that failed, unless only with what is `passed` over. */
async function together(
  objects: readonly ManifestObject[],
  set: readonly ManifestObject[],
  work: (object: ManifestObject) => Promise<AppliedObject>,
  passed: readonly ErrorCode[] = [],
): Promise<AppliedObject[]> {
  const results = await Promise.allSettled(objects.map(work));
  const problems = results.flatMap((result, at): ObjectProblem[] => {
    if (result.status === 'fulfilled') return [];
    if (!(result.reason instanceof PortError)) throw result.reason;
    if (passed.includes(result.reason.code)) return [];
    return [{ where: formatRef(refOf(objects[at] as ManifestObject, '')), error: result.reason }];
  });
  if (problems.length > 0) throw oneErrorFor(problems, set.length);
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** `null` in a manifest means "not said" (Helm writes it for empty values); server-side apply refuses it in many places. */
function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => one !== null).map(withoutNull);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([key, field]) => [key, withoutNull(field)]));
}
