/** What every registry must be. They come as generic resources (`resources/registry.ts`) or, made by others, as typed ones. */
import { about, at, expects, type Rule, type Stated } from './rule.ts';

const TYPED = 'azure-native:containerregistry:Registry';
const GENERIC = 'azure-native:resources:Resource';

/** A registry, whichever way it is stated: by what was put in, or by what came out of it. */
export function isRegistry({ type, inputs }: Stated): boolean {
  if (type === TYPED) return true;
  if (type !== GENERIC) return false;
  return inputs['resourceType'] === undefined
    ? String(inputs['type']).toLowerCase() === 'microsoft.containerregistry/registries'
    : inputs['resourceProviderNamespace'] === 'Microsoft.ContainerRegistry' && inputs['resourceType'] === 'registries';
}

/** Settings of a registry, whichever way it is stated; undefined: it is none. */
function settingsOf(one: Stated): Stated | undefined {
  if (!isRegistry(one)) return undefined;
  const { type, name, inputs } = one;
  const { properties } = inputs;
  return type === TYPED ? one : { type, name, inputs: { ...(properties as object), sku: inputs['sku'] } };
}

function registry(name: string, why: string, faults: (settings: Stated) => readonly string[]): Rule {
  return {
    name,
    why,
    faults: (one) => {
      const settings = settingsOf(one);
      return settings === undefined ? [] : faults(settings);
    },
  };
}

export const REGISTRY_RULES: readonly Rule[] = [
  registry('registry-premium', 'private endpoints, retention and export policy are Premium', (one) =>
    expects(one, 'sku.name', 'Premium'),
  ),
  registry('registry-no-admin', 'the admin user is a shared password with every right', (one) =>
    expects(one, 'adminUserEnabled', false),
  ),
  registry('registry-no-anonymous-pull', 'everybody on the network could pull', (one) =>
    expects(one, 'anonymousPullEnabled', false),
  ),
  registry('registry-repository-permissions', 'without them the right to lock is the right to push', (one) =>
    one.type === TYPED ? [] : expects(one, 'roleAssignmentMode', 'AbacRepositoryPermissions'),
  ),
  registry('registry-network', 'the public network is closed, or open to named addresses only', (one) => {
    const isOpen = at(one.inputs, 'publicNetworkAccess') !== 'Disabled';
    const rules = at(one.inputs, 'networkRuleSet.ipRules');
    const named = Array.isArray(rules) ? rules.map((rule) => String(at(rule, 'iPAddressOrRange'))) : [];
    const everybody = named
      .filter((range) => /^0\.0\.0\.0(\/0)?$/.test(range))
      .map((range) => `networkRuleSet.ipRules: ${range} is everybody`);
    const unnamed = isOpen && named.length === 0 ? ['publicNetworkAccess: it is on, and no address is named'] : [];
    return [...expects(one, 'networkRuleSet.defaultAction', 'Deny'), ...everybody, ...unnamed];
  }),
  registry('registry-trusted-services', 'the import of the next environment comes as a trusted service', (one) =>
    expects(one, 'networkRuleBypassOptions', 'AzureServices'),
  ),
  registry(
    'registry-keeps-untagged',
    'signatures and packed manifests have no tag: a retention deletes what vouches for an image',
    (one) =>
      at(one.inputs, 'policies.retentionPolicy.status') === 'enabled' &&
      Number(at(one.inputs, 'policies.retentionPolicy.days')) < 90
        ? [
            'policies.retentionPolicy.days: below 90 an image loses its signatures before it can be rolled back to; expected disabled, or at least 90',
          ]
        : [],
  ),
  registry('registry-no-content-trust', 'Notary v1 is retired; Cosign signatures are referrers', (one) =>
    expects(one, 'policies.trustPolicy.status', 'disabled', undefined),
  ),
];

export const LOCK_RULES: readonly Rule[] = [
  about(
    'azure-native:authorization:ManagementLockByScope',
    'lock-level',
    'a read-only lock would refuse imports',
    (one) => expects(one, 'level', 'CanNotDelete'),
  ),
];
