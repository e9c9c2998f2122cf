/** Where it is written down who signed in to registries and vault, and what was done there. */
import * as azure from '@pulumi/azure-native';
import type * as pulumi from '@pulumi/pulumi';
import type { Ground } from './ground.ts';

export interface Logs {
  readonly workspaceId: pulumi.Output<string>;
}

export type Within = ReturnType<Ground['within']>;

export function makeLogs({ parameters, within }: Ground, group: azure.resources.ResourceGroup): Logs {
  const { logs, subscription } = parameters.shared;
  const workspace = new azure.operationalinsights.Workspace(
    'logs',
    {
      workspaceName: logs.workspace,
      resourceGroupName: group.name,
      location: parameters.location,
      sku: { name: 'PerGB2018' },
      retentionInDays: logs.keptDays,
      // readers see what they may see of the resource, not the whole workspace
      features: { enableLogAccessUsingOnlyResourcePermissions: true, disableLocalAuth: true },
      tags: parameters.tags,
    },
    { ...within(subscription), protect: true },
  );
  return { workspaceId: workspace.id };
}

/** Categories as "Supported resource logs" of the resource type lists them. */
export function keepLogs(
  name: string,
  resourceUri: pulumi.Input<string>,
  categories: readonly string[],
  { workspaceId }: Logs,
  within: Within,
): void {
  new azure.monitor.DiagnosticSetting(
    name,
    {
      name: 'sluice-audit',
      resourceUri,
      workspaceId,
      logs: categories.map((category) => ({ category, enabled: true })),
      metrics: [{ category: 'AllMetrics', enabled: true }],
    },
    within,
  );
}
