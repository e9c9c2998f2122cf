/** The keys: one that signs images, and one for each environment's records. They are made in the vault and never leave it. */
import * as azure from '@pulumi/azure-native';
import type * as pulumi from '@pulumi/pulumi';
import type { Ground } from './ground.ts';
import { keepLogs, type Logs } from './logs.ts';
import { makeEndpoint, type Zones } from './network.ts';

export interface Keys {
  readonly vaultId: pulumi.Output<string>;
  readonly signing: SigningKey;
  readonly records: Readonly<Record<string, SigningKey>>;
}

export interface SigningKey {
  readonly id: pulumi.Output<string>;
  /** With its version, as `sluice.yaml` wants it: another version is another key. */
  readonly uri: pulumi.Output<string>;
}

/** How long before a key's turn the vault says so. */
const NOTICE = 'P30D';

export function makeKeys(ground: Ground, group: azure.resources.ResourceGroup, logs: Logs, zones: Zones): Keys {
  const { parameters, within } = ground;
  const { shared, tenant, location, tags } = parameters;
  const inShared = within(shared.subscription);
  const vault = new azure.keyvault.Vault(
    'vault',
    {
      vaultName: shared.vault,
      resourceGroupName: group.name,
      location,
      properties: {
        tenantId: tenant,
        sku: { family: 'A', name: 'premium' },
        enableRbacAuthorization: true,
        enableSoftDelete: true,
        softDeleteRetentionInDays: 90,
        enablePurgeProtection: true,
        publicNetworkAccess: 'Disabled',
        networkAcls: { defaultAction: 'Deny', bypass: 'None' },
      },
      tags,
    },
    { ...inShared, protect: true },
  );
  keepLogs('vault-logs', vault.id, ['AuditEvent'], logs, inShared);
  makeEndpoint(ground, zones, {
    name: 'vault',
    target: vault.id,
    kind: 'vault',
    location,
    group: group.name,
    within: inShared,
  });
  const key = (name: string): SigningKey => makeKey(ground, group, vault, name);
  return {
    vaultId: vault.id,
    signing: key('cosign'),
    records: Object.fromEntries(parameters.path.map((environment) => [environment, key(`records-${environment}`)])),
  };
}

function makeKey(
  { parameters, within }: Ground,
  group: azure.resources.ResourceGroup,
  vault: azure.keyvault.Vault,
  name: string,
): SigningKey {
  const { rotateAfterDays } = parameters.keys;
  const made = new azure.keyvault.Key(
    `key-${name}`,
    {
      keyName: name,
      vaultName: vault.name,
      resourceGroupName: group.name,
      properties: {
        kty: 'EC',
        curveName: 'P-256',
        keyOps: ['sign', 'verify'],
        attributes: { enabled: true, exportable: false },
        // a new version only when somebody makes it: images signed by a version nobody trusts yet would be refused (docs/runbooks/keys.md)
        rotationPolicy: {
          attributes: { expiryTime: `P${rotateAfterDays}D` },
          lifetimeActions: [{ action: { type: 'notify' }, trigger: { timeBeforeExpiry: NOTICE } }],
        },
      },
      tags: parameters.tags,
    },
    { ...within(parameters.shared.subscription), protect: true },
  );
  return { id: made.id, uri: made.keyUriWithVersion };
}
