/**
 * Records what a real control plane says during roll-outs, for the table tests of the judge:
 * `node test/integration/cluster/support/record-roll-outs.ts` rewrites `test/unit/cluster/recorded/*.jsonl`.
 */
import { writeFileSync } from 'node:fs';
import { createApiClient } from '../../../../src/adapters/cluster/kubernetes/api-client.ts';
import { connect, kubeconfigSource } from '../../../../src/adapters/cluster/kubernetes/connection.ts';
import { createKubernetesCluster } from '../../../../src/adapters/cluster/kubernetes/kubernetes-cluster.ts';
import { trackWorkload } from '../../../../src/adapters/cluster/kubernetes/track-workload.ts';
import { parseWorkload } from '../../../../src/adapters/cluster/kubernetes/workload-name.ts';
import type { ManifestObject } from '../../../../src/domain/manifest-object.ts';
import { daemonSet, deployment, sample, statefulSet } from '../../../ports/cluster/manifests.ts';
import { type ClusterWorld, startClusterWorld } from './cluster-world.ts';
import { CRASHING, DENIED_PULL } from './fates.ts';
import { WRITE, watching } from './rolling.ts';
import { UNREADY } from './scripted-kubelet.ts';

const SETTLED_MS = 3500;
/** Of a pod that alternates for ever, this many are enough. */
const MOST_FRAMES = 40;
/** What the judge reads (`kubernetes-objects.ts`); the rest of what the server sends is left out. */
const READ = new Set(
  `workload kind namespace image object revisions pods podsRefused metadata name uid generation labels annotations deletionTimestamp
   ownerReferences controller spec replicas paused selector matchLabels template containers initContainers progressDeadlineSeconds
   minReadySeconds strategy updateStrategy type rollingUpdate maxSurge maxUnavailable partition status observedGeneration conditions
   reason message lastUpdateTime updatedReplicas readyReplicas availableReplicas unavailableReplicas updateRevision
   desiredNumberScheduled updatedNumberScheduled numberAvailable revision containerStatuses initContainerStatuses imageID ready
   restartCount state lastState waiting running terminated startedAt exitCode phase`.split(/\s+/),
);
const FREE_KEYS = ['labels', 'annotations', 'matchLabels'];

const GOOD = sample('a');
const BAD = sample('b');

interface Recording {
  readonly name: string;
  /** Before the recording begins; rolled out. */
  readonly before?: ManifestObject;
  readonly applied: ManifestObject;
  readonly image: string;
}

const DEADLINE = { spec: { progressDeadlineSeconds: 2 } };
const RECORDINGS: readonly (readonly [Recording, ((world: ClusterWorld) => void)?])[] = [
  [{ name: 'deployment-new', applied: deployment(GOOD), image: GOOD }],
  [{ name: 'deployment-rolls-over', before: deployment(GOOD), applied: deployment(BAD), image: BAD }],
  [
    { name: 'deployment-pull-denied', before: deployment(GOOD), applied: deployment(BAD), image: BAD },
    (world) => world.kubelet.script(BAD, DENIED_PULL),
  ],
  [
    { name: 'deployment-crashes', before: deployment(GOOD), applied: deployment(BAD), image: BAD },
    (world) => world.kubelet.script(BAD, CRASHING),
  ],
  [
    { name: 'deployment-deadline', applied: deployment(BAD, DEADLINE), image: BAD },
    (world) => world.kubelet.script(BAD, UNREADY),
  ],
  [{ name: 'stateful-set-rolls-over', before: statefulSet(GOOD), applied: statefulSet(BAD), image: BAD }],
  [{ name: 'daemon-set-rolls-over', before: daemonSet(GOOD), applied: daemonSet(BAD), image: BAD }],
];

const world = await startClusterWorld();
try {
  for (const [recording, prepare] of RECORDINGS) {
    world.kubelet.script(BAD, { steps: [{ state: { running: { startedAt: '2026-01-01T00:00:00Z' } }, ready: true }] });
    await record(recording, () => prepare?.(world));
  }
  await recordReturn();
} finally {
  await world.close();
}

