/** What follows from other objects, or is put there by the cluster or a tool for its own use: nobody deploys it, so nobody compares it. */
import { groupOf, isOwnGroup, kindName } from '../domain/kinds.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';

/** Made by the cluster out of others, or running for a moment. */
const KINDS = ['Pod', 'ReplicaSet', 'ControllerRevision', 'Endpoints', 'EndpointSlice', 'Event', 'Job', 'Lease'];
/** Put into each namespace by the cluster. */
const GIVEN = ['configmap/kube-root-ca.crt', 'serviceaccount/default', 'service/kubernetes'];
/** Helm 3 keeps its releases in Secrets of this type (helm.sh, "Storage backends"); the cluster's own tokens have the other one. */
const SECRETS = ['helm.sh/release.v1', 'kubernetes.io/service-account-token'];
/** The same release, where Helm was told to keep it in a ConfigMap (HELM_DRIVER=configmap). */
const HELM_RELEASE = /^sh\.helm\.release\.v1\./;
/** What Sluice itself remembers of a service lies in ConfigMaps with this label (`src/adapters/cluster/kubernetes/records.ts`). */
const RECORD_OF = 'sluice.dev/service';

/** `deployment/iam`; of a kind of somebody else's API with its group, for two groups may have one kind: `certificate.example.org/iam`. */
export function nameOf({ apiVersion, kind, metadata }: ManifestObject): string {
  return `${kindName(groupOf(apiVersion), kind).toLowerCase()}/${metadata.name}`;
}

/** `workloads`: those that somebody has named as a service's own are compared, whoever made them. */
export function isDerived(object: ManifestObject, workloads: readonly string[]): boolean {
  if (GIVEN.includes(nameOf(object))) return true;
  if (isOwnGroup(groupOf(object.apiVersion)) && (KINDS.includes(object.kind) || isTools(object))) return true;
  return isControlled(object) && !workloads.includes(nameOf(object));
}

function isTools({ kind, metadata, type }: ManifestObject): boolean {
  if (kind === 'Secret') return SECRETS.includes(String(type));
  const labels = (metadata['labels'] ?? {}) as Readonly<Record<string, unknown>>;
  const isRecord = labels['app.kubernetes.io/managed-by'] === 'sluice' && labels[RECORD_OF] !== undefined;
  return kind === 'ConfigMap' && (isRecord || HELM_RELEASE.test(metadata.name));
}

/** `metadata.ownerReferences[].controller` (Kubernetes API, ObjectMeta): that one makes it and takes back what others change. */
function isControlled({ metadata }: ManifestObject): boolean {
  const owners = metadata['ownerReferences'];
  return Array.isArray(owners) && owners.some((one: { readonly controller?: unknown }) => one.controller === true);
}
