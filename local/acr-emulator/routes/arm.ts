/** Azure Resource Manager: the registries as resources, and what `az` and the SDKs ask before they act. Any api-version. */
import { requireCaller, requireRight } from '../arm-gate.ts';
import { registryId, type Emulation, type RegistrySite } from '../emulation.ts';
import { json, route, type Exchange, type Route } from '../http/exchange.ts';
import { Refusal } from '../http/refusal.ts';
import { holds, rolesOn } from '../rights.ts';
import type { IdentityDefinition } from '../world.ts';

const PROVIDER = 'providers/Microsoft\\.ContainerRegistry';
const SUBSCRIPTION = '^/subscriptions/(?<subscription>[^/]+)';
const GROUP = `${SUBSCRIPTION}/resourceGroups/(?<group>[^/]+)`;
const REGISTRY = `${GROUP}/${PROVIDER}/registries/(?<registry>[^/]+)`;
const RESOURCE_TYPE = 'Microsoft.ContainerRegistry/registries';

/** Resource ids are case-insensitive. */
function path(pattern: string): RegExp {
  return new RegExp(`${pattern}/?$`, 'i');
}

export const IMPORT_PATH = path(`${REGISTRY}/importImage`);

export function armRoutes(emulation: Emulation): Route[] {
  const { world } = emulation;
  return [
    route('GET', /^\/subscriptions\/?$/, async (exchange) => {
      const caller = await requireCaller(emulation, exchange);
      const visible = world.assignments.some(({ identity }) => identity === caller.name);
      return json(200, { value: visible ? [showSubscription(emulation)] : [], count: { type: 'Total', value: 1 } });
    }),
    route('GET', path(SUBSCRIPTION), async (exchange) => {
      await requireCaller(emulation, exchange);
      requireSubscription(emulation, exchange);
      return json(200, showSubscription(emulation));
    }),
    route('GET', /^\/tenants\/?$/, async (exchange) => {
      await requireCaller(emulation, exchange);
      return json(200, { value: [{ id: `/tenants/${world.tenant}`, tenantId: world.tenant }] });
    }),
    route('GET', path(`${SUBSCRIPTION}/resources`), async (exchange) => {
      const sites = await readable(emulation, exchange);
      return json(200, {
        value: matching(sites, exchange.query.get('$filter')).map((site) => showResource(emulation, site)),
      });
    }),
    route('GET', path(`${SUBSCRIPTION}/${PROVIDER}/registries`), async (exchange) => {
      const sites = await readable(emulation, exchange);
      return json(200, { value: sites.map((site) => showRegistry(emulation, site)) });
    }),
    route('GET', path(`${GROUP}/${PROVIDER}/registries`), async (exchange) => {
      const group = exchange.params['group']?.toLowerCase();
      const sites = (await readable(emulation, exchange)).filter(
        ({ definition }) => definition.resourceGroup.toLowerCase() === group,
      );
      return json(200, { value: sites.map((site) => showRegistry(emulation, site)) });
    }),
    route('GET', path(REGISTRY), async (exchange) => {
      const caller = await requireCaller(emulation, exchange);
      const site = requireSite(emulation, exchange);
      requireRight(emulation, caller, 'read', site);
      return json(200, showRegistry(emulation, site));
    }),
    route('GET', path(`${REGISTRY}/providers/Microsoft\\.Authorization/permissions`), async (exchange) => {
      const caller = await requireCaller(emulation, exchange);
      return json(200, { value: showPermissions(emulation, caller, requireSite(emulation, exchange)) });
    }),
  ];
}

/** The registry that the path names, or 404 as ARM says it. */
export function requireSite(emulation: Emulation, exchange: Exchange): RegistrySite {
  requireSubscription(emulation, exchange);
  const { registry = '', group = '' } = exchange.params;
  const site = findSite(emulation, registry);
  if (site !== undefined && site.definition.resourceGroup.toLowerCase() === group.toLowerCase()) return site;
  throw new Refusal(
    404,
    'ResourceNotFound',
    `The Resource '${RESOURCE_TYPE}/${registry}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

export function findSite(emulation: Emulation, name: string): RegistrySite | undefined {
  return emulation.registries.get(name.toLowerCase());
}

function requireSubscription(emulation: Emulation, exchange: Exchange): void {
  const asked = exchange.params['subscription'] ?? '';
  if (asked.toLowerCase() === emulation.world.subscription.toLowerCase()) return;
  throw new Refusal(404, 'SubscriptionNotFound', `The subscription '${asked}' could not be found.`);
}

async function readable(emulation: Emulation, exchange: Exchange): Promise<RegistrySite[]> {
  const caller = await requireCaller(emulation, exchange);
  requireSubscription(emulation, exchange);
  return [...emulation.registries.values()].filter(({ definition }) =>
    holds(emulation.world, caller.name, 'read', definition.name),
  );
}

/** The two filters that `az` sends: `resourceType eq '…'` and `name eq '…'`, joined by `and`. */
function matching(sites: readonly RegistrySite[], filter: string | null): readonly RegistrySite[] {
  const type = /resourceType eq '([^']*)'/i.exec(filter ?? '')?.[1];
  const name = /(?:^|\s)name eq '([^']*)'/i.exec(filter ?? '')?.[1];
  if (type !== undefined && type.toLowerCase() !== RESOURCE_TYPE.toLowerCase()) return [];
  return name === undefined ? sites : sites.filter(({ definition }) => definition.name === name.toLowerCase());
}

function showSubscription({ world }: Emulation): unknown {
  return {
    id: `/subscriptions/${world.subscription}`,
    subscriptionId: world.subscription,
    tenantId: world.tenant,
    displayName: 'Sluice emulator',
    state: 'Enabled',
    authorizationSource: 'RoleBased',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}

function showResource({ world }: Emulation, { definition }: RegistrySite): Record<string, unknown> {
  return {
    id: registryId(world, definition),
    name: definition.name,
    type: RESOURCE_TYPE,
    location: definition.location,
    sku: { name: 'Premium', tier: 'Premium' },
    tags: {},
  };
}

function showRegistry(emulation: Emulation, site: RegistrySite): unknown {
  return {
    ...showResource(emulation, site),
    properties: {
      loginServer: site.loginServer,
      creationDate: '2026-01-01T00:00:00.0000000Z',
      provisioningState: 'Succeeded',
      adminUserEnabled: false,
      anonymousPullEnabled: false,
      dataEndpointEnabled: false,
      dataEndpointHostNames: [],
      networkRuleBypassOptions: 'AzureServices',
      publicNetworkAccess: 'Enabled',
      zoneRedundancy: 'Disabled',
      roleAssignmentMode: site.definition.roleAssignmentMode,
      encryption: { status: 'disabled' },
      policies: {
        quarantinePolicy: { status: 'disabled' },
        trustPolicy: { type: 'Notary', status: 'disabled' },
        retentionPolicy: { days: 7, status: 'disabled' },
        exportPolicy: { status: 'enabled' },
        azureADAuthenticationAsArmPolicy: { status: 'enabled' },
        softDeletePolicy: { retentionDays: 7, status: 'disabled' },
      },
    },
  };
}

/** What the caller's roles on the registry add up to (Microsoft.Authorization/permissions, 2022-04-01). */
function showPermissions({ world }: Emulation, caller: IdentityDefinition, { definition }: RegistrySite): unknown[] {
  return rolesOn(world, caller.name, definition.name).map(({ actions, dataActions }) => ({
    actions,
    notActions: [],
    dataActions,
    notDataActions: [],
  }));
}
