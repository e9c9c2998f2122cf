/** Private endpoints in a network that is there already, and the private zones in which their names are found. */
import * as azure from '@pulumi/azure-native';
import type * as pulumi from '@pulumi/pulumi';
import type { Ground } from './ground.ts';
import type { Within } from './logs.ts';

export interface Zones {
  readonly registry: pulumi.Output<string>;
  readonly vault: pulumi.Output<string>;
}

/** "Azure Private Endpoint private DNS zone values": the sub-resource of each kind. */
const GROUP_ID = { registry: 'registry', vault: 'vault' } as const;

export interface Endpoint {
  readonly name: string;
  readonly target: pulumi.Input<string>;
  readonly kind: keyof typeof GROUP_ID;
  readonly location: string;
  readonly group: pulumi.Input<string>;
  readonly within: Within;
}

export function makeZones(ground: Ground, group: azure.resources.ResourceGroup): Zones {
  const { cloud, parameters, within } = ground;
  const zoneOf = (kind: 'registry' | 'vault', privateZoneName: string): pulumi.Output<string> => {
    const shared = within(parameters.shared.subscription);
    const place = { resourceGroupName: group.name, privateZoneName, location: 'global', tags: parameters.tags };
    const zone = new azure.privatedns.PrivateZone(`zone-${kind}`, place, shared);
    new azure.privatedns.VirtualNetworkLink(
      `zone-link-${kind}`,
      {
        ...place,
        privateZoneName: zone.name,
        virtualNetworkLinkName: `${parameters.prefix}-${kind}`,
        registrationEnabled: false,
        virtualNetwork: { id: parameters.network.virtualNetwork },
      },
      shared,
    );
    return zone.id;
  };
  return { registry: zoneOf('registry', cloud.registryZone), vault: zoneOf('vault', cloud.vaultZone) };
}

export function makeEndpoint(
  { parameters }: Ground,
  zones: Zones,
  { name, target, kind, location, group, within }: Endpoint,
): void {
  const endpoint = new azure.network.PrivateEndpoint(
    `endpoint-${name}`,
    {
      privateEndpointName: `${parameters.prefix}-${name}-pe`,
      resourceGroupName: group,
      location,
      subnet: { id: parameters.network.endpointSubnet },
      privateLinkServiceConnections: [{ name, privateLinkServiceId: target, groupIds: [GROUP_ID[kind]] }],
      tags: parameters.tags,
    },
    within,
  );
  new azure.network.PrivateDnsZoneGroup(
    `endpoint-zone-${name}`,
    {
      privateDnsZoneGroupName: 'default',
      privateEndpointName: endpoint.name,
      resourceGroupName: group,
      privateDnsZoneConfigs: [{ name: kind, privateDnsZoneId: zones[kind] }],
    },
    within,
  );
}
