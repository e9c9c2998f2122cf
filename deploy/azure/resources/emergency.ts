/** Break-glass: a right that nobody holds until they ask for it, that ends by itself, and whose use rings (docs/runbooks/break-glass.md). */
import * as azure from '@pulumi/azure-native';
import { GRANTS, type RoleKey } from '../roles/table.ts';
import { type Definitions, type Estate, holdersOf, scopesOf } from './grants.ts';
import type { Ground } from './ground.ts';

export function makeEligible(ground: Ground, estate: Estate, definitions: Definitions): void {
  for (const grant of GRANTS.filter(({ eligible }) => eligible === true)) {
    for (const holder of holdersOf(ground, estate, grant.who)) {
      for (const { name, scope, subscription } of scopesOf(ground, estate, grant, holder)) {
        new azure.authorization.PimRoleEligibilitySchedule(
          `eligible-${holder.name}-${name}`,
          {
            principalId: holder.principalId,
            roleDefinitionId: definitions[grant.role satisfies RoleKey],
            scope,
            justification:
              'Emergencies in which Sluice cannot act itself; each use is asked for, with a reason and a ticket.',
            // asked anew every year, so that a forgotten group does not stay
            scheduleInfo: { expiration: { type: 'AfterDuration', duration: 'P365D' } },
          },
          ground.within(subscription),
        );
      }
    }
  }
}

/** Whoever is on call hears of it when somebody takes the right, and of any sign-in that changes an environment without Sluice. */
export function ringOnUse(
  { parameters, within }: Ground,
  group: azure.resources.ResourceGroup,
  { logs }: Estate,
): void {
  new azure.monitor.ScheduledQueryRule(
    'alert-break-glass',
    {
      ruleName: `${parameters.prefix}-break-glass`,
      resourceGroupName: group.name,
      location: parameters.location,
      displayName: 'Break-glass was taken',
      description: 'Somebody has activated the emergency role. docs/runbooks/break-glass.md',
      severity: 1,
      enabled: true,
      scopes: [logs],
      evaluationFrequency: 'PT5M',
      windowSize: 'PT10M',
      criteria: { allOf: [{ query: BREAK_GLASS, timeAggregation: 'Count', operator: 'GreaterThan', threshold: 0 }] },
      actions: { actionGroups: [parameters.actionGroup] },
      tags: parameters.tags,
    },
    within(parameters.shared.subscription),
  );
}

/** Needs the directory's audit logs in the workspace (README: "What the program cannot set"). */
const BREAK_GLASS = `AuditLogs
| where LoggedByService == "PIM" and OperationName == "Add member to role completed (PIM activation)"
| where tostring(TargetResources) has "Sluice Break Glass"
| project TimeGenerated, Identity, ResultReason, CorrelationId`;
