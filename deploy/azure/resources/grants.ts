/** The table of roles as role definitions and assignments, and nothing else. */
import * as azure from '@pulumi/azure-native';
import * as pulumi from '@pulumi/pulumi';
import { createHash } from 'node:crypto';
import { type Grant, GRANTS, type RoleKey, ROLES, type Where, type Who } from '../roles/table.ts';
import type { Ground } from './ground.ts';
import { subscriptionScope } from './ground.ts';

/** One environment with all that rights are given on or to. */
export interface Held {
  readonly name: string;
  readonly subscription: string;
  readonly registry: pulumi.Output<string>;
  /** Undefined: it is the first, and nothing is imported into it. */
  readonly source?: { readonly registry: pulumi.Output<string>; readonly subscription: string };
  readonly recordKey: pulumi.Output<string>;
  readonly cluster: pulumi.Output<string>;
  readonly namespaces: readonly string[];
  readonly worker: pulumi.Output<string>;
  readonly kubelet: pulumi.Output<string>;
}

export interface Estate {
  readonly environments: readonly Held[];
  readonly build: pulumi.Output<string>;
  readonly signingKey: pulumi.Output<string>;
  readonly logs: pulumi.Output<string>;
}

interface Scope {
  readonly name: string;
  readonly scope: pulumi.Output<string>;
  readonly subscription: string;
}

interface Holder {
  readonly name: string;
  readonly principalId: pulumi.Input<string>;
  readonly type: 'ServicePrincipal' | 'Group';
  /** Undefined: of no environment. */
  readonly at?: Held;
}

export type Definitions = Readonly<Record<RoleKey, pulumi.Output<string>>>;

/** An id that stays the same from run to run: Azure wants a GUID, and a random one would be another assignment each time. */
export function stableGuid(...parts: readonly string[]): string {
  const hex = createHash('sha256').update(parts.join('\n')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** Custom roles, assignable in the subscriptions of this file only; of built-in ones the id. */
export function defineRoles({ parameters, within }: Ground): Definitions {
  const { shared, environments, tenant } = parameters;
  const assignableScopes = [
    ...new Set([shared, ...Object.values(environments)].map((its) => subscriptionScope(its.subscription))),
  ];
  const define = (role: (typeof ROLES)[RoleKey]): pulumi.Output<string> => {
    if ('builtIn' in role) return pulumi.output(`/providers/Microsoft.Authorization/roleDefinitions/${role.builtIn}`);
    const made = new azure.authorization.RoleDefinition(
      `role-${role.name.toLowerCase().replaceAll(' ', '-')}`,
      {
        roleDefinitionId: stableGuid(tenant, parameters.prefix, role.name),
        roleName: `${role.name} (${parameters.prefix})`,
        roleType: 'CustomRole',
        description: role.why,
        scope: subscriptionScope(shared.subscription),
        assignableScopes,
        permissions: [
          { actions: [...role.actions], notActions: [], dataActions: [...role.dataActions], notDataActions: [] },
        ],
      },
      within(shared.subscription),
    );
    return made.id;
  };
  return Object.fromEntries(Object.entries(ROLES).map(([key, role]) => [key, define(role)])) as Definitions;
}

/** Every grant that is held always; those that must be asked for are `emergency.ts`. */
export function grantAll(ground: Ground, estate: Estate, definitions: Definitions): void {
  for (const grant of GRANTS.filter(({ eligible }) => eligible === undefined)) {
    for (const holder of holdersOf(ground, estate, grant.who)) {
      for (const on of scopesOf(ground, estate, grant, holder))
        assign(ground, grant, holder, on, definitions[grant.role]);
    }
  }
}

function assign(
  { parameters, within }: Ground,
  grant: Grant,
  holder: Holder,
  on: Scope,
  roleDefinitionId: pulumi.Output<string>,
): void {
  const name = `${holder.name}-${grant.role}-${on.name}`;
  new azure.authorization.RoleAssignment(
    `grant-${name}`,
    {
      roleAssignmentName: stableGuid(parameters.tenant, parameters.prefix, name),
      principalId: holder.principalId,
      principalType: holder.type,
      roleDefinitionId,
      scope: on.scope,
      description: `${grant.duty}: ${ROLES[grant.role].why}`.slice(0, 512),
    },
    within(on.subscription),
  );
}

export function holdersOf({ parameters }: Ground, { build, environments }: Estate, who: Who): readonly Holder[] {
  const { approvers, auditors, breakGlass } = parameters.people;
  const group = (name: string, principalId: string): readonly Holder[] => [{ name, principalId, type: 'Group' }];
  switch (who) {
    case 'build':
      return [{ name: 'build', principalId: build, type: 'ServicePrincipal' }];
    case 'worker':
      return environments.map((at) => ({
        name: `worker-${at.name}`,
        principalId: at.worker,
        type: 'ServicePrincipal',
        at,
      }));
    case 'kubelet':
      return environments.map((at) => ({
        name: `kubelet-${at.name}`,
        principalId: at.kubelet,
        type: 'ServicePrincipal',
        at,
      }));
    case 'approver':
      return group('approvers', approvers);
    case 'auditor':
      return group('auditors', auditors);
    case 'breakGlass':
      return environments.map((at) => ({ name: `break-glass-${at.name}`, principalId: breakGlass, type: 'Group', at }));
  }
}

export function scopesOf(
  { parameters }: Ground,
  estate: Estate,
  { on }: { readonly on: Where },
  { at }: Holder,
): readonly Scope[] {
  const shared = parameters.shared.subscription;
  const [first] = estate.environments;
  if (on === 'signing key') return [{ name: 'signing-key', scope: estate.signingKey, subscription: shared }];
  if (on === 'logs') return [{ name: 'logs', scope: estate.logs, subscription: shared }];
  if (on === 'every registry') return estate.environments.map(registryOf);
  if (on === 'first registry') return first === undefined ? [] : [registryOf(first)];
  return at === undefined ? [] : scopesAt(at, on, shared);
}

function scopesAt(at: Held, on: Where, shared: string): readonly Scope[] {
  const { name, subscription, source, cluster, namespaces, recordKey } = at;
  if (on === 'own registry') return [registryOf(at)];
  if (on === 'source registry')
    return source === undefined
      ? []
      : [{ name: `source-of-${name}`, scope: source.registry, subscription: source.subscription }];
  if (on === 'own record key') return [{ name: `record-key-${name}`, scope: recordKey, subscription: shared }];
  if (on === 'own cluster') return [{ name: `cluster-${name}`, scope: cluster, subscription }];
  return namespaces.map((namespace) => ({
    name: `namespace-${name}-${namespace}`,
    scope: pulumi.interpolate`${cluster}/namespaces/${namespace}`,
    subscription,
  }));
}

function registryOf({ name, registry, subscription }: Held): Scope {
  return { name: `registry-${name}`, scope: registry, subscription };
}
