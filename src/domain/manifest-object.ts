/** One Kubernetes object as a manifest states it: plain JSON, never read back from a cluster. */

export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** Identity of an object inside a cluster. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export function refOf(object: ManifestObject, namespace: string): ObjectRef {
  return { apiVersion: object.apiVersion, kind: object.kind, namespace, name: object.metadata.name };
}

/** `deployment/iam`, as people write it. */
export function formatRef(ref: ObjectRef): string {
  return `${ref.kind.toLowerCase()}/${ref.name}`;
}
