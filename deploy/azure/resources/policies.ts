/** Azure Policy on what the program has made: refusals that hold against whoever changes things by hand (`deploy/policy/azure`). */
import * as azure from '@pulumi/azure-native';
import type * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import type { Ground, Place } from './ground.ts';

export interface PolicyAssignment {
  readonly name: string;
  /** Id of the built-in definition. */
  readonly definition: string;
  readonly displayName: string;
  /** Of the definition: what each takes is in `built-in.json` beside it. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What whoever is refused reads. */
  readonly message: string;
}

export interface PolicyAssignments {
  readonly registry: readonly PolicyAssignment[];
  readonly cluster: readonly PolicyAssignment[];
}

/** System namespaces come with the cluster and pull from Microsoft's own registries. */
export const EXCLUDED = ['kube-system', 'gatekeeper-system', 'azure-arc', 'azure-extensions-usage-system'] as const;

export function readAssignments(): PolicyAssignments {
  const file = new URL('../../policy/azure/assignments.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as PolicyAssignments;
}

/** RE2, whole name: a repository of that registry, a tag or not, and always a digest (OCI distribution spec 1.1, "Pulling manifests"). */
export function allowedImages(registry: string, suffix: string): string {
  const component = '[a-z0-9]+(([.]|_|__|-+)[a-z0-9]+)*';
  const host = `${registry}.${suffix}`.replaceAll('.', '[.]');
  return `^${host}/${component}(/${component})*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?@sha256:[a-f0-9]{64}$`;
}

export function assignPolicies(ground: Ground, { name, its, group }: Place, cluster: pulumi.Output<string>): void {
  const { registry, cluster: onCluster } = readAssignments();
  for (const one of registry) assign(ground, name, its.subscription, one, group.id);
  const images = {
    allowedContainerImagesRegex: allowedImages(its.registry.name, ground.cloud.registrySuffix),
    excludedNamespaces: [...EXCLUDED],
  };
  for (const one of onCluster)
    assign(ground, name, its.subscription, { ...one, parameters: { ...one.parameters, ...images } }, cluster);
}

function assign(
  { within }: Ground,
  environment: string,
  subscription: string,
  { name, definition, displayName, parameters, message }: PolicyAssignment,
  scope: pulumi.Output<string>,
): void {
  new azure.authorization.PolicyAssignment(
    `policy-${name}-${environment}`,
    {
      policyAssignmentName: `sluice-${name}`,
      displayName: `Sluice: ${displayName}`,
      policyDefinitionId: `/providers/Microsoft.Authorization/policyDefinitions/${definition}`,
      scope,
      enforcementMode: 'Default',
      parameters: Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, { value }])),
      nonComplianceMessages: [{ message }],
    },
    within(subscription),
  );
}
