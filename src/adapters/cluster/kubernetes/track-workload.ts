/** Keeping the facts about one workload current: one watch for itself, one for its revisions, one for its pods. */
import type { PortError } from '../../../ports/port-error.ts';
import type { ApiClient } from './api-client.ts';
import { type Collection, type Feed, type FollowTiming, follow } from './follow.ts';
import {
  type ClusterEvent,
  type KubernetesObject,
  type LabelSelector,
  type Pod,
  type Revision,
  type Workload,
  conditionOf,
} from './kubernetes-objects.ts';
import { type FirstLook, type RollOutFacts, firstLook } from './roll-out-facts.ts';
import type { WorkloadName } from './workload-name.ts';

export interface Tracker {
  facts(): RollOutFacts;
  /** Everything has been listed once; before that the facts are not worth judging. */
  isComplete(): boolean;
  /** The connection is lost at the moment; what is known may be old. */
  lost(): PortError | undefined;
  /** Rejects when a watch cannot go on, resolves when `signal` is aborted. */
  readonly ended: Promise<void>;
}

export interface TrackRequest {
  readonly workload: WorkloadName;
  readonly namespace: string;
  readonly image: string;
}

/** Calls `changed` after every change until `signal` is aborted. */
export function trackWorkload(
  api: ApiClient,
  { workload, namespace, image }: TrackRequest,
  changed: () => void,
  signal: AbortSignal,
  timing?: FollowTiming,
): Tracker {
  const objects = new Map<string, Workload>();
  const revisions = new Map<string, Revision>();
  const pods = new Map<string, Pod>();
  const scaledUp = new Set<string>();
  const waitingFor = new Set<string>(['workload']);
  const losses = new Map<string, PortError>();
  let first: FirstLook | undefined;
  let podsRefused: string | undefined;
  let end: { resolve(): void; reject(error: unknown): void };
  const ended = new Promise<void>((resolve, reject) => (end = { resolve, reject }));
  signal.addEventListener('abort', () => end.resolve(), { once: true });

  const start = <T extends KubernetesObject>(
    name: string,
    collection: Omit<Collection, 'asked'> & { resource: string },
    feed: Pick<Feed<T>, 'replace' | 'change'>,
  ): void => {
    const asked = { resource: collection.resource, namespace, what: workload.text };
    const full: Feed<T> = {
      replace: (items) => (feed.replace(items), waitingFor.delete(name), changed()),
      change: (kind, object) => (feed.change(kind, object), changed()),
      lost: (error) => (losses.set(name, error), changed()),
      found: () => (losses.delete(name), changed()),
    };
    follow(api, { ...collection, asked }, full, signal, timing).then(
      () => undefined,
      (error: unknown) => end.reject(error),
    );
  };
  const inCore = (resource: string): string => `/api/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`;
  const inApps = (resource: string): string => `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`;

  const watchParts = (object: Workload): void => {
    const labelSelector = selectorText(object.spec.selector);
    waitingFor.add('pods');
    start<Pod>('pods', { path: inCore('pods'), query: { labelSelector }, resource: 'pods' }, into(pods, watchScaleUps));
    const kept = REVISIONS[workload.kind];
    if (kept !== undefined) {
      waitingFor.add('revisions');
      const query = { labelSelector };
      start<Revision>('revisions', { path: inApps(kept), query, resource: `${kept}.apps` }, into(revisions));
    }
    if (workload.kind !== 'Deployment') watchRefusals(object.metadata.uid);
  };
  const watchRefusals = (uid: string): void => {
    const query = { fieldSelector: `involvedObject.uid=${uid},reason=FailedCreate` };
    start<ClusterEvent>(
      'refusals',
      { path: inCore('events'), query, resource: 'events' },
      { replace: () => undefined, change: (_, event) => (podsRefused = event.message) },
    );
  };
  let scaleUpsWatched = false;
  const watchScaleUps = (): void => {
    if (scaleUpsWatched || ![...pods.values()].some(isUnschedulable)) return;
    scaleUpsWatched = true;
    const query = { fieldSelector: 'involvedObject.kind=Pod,reason=TriggeredScaleUp' };
    const note = (event: ClusterEvent): void => void scaledUp.add(event.involvedObject?.name ?? '');
    start<ClusterEvent>(
      'scale-ups',
      { path: inCore('events'), query, resource: 'events' },
      { replace: (items) => items.forEach(note), change: (_, event) => note(event) },
    );
  };
  const { plural, name } = workload;
  start<Workload>(
    'workload',
    { path: inApps(plural), query: { fieldSelector: `metadata.name=${name}` }, resource: `${plural}.apps` },
    into(objects, () => {
      const [object] = objects.values();
      if (object === undefined || first !== undefined) return;
      first = firstLook(object, Date.now());
      watchParts(object);
    }),
  );
  return {
    facts: () => ({
      workload: workload.text,
      kind: workload.kind,
      namespace,
      image,
      object: [...objects.values()].at(-1),
      first,
      revisions: [...revisions.values()],
      pods: [...pods.values()],
      scaledUp,
      ...(podsRefused === undefined ? {} : { podsRefused }),
    }),
    isComplete: () => waitingFor.size === 0,
    lost: () => [...losses.values()][0],
    ended,
  };
}

const REVISIONS: Partial<Record<WorkloadName['kind'], string>> = {
  Deployment: 'replicasets',
  DaemonSet: 'controllerrevisions',
};

/** Keeps `store` equal to the collection, then calls `after`. */
function into<T extends KubernetesObject>(
  store: Map<string, T>,
  after: () => void = () => undefined,
): Pick<Feed<T>, 'replace' | 'change'> {
  return {
    replace(items) {
      store.clear();
      for (const item of items) store.set(item.metadata.uid, item);
      after();
    },
    change(kind, object) {
      if (kind === 'DELETED') store.delete(object.metadata.uid);
      else store.set(object.metadata.uid, object);
      after();
    },
  };
}

function isUnschedulable(pod: Pod): boolean {
  return conditionOf(pod.status?.conditions, 'PodScheduled')?.reason === 'Unschedulable';
}

/** A LabelSelector as a query: `app=iam,tier in (a,b),!debug`. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'NotIn' ? 'notin' : 'in'} (${values.join(',')})`;
  });
  return [...labels, ...expressions].join(',');
}
