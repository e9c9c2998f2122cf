/** The rules that every single object is held to. Each is one function: problems out, nothing thrown. */
import type { Problem } from '../domain/error-code.ts';
import { groupOf, isClusterScoped } from './cluster-scoped.ts';
import type { StatedObject } from './parse.ts';

export type ObjectRule = (stated: StatedObject, namespace: string) => readonly Problem[];

export const OBJECT_RULES: readonly ObjectRule[] = [noToolInput, noClusterScope, ownNamespace, noClusterFields];

/** Files for other tools have an apiVersion and a kind too, but no cluster knows them. */
function noToolInput({ object, where }: StatedObject): readonly Problem[] {
  if (!groupOf(object.apiVersion).endsWith('config.k8s.io') || object.kind !== 'Kustomization') return [];
  return problem(
    where(),
    'a Kustomization is input for kustomize, not for a cluster',
    'commit the output of "kubectl kustomize" instead',
  );
}

function noClusterScope({ object, where }: StatedObject): readonly Problem[] {
  if (!isClusterScoped(object.apiVersion, object.kind)) return [];
  return problem(
    where(['kind']),
    `${object.kind}/${object.metadata.name} belongs to the whole cluster, not to a service`,
    'remove it here; whoever runs the cluster creates it',
  );
}

function ownNamespace({ object, where }: StatedObject, namespace: string): readonly Problem[] {
  const stated: unknown = object.metadata.namespace;
  if (stated === undefined || stated === null || stated === namespace) return [];
  return problem(
    where(['metadata', 'namespace']),
    `${object.kind}/${object.metadata.name} names namespace ${JSON.stringify(stated)}; expected "${namespace}"`,
    'leave metadata.namespace out: Sluice sets it',
  );
}

/** What only a cluster writes; its presence means the file was exported from one. */
function noClusterFields({ object, where }: StatedObject): readonly Problem[] {
  return ['uid', 'resourceVersion', 'managedFields', 'generateName']
    .filter((field) => object.metadata[field] !== undefined)
    .flatMap((field) =>
      problem(
        where(['metadata', field]),
        `${object.kind}/${object.metadata.name} carries metadata.${field}, which a manifest cannot state`,
        'remove the field; was the file exported from a cluster?',
      ),
    );
}

function problem(where: string, message: string, remedy: string): readonly Problem[] {
  return [{ where, message, remedy }];
}
