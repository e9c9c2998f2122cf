/**
 * One Premium registry. It goes through the generic resource with API version 2025-11-01, since the typed `Registry` of the Azure Native
 * provider 3.28 is at 2023-01-01-preview, which has no `roleAssignmentMode`; its properties are typed by the provider's own inputs all the same.
 */
import * as azure from '@pulumi/azure-native';
import type * as inputs from '@pulumi/azure-native/types/input.js';
import type { EnvironmentParameters } from '../parameters/shape.ts';
import type { Ground, Place } from './ground.ts';
import { keepLogs, type Logs } from './logs.ts';
import { makeEndpoint, type Zones } from './network.ts';

export const REGISTRY_API = '2025-11-01';

/** Microsoft.ContainerRegistry/registries, `properties`. */
export interface RegistryProperties {
  readonly adminUserEnabled: boolean;
  readonly anonymousPullEnabled: boolean;
  readonly roleAssignmentMode: 'AbacRepositoryPermissions' | 'LegacyRegistryPermissions';
  readonly publicNetworkAccess: 'Enabled' | 'Disabled';
  readonly networkRuleBypassOptions: 'AzureServices' | 'None';
  readonly networkRuleSet: inputs.containerregistry.NetworkRuleSetArgs;
  readonly policies: inputs.containerregistry.PoliciesArgs;
  readonly zoneRedundancy: 'Enabled' | 'Disabled';
  readonly dataEndpointEnabled: boolean;
}

/** `isLast`: nobody imports from it, so that its images may be kept from leaving (an export policy refuses imports from there too). */
export function registryProperties({ registry }: EnvironmentParameters, isLast: boolean): RegistryProperties {
  const { publicFrom, untaggedKeptDays, zoneRedundant } = registry;
  const isPrivate = publicFrom.length === 0;
  return {
    adminUserEnabled: false,
    anonymousPullEnabled: false,
    roleAssignmentMode: 'AbacRepositoryPermissions',
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled',
    // the next environment's import comes as a trusted service
    networkRuleBypassOptions: 'AzureServices',
    networkRuleSet: {
      defaultAction: 'Deny',
      ipRules: publicFrom.map((iPAddressOrRange) => ({ action: 'Allow', iPAddressOrRange })),
    },
    policies: {
      // Azure takes `disabled` only where the public network is closed
      exportPolicy: { status: isLast && isPrivate ? 'disabled' : 'enabled' },
      // signatures, attestations and packed manifests have no tag: a retention of untagged manifests deletes what vouches for an image
      retentionPolicy: {
        status: untaggedKeptDays > 0 ? 'enabled' : 'disabled',
        days: untaggedKeptDays > 0 ? untaggedKeptDays : 7,
      },
      softDeletePolicy: { status: 'disabled' },
      // Notary v1 is retired; a quarantine would hide an image from whoever signs it
      trustPolicy: { status: 'disabled' },
      quarantinePolicy: { status: 'disabled' },
      // Sluice asks for tokens of the resource manager's audience
      azureADAuthenticationAsArmPolicy: { status: 'enabled' },
    },
    zoneRedundancy: zoneRedundant ? 'Enabled' : 'Disabled',
    // layers come from the registry's own address too, so that a network rule can name it
    dataEndpointEnabled: true,
  };
}

/** The registry, its lock against deletion, its logs and its private endpoint. */
export function makeRegistry(
  ground: Ground,
  place: Place,
  isLast: boolean,
  logs: Logs,
  zones: Zones,
): azure.resources.Resource {
  const { name, its, location, group } = place;
  const within = ground.within(its.subscription);
  const registry = new azure.resources.Resource(
    `registry-${name}`,
    {
      apiVersion: REGISTRY_API,
      resourceProviderNamespace: 'Microsoft.ContainerRegistry',
      parentResourcePath: '',
      resourceType: 'registries',
      resourceName: its.registry.name,
      resourceGroupName: group.name,
      location,
      sku: { name: 'Premium' },
      properties: registryProperties(its, isLast),
      tags: { ...ground.parameters.tags, environment: name },
    },
    { ...within, protect: true },
  );
  new azure.authorization.ManagementLockByScope(
    `registry-lock-${name}`,
    {
      scope: registry.id,
      lockName: 'sluice-no-deletion',
      level: 'CanNotDelete',
      notes: 'What runs here was pulled from it, and its records lie in it.',
    },
    within,
  );
  keepLogs(
    `registry-logs-${name}`,
    registry.id,
    ['ContainerRegistryLoginEvents', 'ContainerRegistryRepositoryEvents'],
    logs,
    within,
  );
  makeEndpoint(ground, zones, {
    name: `registry-${name}`,
    target: registry.id,
    kind: 'registry',
    location,
    group: group.name,
    within,
  });
  return registry;
}
