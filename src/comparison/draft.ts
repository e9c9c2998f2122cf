/**
 * What a service needs in `sluice.yaml` and as manifests, drafted from the recorded objects of what runs. What kubectl has been given before
 * (its annotation) is what was stated; otherwise an object as it stands, without what the cluster writes itself.
 */
import { stringify } from 'yaml';
import { type ImageReference, ImageReferenceError, parseImageReference } from '../domain/image-reference.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import { BOOKKEEPING } from '../manifests/in-the-cluster.ts';
import { isDerived, nameOf } from './derived.ts';

export interface DraftRequest {
  readonly service: string;
  readonly environment: string;
  readonly objects: readonly ManifestObject[];
  /** Which of them belong to the service; of the others only the names are told. */
  readonly isOwn: (object: ManifestObject) => boolean;
}

export interface Draft {
  /** For `sluice.yaml`. */
  readonly entry: string;
  /** Below the folder of all manifests. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** What somebody has to look at. */
  readonly notes: readonly string[];
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet'];
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Annotations that controllers keep (Kubernetes, "Well-Known Labels, Annotations and Taints"). */
const KEPT_BY_OTHERS = [APPLIED, 'deployment.kubernetes.io/revision', 'deprecated.daemonset.template.generation'];
/** Of a Service: the cluster gives them (Kubernetes API v1, ServiceSpec). */
const GIVEN_TO_SERVICES = [
  'clusterIP',
  'clusterIPs',
  'ipFamilies',
  'ipFamilyPolicy',
  'internalTrafficPolicy',
  'healthCheckNodePort',
];

/** Undefined: none of these objects is a workload. */
export function draftOf({ service, environment, objects: all, isOwn }: DraftRequest): Draft | undefined {
  const objects = all.filter(isOwn);
  const strangers = all.filter((one) => !isOwn(one) && !isDerived(one, []) && one.kind !== 'Namespace');
  const stated = objects.filter((one) => !isDerived(one, []) && !['Namespace', 'Secret'].includes(one.kind));
  const workloads = stated.filter(({ kind }) => WORKLOADS.includes(kind));
  const secrets = objects.filter((one) => one.kind === 'Secret' && !isDerived(one, []));
  const [first] = workloads;
  if (first === undefined) return undefined;
  const released = releasedImage(workloads, service);
  const repository = released === undefined ? service : repositoryOf(released);
  const namespace = first.metadata.namespace ?? service;
  const entry = {
    services: {
      [service]: {
        ...{ repository, manifests: `manifests/${service}`, namespace: { [environment]: namespace } },
        workloads: workloads.map(nameOf),
      },
    },
  };
  return {
    entry: stringify(entry, { lineWidth: 0 }),
    files: stated.map((object) => ({
      path: `${service}/${environment}/${nameOf(object).replaceAll('/', '-')}.yaml`,
      text: stringify(withImage(statedOf(object), released, repository), { lineWidth: 0 }),
    })),
    notes: notesOn(released, workloads, secrets, strangers),
  };
}

function notesOn(
  released: string | undefined,
  workloads: readonly ManifestObject[],
  secrets: readonly ManifestObject[],
  strangers: readonly ManifestObject[],
): readonly string[] {
  const images = [...new Set(workloads.flatMap(imagesOf))];
  const others = images.filter((one) => one !== released && digestOf(one) === undefined);
  return [
    ...(released === undefined
      ? [
          `which image is released is not clear: write its repository into the entry and the manifests (${images.join(', ')})`,
        ]
      : []),
    ...others.map((one) => `${one} is named by a tag: name it by digest, or no release may apply it`),
    ...secrets.map(
      (one) => `${nameOf(one)} is left out: a Secret stays where it is, and is never written into a file here`,
    ),
    ...(strangers.length === 0
      ? []
      : [`not named or labelled after the service, and left out: ${strangers.map(nameOf).join(', ')}`]),
    'health is not known: add it, or the service is not asked whether it is well',
  ];
}

/** The one image of all workloads, or the one that is named like the service. */
function releasedImage(workloads: readonly ManifestObject[], service: string): string | undefined {
  const images = [...new Set(workloads.flatMap(imagesOf))];
  const named = images.filter((one) => repositoryOf(one).split('/').at(-1) === service);
  if (named.length === 1) return named[0];
  return images.length === 1 ? images[0] : undefined;
}

function repositoryOf(image: string): string {
  return (referenceOf(image) ?? referenceOf(`${image}:latest`))?.repository ?? image;
}

function digestOf(image: string): string | undefined {
  return referenceOf(image)?.digest;
}

/** Undefined: no whole reference, as `iam` without a tag. */
function referenceOf(image: string): ImageReference | undefined {
  try {
    return parseImageReference(image);
  } catch (error) {
    if (error instanceof ImageReferenceError) return undefined;
    throw error;
  }
}

interface PodSpec {
  readonly containers?: readonly { readonly image?: string }[];
  readonly initContainers?: readonly { readonly image?: string }[];
}

function imagesOf(object: ManifestObject): readonly string[] {
  const { template } = (object['spec'] ?? {}) as { readonly template?: { readonly spec?: PodSpec } };
  const { containers = [], initContainers = [] } = template?.spec ?? {};
  return [...initContainers, ...containers].flatMap(({ image }) => image ?? []);
}

/** Sluice writes registry and digest where the repository stands. */
function withImage(object: ManifestObject, released: string | undefined, repository: string): ManifestObject {
  if (released === undefined || !imagesOf(object).includes(released)) return object;
  const replaced = (key: string, value: unknown): unknown =>
    key === 'image' && value === released ? repository : value;
  return JSON.parse(JSON.stringify(object, replaced)) as ManifestObject;
}

function statedOf(object: ManifestObject): ManifestObject {
  const annotations = (object.metadata['annotations'] ?? {}) as Readonly<Record<string, string>>;
  return bare(appliedIn(annotations[APPLIED]) ?? object);
}

/** Whoever may write to the object may write anything there. */
function appliedIn(text: string | undefined): ManifestObject | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<ManifestObject> | null;
    return typeof value?.kind === 'string' && typeof value.metadata?.name === 'string'
      ? (value as ManifestObject)
      : undefined;
  } catch {
    return undefined;
  }
}

function bare({ status: _, metadata, ...rest }: ManifestObject): ManifestObject {
  const { namespace: __, annotations = {}, ownerReferences: ___, finalizers: ____, ...kept } = metadata;
  const own = without(annotations as object, KEPT_BY_OTHERS);
  const named = without(kept, BOOKKEEPING) as ManifestObject['metadata'];
  const spec =
    rest.kind === 'Service'
      ? { spec: withoutNodePorts(without((rest['spec'] ?? {}) as object, GIVEN_TO_SERVICES)) }
      : {};
  return {
    ...rest,
    ...spec,
    metadata: Object.keys(own).length === 0 ? named : { ...named, annotations: own },
  } as ManifestObject;
}

function withoutNodePorts(spec: Readonly<Record<string, unknown>>): object {
  const { ports } = spec;
  if (!Array.isArray(ports) || spec['type'] === 'NodePort') return spec;
  return { ...spec, ports: ports.map((one: object) => without(one, ['nodePort'])) };
}

function without(object: object, keys: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
