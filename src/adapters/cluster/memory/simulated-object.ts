/** One object of the simulated cluster, and the reading of manifests that simulation needs. */
import { canonicalJson } from '../../../content/canonical-json.ts';
import type { ManifestObject, ObjectRef } from '../../../domain/manifest-object.ts';

export interface SimulatedObject {
  readonly ref: ObjectRef;
  readonly manifest: ManifestObject;
  readonly generation: number;
  /** When its pod template last changed, milliseconds since the epoch: from then on its pods become what they become. */
  readonly templateSince: number;
}

interface WorkloadSpec {
  readonly replicas?: number;
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly template?: {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec?: {
      readonly containers?: readonly { readonly image?: string }[];
      readonly initContainers?: readonly { readonly image?: string }[];
    };
  };
}

const WORKLOADS = ['deployment', 'statefulset', 'daemonset'];

/** In whatever case: manifests write `Deployment`, configuration `deployment`. */
export function isWorkload(kind: string): boolean {
  return WORKLOADS.includes(kind.toLowerCase());
}

export function specOf(manifest: ManifestObject): WorkloadSpec {
  return (manifest['spec'] ?? {}) as WorkloadSpec;
}

export function imagesOf(manifest: ManifestObject): string[] {
  const pod = specOf(manifest).template?.spec;
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].map((one) => one.image ?? '');
}

export function templateOf(manifest: ManifestObject): string {
  return canonicalJson(specOf(manifest).template ?? null);
}

/** What `metadata.generation` counts: changes of anything but metadata. */
export function contentOf(manifest: ManifestObject): string {
  const { metadata: _, ...content } = manifest;
  return canonicalJson(content);
}

export function keyOf(ref: ObjectRef): string {
  return `${ref.namespace}/${ref.kind}/${ref.name}`.toLowerCase();
}

/** What a real API server would say no to; undefined: it would take the object. */
export function problemOf(manifest: ManifestObject, namespace: string): string | undefined {
  if (typeof manifest.apiVersion !== 'string' || typeof manifest.kind !== 'string')
    return 'apiVersion or kind is missing';
  const { name, namespace: own } = manifest.metadata ?? {};
  if (typeof name !== 'string' || !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name))
    return 'metadata.name is not an RFC 1123 name';
  if (own !== undefined && own !== namespace) return `it names namespace "${own}", the service lives in "${namespace}"`;
  return isWorkload(manifest.kind) ? workloadProblem(specOf(manifest)) : undefined;
}

function workloadProblem({ selector, template }: WorkloadSpec): string | undefined {
  if (!template?.spec?.containers?.length) return 'spec.template.spec.containers: Required value';
  if (template.spec.containers.some((one) => !one.image))
    return 'spec.template.spec.containers[].image: Required value';
  const labels = template.metadata?.labels ?? {};
  const wanted = Object.entries(selector?.matchLabels ?? {});
  if (wanted.length === 0) return 'spec.selector: Required value';
  return wanted.every(([key, value]) => labels[key] === value)
    ? undefined
    : '`selector` does not match template `labels`';
}
