/** The alert rules of `deploy/monitoring/azure`, on the estate's own workspace; each names the runbook that answers it. */
import * as azure from '@pulumi/azure-native';
import type * as inputs from '@pulumi/azure-native/types/input.js';
import { readFileSync } from 'node:fs';
import type { Estate } from './grants.ts';
import type { Ground } from './ground.ts';

export interface AlertRule {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly severity: number;
  /** ISO 8601 durations. */
  readonly evaluationFrequency: string;
  readonly windowSize: string;
  readonly autoMitigate: boolean;
  /** Microsoft.Insights/scheduledQueryRules, one of `criteria.allOf`. */
  readonly criteria: inputs.monitor.ConditionArgs;
  /** Path in the repository. */
  readonly runbook: string;
}

export function readAlerts(): readonly AlertRule[] {
  const file = new URL('../../monitoring/azure/alerts.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly alerts: readonly AlertRule[] }).alerts;
}

export function makeAlerts(
  { parameters, within }: Ground,
  group: azure.resources.ResourceGroup,
  { logs }: Estate,
): void {
  for (const { name, criteria, runbook, ...rule } of readAlerts()) {
    new azure.monitor.ScheduledQueryRule(
      `alert-${name}`,
      {
        ruleName: name,
        resourceGroupName: group.name,
        location: parameters.location,
        enabled: true,
        scopes: [logs],
        criteria: { allOf: [criteria] },
        actions: { actionGroups: [parameters.actionGroup], customProperties: { runbook } },
        tags: parameters.tags,
        ...rule,
      },
      within(parameters.shared.subscription),
    );
  }
}