async function record({ name, before, applied, image }: Recording, prepare: () => void): Promise<void> {
  const namespace = await world.freshNamespace();
  const { cluster } = createKubernetesCluster({ kubeconfig: world.plane.adminKubeconfig });
  const workload = `${applied.kind.toLowerCase()}/${applied.metadata.name}`;
  if (before !== undefined) {
    await cluster.apply([before], namespace, WRITE);
    await watching(cluster, namespace, GOOD, { workload }).verdict;
  }
  prepare();
  await framesOf(name, namespace, workload, image, () => cluster.apply([applied], namespace, WRITE));
}

/** From a version that has run into its deadline back to the previous one: the status that looks failed and is not. */
async function recordReturn(): Promise<void> {
  const namespace = await world.freshNamespace();
  const { cluster } = createKubernetesCluster({ kubeconfig: world.plane.adminKubeconfig });
  await cluster.apply([deployment(GOOD, DEADLINE)], namespace, WRITE);
  await watching(cluster, namespace, GOOD).verdict;
  world.kubelet.script(BAD, UNREADY);
  await cluster.apply([deployment(BAD, DEADLINE)], namespace, WRITE);
  await watching(cluster, namespace, BAD).verdict;
  const back = (): Promise<unknown> => cluster.apply([deployment(GOOD, DEADLINE)], namespace, WRITE);
  await framesOf('deployment-returns', namespace, 'deployment/iam', GOOD, back);
}

async function framesOf(
  name: string,
  namespace: string,
  workload: string,
  image: string,
  change: () => Promise<unknown>,
): Promise<void> {
  const stop = new AbortController();
  const api = createApiClient(connect(kubeconfigSource(world.plane.adminKubeconfig, undefined)));
  const frames: { atMs: number; facts: Facts }[] = [];
  const began = Date.now();
  const settled = Promise.withResolvers<void>();
  let quiet = setTimeout(settled.resolve, SETTLED_MS);
  const target = { workload: parseWorkload(workload), namespace, image };
  const tracker = trackWorkload(
    api,
    target,
    () => {
      clearTimeout(quiet);
      quiet = setTimeout(settled.resolve, frames.length > MOST_FRAMES ? 0 : SETTLED_MS);
      if (!tracker.isComplete()) return;
      const { first: _, scaledUp: __, ...facts } = tracker.facts();
      const frame = { atMs: Date.now() - began, facts: prune(facts) as Facts };
      if (JSON.stringify(frame.facts) !== JSON.stringify(frames.at(-1)?.facts)) frames.push(frame);
    },
    stop.signal,
  );
  await change();
  await settled.promise;
  stop.abort();
  // The tracker was there before the change; the recording begins with it.
  const generation = frames.at(-1)?.facts.object?.metadata.generation;
  const kept = frames.filter(({ facts }) => facts.object?.metadata.generation === generation);
  const path = new URL(`../../../unit/cluster/recorded/${name}.jsonl`, import.meta.url);
  writeFileSync(path, linesOf(kept).join(''));
  console.log(`${name}: ${kept.length} frames`);
}

interface Facts {
  readonly object?: { readonly metadata: { readonly generation: number } };
  readonly revisions: readonly unknown[];
  readonly pods: readonly unknown[];
}

/** Each state of an object once (`{"is": number, "value": …}`), and frames that name them by number. */
function linesOf(frames: readonly { atMs: number; facts: Facts }[]): string[] {
  const lines: string[] = [];
  const known = new Map<string, number>();
  const number = (value: unknown): number => {
    const text = JSON.stringify(value);
    const at = known.get(text) ?? known.size;
    if (!known.has(text)) lines.push(`{"is":${at},"value":${text}}\n`);
    known.set(text, at);
    return at;
  };
  for (const { atMs, facts } of frames) {
    const { object, revisions, pods, ...rest } = facts;
    const frame = { atMs, ...rest, object: number(object), revisions: revisions.map(number), pods: pods.map(number) };
    lines.push(`${JSON.stringify(frame)}\n`);
  }
  return lines;
}

function prune(value: unknown, parent = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => prune(one, parent));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([key]) => FREE_KEYS.includes(parent) || READ.has(key));
  return Object.fromEntries(fields.map(([key, field]) => [key, prune(field, key)]));
}
