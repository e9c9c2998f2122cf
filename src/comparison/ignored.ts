/** What the cluster itself writes into an object, and what somebody has said not to mind. */
import { groupOf } from '../domain/kinds.ts';
import { pointerOf } from '../domain/json-pointer.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import { BOOKKEEPING } from '../manifests/in-the-cluster.ts';

/** One place that may differ, and why. */
export interface Ignored {
  /** JSON Pointer (RFC 6901): that value and all below it, in every object. */
  readonly path: string;
  readonly reason: string;
}

const METADATA = [...BOOKKEEPING, 'name', 'namespace', 'ownerReferences'];
/** Set by the controller that has found the volume: a name that somebody has written stands without it (Kubernetes, well-known annotations). */
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const ANNOTATIONS = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  'kubectl.kubernetes.io/restartedAt',
  BOUND_BY_CONTROLLER,
  'pv.kubernetes.io/bind-completed',
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/selected-node',
];
/** `kubernetes.io/pvc-protection`, `service.kubernetes.io/load-balancer-cleanup`: the cluster's own. */
const FINALIZER = /^(?:[a-z-]+\.)?kubernetes\.io\//;
/** Given by the cluster to each Service of its own. */
const SERVICE = [
  'clusterIP',
  'clusterIPs',
  'ipFamilies',
  'ipFamilyPolicy',
  'internalTrafficPolicy',
  'healthCheckNodePort',
];

/** What is compared of an object: neither status nor bookkeeping, nor the name that is known to be the same. */
export function comparable({ kind, metadata, status: _status, apiVersion, ...rest }: ManifestObject): object {
  const { annotations, finalizers, ...others } = metadata;
  const kept = without(others, METADATA);
  const said = without((annotations ?? {}) as Record<string, unknown>, ANNOTATIONS);
  const held = Array.isArray(finalizers) ? finalizers.filter((one) => !FINALIZER.test(String(one))) : [];
  const { spec } = rest as { readonly spec?: Record<string, unknown> };
  const isCore = groupOf(apiVersion) === '' && spec !== undefined;
  const isBound = (annotations as Record<string, unknown> | undefined)?.[BOUND_BY_CONTROLLER] === 'yes';
  return {
    ...(groupOf(apiVersion) === '' && kind === 'Secret' ? encoded(rest) : rest),
    ...(isCore && kind === 'Service' ? { spec: withoutGiven(spec) } : {}),
    ...(isCore && kind === 'PersistentVolumeClaim' && isBound ? { spec: without(spec, ['volumeName']) } : {}),
    metadata: {
      ...kept,
      ...(Object.keys(said).length === 0 ? {} : { annotations: said }),
      ...(held.length === 0 ? {} : { finalizers: held }),
    },
  };
}

/** What a manifest states as text stands encoded in the cluster (`stringData`, Kubernetes API, Secret). */
function encoded({ stringData, ...rest }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const texts = Object.entries((stringData ?? {}) as Record<string, unknown>);
  if (texts.length === 0) return rest;
  const values = texts.map(([key, text]) => [
    key,
    btoa(String.fromCharCode(...new TextEncoder().encode(String(text)))),
  ]);
  return { ...rest, data: { ...(rest['data'] as object | undefined), ...Object.fromEntries(values) } };
}

function withoutGiven(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { ports } = spec;
  const kept = without(spec, SERVICE);
  if (!Array.isArray(ports)) return kept;
  return { ...kept, ports: ports.map((port) => without(port as Record<string, unknown>, ['nodePort'])) };
}

export function isIgnored(path: readonly (string | number)[], ignored: readonly Ignored[]): boolean {
  const pointer = pointerOf(path);
  return ignored.some((one) => pointer === one.path || pointer.startsWith(`${one.path}/`));
}

function without(from: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([key]) => !keys.includes(key)));
}
