/** Every rule, and those that look at the estate as a whole. */
import { KEY_RULES } from './keys.ts';
import { LOCK_RULES, REGISTRY_RULES } from './registries.ts';
import { RIGHTS_RULES } from './rights.ts';
import { at, type Rule, type Stated } from './rule.ts';

export const RULES: readonly Rule[] = [...REGISTRY_RULES, ...LOCK_RULES, ...KEY_RULES, ...RIGHTS_RULES];

export interface Fault {
  readonly rule: string;
  readonly resource: string;
  readonly says: string;
}

/** All faults of all resources: rule by rule, then what is missing beside them. */
export function faultsOf(resources: readonly Stated[]): readonly Fault[] {
  const single = resources.flatMap((one) =>
    RULES.flatMap((rule) =>
      rule.faults(one).map((says) => ({ rule: rule.name, resource: `${one.type} ${one.name}`, says })),
    ),
  );
  return [...single, ...unlogged(resources)];
}

const REGISTRY_LOGS = ['ContainerRegistryLoginEvents', 'ContainerRegistryRepositoryEvents'];

/** Each registry and vault writes its audit somewhere; whoever looks at one resource alone cannot tell. */
export function unlogged(resources: readonly Stated[]): readonly Fault[] {
  const settings = resources.filter(({ type }) => type === 'azure-native:monitor:DiagnosticSetting');
  const wanted = (one: Stated): readonly string[] => {
    if (one.type === 'azure-native:keyvault:Vault') return ['AuditEvent'];
    return one.type === 'azure-native:resources:Resource' && one.inputs['resourceType'] === 'registries'
      ? REGISTRY_LOGS
      : [];
  };
  return resources.flatMap((one) => {
    const own = String(one.inputs['resourceName'] ?? one.inputs['vaultName']);
    const kept = settings
      .filter(({ inputs }) => String(inputs['resourceUri']).endsWith(`/${own}`) && inputs['workspaceId'] !== undefined)
      .flatMap(({ inputs }) => categories(inputs));
    return wanted(one)
      .filter((category) => !kept.includes(category))
      .map((category) => ({
        rule: 'logs-kept',
        resource: `${one.type} ${one.name}`,
        says: `${category} is written nowhere`,
      }));
  });
}

function categories(inputs: Stated['inputs']): readonly string[] {
  const logs = inputs['logs'];
  return Array.isArray(logs)
    ? logs.filter((log) => at(log, 'enabled') === true).map((log) => String(at(log, 'category')))
    : [];
}
