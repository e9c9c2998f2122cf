/** The rules that every single object is held to. Each is one function: problems out, nothing thrown. */
import { groupOf, isClusterScoped, kindName } from '../domain/kinds.ts';
import type { Judging, ManifestProblem } from './judging.ts';
import type { StatedObject } from './parse.ts';

export interface ObjectJudging extends Judging {
  readonly namespace: string;
}

export type ObjectRule = (stated: StatedObject, judging: ObjectJudging) => readonly ManifestProblem[];

export const OBJECT_RULES: readonly ObjectRule[] = [
  noToolInput,
  noClusterScope,
  listedKind,
  ownNamespace,
  noClusterFields,
];

/** Files for other tools have an apiVersion and a kind too, but no cluster knows them. */
function noToolInput({ object, where }: StatedObject): readonly ManifestProblem[] {
  if (!groupOf(object.apiVersion).endsWith('config.k8s.io') || object.kind !== 'Kustomization') return [];
  return problem(
    where(),
    'a Kustomization is input for kustomize, not for a cluster',
    'commit the output of "kubectl kustomize" instead',
  );
}

function noClusterScope({ object, where }: StatedObject): readonly ManifestProblem[] {
  if (!isClusterScoped(object.apiVersion, object.kind)) return [];
  return problem(
    where(['kind']),
    `${object.kind}/${object.metadata.name} belongs to the whole cluster, not to a service`,
    'remove it here; whoever runs the cluster creates it',
  );
}

function listedKind(
  { object, where }: StatedObject,
  { environment, rules }: ObjectJudging,
): readonly ManifestProblem[] {
  const { apiVersion, kind, metadata } = object;
  const name = kindName(groupOf(apiVersion), kind);
  if (rules === 'judged-before' || rules.kinds === undefined || rules.kinds.includes(name)) return [];
  // what belongs to the whole cluster is told by its own rule, and no list changes that
  if (isClusterScoped(apiVersion, kind)) return [];
  const message = `${kind}/${metadata.name} is of a kind that ${environment} does not list`;
  const remedy = `remove it, or add "${name}" to environments.${environment}.manifests.kinds`;
  return [{ where: where(['kind']), message, remedy, notAllowed: true }];
}

function ownNamespace({ object, where }: StatedObject, { namespace }: ObjectJudging): readonly ManifestProblem[] {
  const stated: unknown = object.metadata.namespace;
  if (stated === undefined || stated === null || stated === namespace) return [];
  return problem(
    where(['metadata', 'namespace']),
    `${object.kind}/${object.metadata.name} names namespace ${JSON.stringify(stated)}; expected "${namespace}"`,
    'leave metadata.namespace out: Sluice sets it',
  );
}

/** What only a cluster writes; its presence means the file was exported from one. */
function noClusterFields({ object, where }: StatedObject): readonly ManifestProblem[] {
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

function problem(where: string, message: string, remedy: string): readonly ManifestProblem[] {
  return [{ where, message, remedy }];
}
