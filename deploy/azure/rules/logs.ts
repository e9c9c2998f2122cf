/** Each registry and vault writes its audit somewhere; whoever looks at one resource alone cannot tell. */
import type { Fault } from './all.ts';
import { isRegistry } from './registries.ts';
import { at, sourcesOf, type Stated } from './rule.ts';

const REGISTRY_LOGS = ['ContainerRegistryLoginEvents', 'ContainerRegistryRepositoryEvents'];

export function unlogged(resources: readonly Stated[]): readonly Fault[] {
  const settings = resources.filter(({ type }) => type === 'azure-native:monitor:DiagnosticSetting');
  return resources.flatMap((one) => {
    const kept = settings.filter((setting) => isOn(setting, one) && hasWorkspace(setting)).flatMap(categories);
    return wantedOf(one)
      .filter((category) => !kept.includes(category))
      .map((category) => ({
        rule: 'logs-kept',
        resource: `${one.type} ${one.name}`,
        says: `${category} is written nowhere`,
      }));
  });
}

function wantedOf(one: Stated): readonly string[] {
  if (one.type === 'azure-native:keyvault:Vault') return ['AuditEvent'];
  return isRegistry(one) ? REGISTRY_LOGS : [];
}

function isOn(setting: Stated, one: Stated): boolean {
  const sources = sourcesOf(setting, 'resourceUri');
  if (sources.length > 0) return sources.includes(`${one.type}::${one.name}`);
  const own = one.inputs['resourceName'] ?? one.inputs['registryName'] ?? one.inputs['vaultName'];
  return own !== undefined && String(setting.inputs['resourceUri']).endsWith(`/${String(own)}`);
}

function hasWorkspace(setting: Stated): boolean {
  return sourcesOf(setting, 'workspaceId').length > 0 || setting.inputs['workspaceId'] !== undefined;
}

function categories({ inputs }: Stated): readonly string[] {
  const { logs } = inputs;
  return Array.isArray(logs)
    ? logs.filter((log) => at(log, 'enabled') === true).map((log) => String(at(log, 'category')))
    : [];
}
