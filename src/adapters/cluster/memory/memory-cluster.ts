/**
 * A cluster in memory with simulated nodes, behind the same ports as the real one: for tests, benchmarks and
 * `--cluster simulated`. What becomes of a pod depends on its image alone. It has no admission, no quota, no rights and no
 * schema beyond what `simulated-object.ts` checks, and a pod always runs the digest that it was asked to run, unless `report` lies.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ManifestObject, type ObjectRef, formatRef, refOf } from '../../../domain/manifest-object.ts';
import type { AppliedObject, Cluster, RunningPod } from '../../../ports/cluster.ts';
import type { ClusterInventory } from '../../../ports/cluster-inventory.ts';
import type { ClusterSight } from '../../../ports/cluster-sight.ts';
import type { ClusterWatch } from '../../../ports/cluster-watch.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { ReleaseRecords } from '../../../ports/release-records.ts';
import type { ImageBehaviour } from './behaviour.ts';
import { podState } from './behaviour.ts';
import { contentOf, imagesOf, isWorkload, keyOf, problemOf, specOf, templateOf } from './simulated-object.ts';
import { type ClusterEffect, type SimulatedState, readState, writeState } from './state-file.ts';
import { type Simulation, watchSimulated } from './watch-simulated.ts';
import { createSimulatedWatch } from './watch-standing.ts';

export type ClusterOperation =
  | 'apply'
  | 'tryApply'
  | 'watchRollOut'
  | 'runningPods'
  | 'look'
  | 'read'
  | 'remove'
  | 'serviceAddress'
  | 'readRecord'
  | 'writeRecord';

export interface MemoryClusterOptions {
  /** JSON file that survives the process; undefined: in memory only. One process per file. */
  readonly stateFile?: string;
  /** Milliseconds; everything is instant by default. */
  readonly delays?: { readonly applyMs?: number; readonly podStartMs?: number; readonly removeMs?: number };
  /** By full reference as it stands in the manifest; every image is ready by default. */
  readonly behave?: (image: string) => ImageBehaviour;
  /** Namespaces that exist; undefined: all of them. */
  readonly namespaces?: readonly string[];
  /** Address of every Service of type LoadBalancer; undefined as an answer: none yet. */
  readonly address?: (namespace: string, service: string) => string | undefined;
  /** Digest that a node reports for an image, to simulate one that runs something else. */
  readonly report?: (image: string) => string;
  /** Called before each operation; what it returns is thrown. */
  readonly fault?: (operation: ClusterOperation) => PortError | undefined;
}

export interface MemoryCluster {
  readonly cluster: Cluster;
  readonly sight: ClusterSight;
  readonly inventory: ClusterInventory;
  readonly watch: ClusterWatch;
  readonly records: ReleaseRecords;
  /** Everything that changed something, oldest first. */
  readonly effects: readonly ClusterEffect[];
  /** The object as it was applied last; undefined: not there. */
  object(ref: ObjectRef): ManifestObject | undefined;
}

const LOOPBACK = '127.0.0.1';

export function createMemoryCluster(options: MemoryClusterOptions = {}): MemoryCluster {
  const state = readState(options.stateFile);
  const simulation: Simulation & { changed(): void } = simulate(state, options);
  const save = (effect: ClusterEffect): void => {
    state.effects.push(effect);
    writeState(options.stateFile, state);
    simulation.changed();
  };
  const enter = (operation: ClusterOperation): void => {
    const error = options.fault?.(operation);
    if (error !== undefined) throw error;
  };
  const cluster: Cluster = {
    async apply(objects, namespace, { dryRun, signal }) {
      signal.throwIfAborted();
      enter(dryRun ? 'tryApply' : 'apply');
      refuseBad(objects, namespace, options.namespaces);
      await pause(options.delays?.applyMs, signal);
      return objects.map((one) => applyOne(state, one, namespace, dryRun, save));
    },
    async watchRollOut(request, onProgress, signal) {
      signal.throwIfAborted();
      enter('watchRollOut');
      return watchSimulated(simulation, request, onProgress, signal);
    },
    async runningPods(namespace, workloads, image) {
      enter('runningPods');
      return workloads.flatMap((workload) => podsOf(simulation, namespace, workload, image, options.report));
    },
    async remove(objects, signal) {
      signal.throwIfAborted();
      enter('remove');
      await pause(options.delays?.removeMs, signal);
      for (const ref of objects) if (state.objects.delete(keyOf(ref))) save({ kind: 'removed', ref });
    },
    async serviceAddress(namespace, service) {
      enter('serviceAddress');
      const found = state.objects.get(keyOf({ apiVersion: 'v1', kind: 'Service', namespace, name: service }));
      if ((found?.manifest['spec'] as { type?: string } | undefined)?.type !== 'LoadBalancer') return undefined;
      return options.address === undefined ? LOOPBACK : options.address(namespace, service);
    },
  };
  const sight: ClusterSight = {
    async look({ namespace, workloads, image, objects }, signal) {
      signal.throwIfAborted();
      enter('look');
      const standing = workloads.flatMap((workload) => {
        const object = simulation.find(namespace, workload);
        if (object === undefined) return [];
        const pods = podsOf(simulation, namespace, workload, image, options.report);
        return [{ workload, images: imagesOf(object.manifest), pods }];
      });
      return { workloads: standing, missing: objects.filter((ref) => !state.objects.has(keyOf(ref))) };
    },
    async read(objects, signal) {
      signal.throwIfAborted();
      enter('read');
      return objects.map((ref) => state.objects.get(keyOf(ref))?.manifest);
    },
  };
  const inventory: ClusterInventory = {
    async list(namespace, signal) {
      signal.throwIfAborted();
      refuseNamespace(namespace, options.namespaces);
      const there = [...state.objects.values()].filter(({ ref }) => ref.namespace === namespace);
      const placed = there.map(({ manifest }) => ({ ...manifest, metadata: { ...manifest.metadata, namespace } }));
      return { objects: placed, unread: [] };
    },
  };
  const records: ReleaseRecords = {
    async read(about, namespace, service) {
      enter('readRecord');
      return state[about].get(`${namespace}/${service}`);
    },
    async write(about, namespace, service, json) {
      enter('writeRecord');
      refuseNamespace(namespace, options.namespaces);
      if (state[about].get(`${namespace}/${service}`) === json) return;
      state[about].set(`${namespace}/${service}`, json);
      save({ kind: EFFECT[about], namespace, service });
    },
    async change(about, namespace, service, decide) {
      for (;;) {
        const known = await records.read(about, namespace, service);
        const text = decide(known);
        if (text === undefined) return;
        // as the API server does: whoever wrote since then is not overwritten
        if (state[about].get(`${namespace}/${service}`) === known)
          return records.write(about, namespace, service, text);
      }
    },
  };
  return {
    ...{ cluster, sight, inventory, records, watch: createSimulatedWatch(simulation), effects: state.effects },
    object: (ref) => state.objects.get(keyOf(ref))?.manifest,
  };
}

