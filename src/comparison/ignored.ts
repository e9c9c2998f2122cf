/** What the cluster itself writes into an object, and what somebody has said not to mind. */
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
const ANNOTATIONS = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  'kubectl.kubernetes.io/restartedAt',
];
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
export function comparable({ kind, metadata, status: _status, apiVersion: _version, ...rest }: ManifestObject): object {
  const { annotations, ...others } = metadata;
  const kept = without(others, METADATA);
  const said = without((annotations ?? {}) as Record<string, unknown>, ANNOTATIONS);
  const { spec } = rest as { readonly spec?: Record<string, unknown> };
  return {
    ...rest,
    ...(kind === 'Service' && spec !== undefined ? { spec: withoutGiven(spec) } : {}),
    metadata: Object.keys(said).length === 0 ? kept : { ...kept, annotations: said },
  };
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
