/** What differs between Azure's clouds. Sources: `az cloud list`, "Azure Kubernetes Service … national clouds", "Private DNS zone values". */

export interface Cloud {
  /** As the Azure Native provider calls it (`azure-native:environment`). */
  readonly environment: 'public' | 'china' | 'usgovernment';
  readonly registrySuffix: string;
  readonly registryZone: string;
  readonly vaultSuffix: string;
  readonly vaultZone: string;
  /** What a token for a managed identity is made out to in a federation. */
  readonly audience: string;
  readonly regions: readonly string[];
  /** Regions with availability zones for registries. */
  readonly zonal: readonly string[];
}

const PUBLIC_ZONAL = [
  'australiaeast',
  'brazilsouth',
  'canadacentral',
  'centralindia',
  'centralus',
  'eastasia',
  'eastus',
  'eastus2',
  'francecentral',
  'germanywestcentral',
  'israelcentral',
  'italynorth',
  'japaneast',
  'koreacentral',
  'mexicocentral',
  'newzealandnorth',
  'northeurope',
  'norwayeast',
  'polandcentral',
  'qatarcentral',
  'southafricanorth',
  'southcentralus',
  'southeastasia',
  'spaincentral',
  'swedencentral',
  'switzerlandnorth',
  'uaenorth',
  'uksouth',
  'westeurope',
  'westus2',
  'westus3',
];
const PUBLIC_OTHER = [
  'australiacentral',
  'australiasoutheast',
  'canadaeast',
  'francesouth',
  'germanynorth',
  'japanwest',
  'koreasouth',
  'northcentralus',
  'norwaywest',
  'southafricawest',
  'southindia',
  'switzerlandwest',
  'uaecentral',
  'ukwest',
  'westcentralus',
  'westindia',
  'westus',
];

export const CLOUDS = {
  public: {
    environment: 'public',
    registrySuffix: 'azurecr.io',
    registryZone: 'privatelink.azurecr.io',
    vaultSuffix: 'vault.azure.net',
    vaultZone: 'privatelink.vaultcore.azure.net',
    audience: 'api://AzureADTokenExchange',
    regions: [...PUBLIC_ZONAL, ...PUBLIC_OTHER],
    zonal: PUBLIC_ZONAL,
  },
  china: {
    environment: 'china',
    registrySuffix: 'azurecr.cn',
    registryZone: 'privatelink.azurecr.cn',
    vaultSuffix: 'vault.azure.cn',
    vaultZone: 'privatelink.vaultcore.azure.cn',
    audience: 'api://AzureADTokenExchangeChina',
    regions: ['chinaeast', 'chinaeast2', 'chinaeast3', 'chinanorth', 'chinanorth2', 'chinanorth3'],
    zonal: ['chinanorth3'],
  },
  usgovernment: {
    environment: 'usgovernment',
    registrySuffix: 'azurecr.us',
    registryZone: 'privatelink.azurecr.us',
    vaultSuffix: 'vault.usgovcloudapi.net',
    vaultZone: 'privatelink.vaultcore.usgovcloudapi.net',
    audience: 'api://AzureADTokenExchangeUSGov',
    regions: ['usgovarizona', 'usgovtexas', 'usgovvirginia'],
    zonal: ['usgovvirginia'],
  },
} as const satisfies Readonly<Record<string, Cloud>>;

export type CloudName = keyof typeof CLOUDS;