const EFFECT = {
  record: 'recorded',
  admission: 'admitted',
  restraints: 'restrained',
  history: 'kept',
  sightings: 'seen',
} as const;

function simulate(state: SimulatedState, options: MemoryClusterOptions): Simulation & { changed(): void } {
  const waiting = new Set<() => void>();
  const behave = options.behave ?? (() => 'ready' as const);
  return {
    find: (namespace, workload) => state.objects.get(`${namespace}/${workload}`.toLowerCase()),
    pods: (object, now) =>
      podState(imagesOf(object.manifest).map(behave), options.delays?.podStartMs ?? 0, object.templateSince, now),
    onChange(wake) {
      waiting.add(wake);
      return () => waiting.delete(wake);
    },
    changed: () => waiting.forEach((wake) => wake()),
  };
}

function applyOne(
  state: SimulatedState,
  manifest: ManifestObject,
  namespace: string,
  dryRun: boolean,
  save: (effect: ClusterEffect) => void,
): AppliedObject {
  const ref = refOf(manifest, namespace);
  const before = state.objects.get(keyOf(ref));
  const unchanged = before !== undefined && contentOf(before.manifest) === contentOf(manifest);
  const generation = unchanged ? before.generation : (before?.generation ?? 0) + 1;
  const created = before === undefined;
  if (dryRun || unchanged) return { ref, generation, created, object: manifest };
  const sameTemplate = before !== undefined && templateOf(before.manifest) === templateOf(manifest);
  const templateSince = sameTemplate ? before.templateSince : Date.now();
  state.objects.set(keyOf(ref), { ref, manifest, generation, templateSince });
  save({ kind: 'applied', ref, generation, created, images: isWorkload(ref.kind) ? imagesOf(manifest) : [] });
  return { ref, generation, created, object: manifest };
}

function podsOf(
  simulation: Simulation,
  namespace: string,
  workload: string,
  image: string,
  report = digestPart,
): RunningPod[] {
  const object = simulation.find(namespace, workload);
  if (object === undefined || !imagesOf(object.manifest).includes(image)) return [];
  if (simulation.pods(object, Date.now()).kind !== 'ready') return [];
  const { replicas = 1 } = specOf(object.manifest);
  return Array.from({ length: replicas }, (_, at) => ({
    name: `${object.ref.name}-${object.generation}-${at}`,
    workload,
    imageDigest: report(image),
  }));
}

function digestPart(image: string): string {
  return image.slice(image.lastIndexOf('@') + 1);
}

function refuseBad(objects: readonly ManifestObject[], namespace: string, known: readonly string[] | undefined): void {
  refuseNamespace(namespace, known);
  const lines = objects.flatMap((one, at) => {
    const why = problemOf(one, namespace);
    if (why === undefined) return [];
    return [`${nameOf(one, at)}: ${why}`];
  });
  if (lines.length === 0) return;
  const message = lines.length === 1 ? lines.join() : `${lines.length} of ${objects.length} objects cannot be applied:`;
  throw new PortError('manifest-rejected', [message, ...(lines.length === 1 ? [] : lines)].join('\n  '), {
    retry: 'no',
    remedy: 'correct the manifests and start a new version',
  });
}

function nameOf(object: ManifestObject, at: number): string {
  const complete = typeof object.kind === 'string' && typeof object.metadata?.name === 'string';
  return complete ? formatRef(refOf(object, '')) : `object ${at + 1}`;
}

function refuseNamespace(namespace: string, known: readonly string[] | undefined): void {
  if (known === undefined || known.includes(namespace)) return;
  throw new PortError('namespace-missing', `the cluster has no namespace "${namespace}"`, {
    retry: 'no',
    remedy: `create it: kubectl create namespace ${namespace}`,
  });
}

async function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  if (ms !== undefined && ms > 0) await sleep(ms, undefined, { signal });
}
