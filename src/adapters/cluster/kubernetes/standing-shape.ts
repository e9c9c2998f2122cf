/** What stands in a namespace, reduced to what a guardian would see of it: most changes of a cluster are none to it. */
import type { Feed } from './follow.ts';
import { isReady, isTerminating, type KubernetesObject, type Pod, type Workload } from './kubernetes-objects.ts';
import { templateImages } from './pod-template.ts';
import type { WorkloadKind, WorkloadName } from './workload-name.ts';

type Store<T> = Pick<Feed<T>, 'replace' | 'change'>;

export interface StandingShape {
  /** Of one kind of workload. */
  workloads(kind: WorkloadKind): Store<Workload>;
  readonly pods: Store<Pod>;
  /** From now on changes are told; each workload once at first. */
  begin(): void;
}

const HASH_LABEL = 'pod-template-hash';

/** Calls `changed` with a workload, as it was named, whenever it has another shape than before. */
export function standingShape(names: readonly WorkloadName[], changed: (workload: string) => void): StandingShape {
  const known = new Map(names.map((one) => [`${one.kind}/${one.name}`, one.text]));
  const images = new Map<string, string>();
  const running = new Map<string, Map<string, readonly string[]>>();
  const told = new Map<string, string>();
  let hasBegun = false;

  const shapeOf = (key: string): string => {
    const ids = [...(running.get(key)?.values() ?? [])].flat();
    return JSON.stringify([images.get(key), [...new Set(ids)].sort()]);
  };
  const look = (key: string | undefined): void => {
    const text = key === undefined ? undefined : known.get(key);
    if (!hasBegun || key === undefined || text === undefined) return;
    const shape = shapeOf(key);
    if (told.get(key) === shape) return;
    told.set(key, shape);
    changed(text);
  };
  const lookAtAll = (): void => [...known.keys()].forEach(look);
  const put = (pod: Pod, isGone: boolean): string | undefined => {
    const key = ownerOf(pod);
    if (key === undefined || !known.has(key)) return undefined;
    const pods = running.get(key) ?? new Map<string, readonly string[]>();
    running.set(key, pods);
    if (isGone || isTerminating(pod) || !isReady(pod)) pods.delete(pod.metadata.uid);
    else pods.set(pod.metadata.uid, imageIdsOf(pod));
    return key;
  };
  return {
    workloads: (kind) => {
      const keyOf = (object: KubernetesObject): string => `${kind}/${object.metadata.name}`;
      const asks = (object: Workload): string => JSON.stringify(templateImages(object.spec.template));
      return {
        replace(items) {
          for (const key of images.keys()) if (key.startsWith(`${kind}/`)) images.delete(key);
          for (const item of items) images.set(keyOf(item), asks(item));
          lookAtAll();
        },
        change(what, object) {
          if (what === 'DELETED') images.delete(keyOf(object));
          else images.set(keyOf(object), asks(object));
          look(keyOf(object));
        },
      };
    },
    pods: {
      replace(items) {
        running.clear();
        for (const pod of items) put(pod, false);
        lookAtAll();
      },
      change: (what, pod) => look(put(pod, what === 'DELETED')),
    },
    begin() {
      hasBegun = true;
      lookAtAll();
    },
  };
}

/** `Deployment/iam`; a Deployment owns its pods through a ReplicaSet, whose name is its own and the hash of the template. */
function ownerOf({ metadata }: Pod): string | undefined {
  const owner = metadata.ownerReferences?.find((one) => one.controller === true);
  const hash = metadata.labels?.[HASH_LABEL];
  if (owner?.kind !== 'ReplicaSet') return owner === undefined ? undefined : `${owner.kind}/${owner.name}`;
  return hash === undefined ? undefined : `Deployment/${owner.name?.slice(0, -`-${hash}`.length)}`;
}

function imageIdsOf({ status }: Pod): readonly string[] {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.map(({ imageID = '' }) => imageID);
}
