/** Roles of the table are given as the table says: on that kind of thing, for good or on request, and the push to one registry alone. */
import { type Grant, GRANTS, type RoleKey, ROLES, type Where } from '../roles/table.ts';
import type { Fault } from './all.ts';
import { roleNamed } from './rights.ts';
import { sourcesOf, type Stated } from './rule.ts';

const ASSIGNMENT = 'azure-native:authorization:RoleAssignment';
const ELIGIBLE = 'azure-native:authorization:PimRoleEligibilitySchedule';
const DEFINITION = 'azure-native:authorization:RoleDefinition';

type Kind =
  'a registry' | 'a key' | 'a cluster' | 'a namespace of a cluster' | 'a workspace of logs' | 'something else';

const KIND_OF: Readonly<Record<Where, Kind>> = {
  'first registry': 'a registry',
  'own registry': 'a registry',
  'source registry': 'a registry',
  'every registry': 'a registry',
  'signing key': 'a key',
  'own record key': 'a key',
  'own cluster': 'a cluster',
  'own namespaces': 'a namespace of a cluster',
  logs: 'a workspace of logs',
};

/** By the type of the resource that the scope is, where it is of this program. */
const KIND_OF_TYPE: Readonly<Record<string, Kind>> = {
  'azure-native:resources:Resource': 'a registry',
  'azure-native:containerregistry:Registry': 'a registry',
  'azure-native:keyvault:Key': 'a key',
  'azure-native:operationalinsights:Workspace': 'a workspace of logs',
};

/** By its id, where it was there before. */
const KIND_OF_ID: readonly (readonly [RegExp, Kind])[] = [
  [/\/Microsoft\.ContainerRegistry\/registries\/[^/]+$/i, 'a registry'],
  [/\/Microsoft\.KeyVault\/vaults\/[^/]+\/keys\/[^/]+$/i, 'a key'],
  [/\/Microsoft\.ContainerService\/managedClusters\/[^/]+\/namespaces\/[^/]+$/i, 'a namespace of a cluster'],
  [/\/Microsoft\.ContainerService\/managedClusters\/[^/]+$/i, 'a cluster'],
  [/\/Microsoft\.OperationalInsights\/workspaces\/[^/]+$/i, 'a workspace of logs'],
];

export function wronglyGiven(resources: readonly Stated[]): readonly Fault[] {
  const definitions = new Map(
    resources.filter(({ type }) => type === DEFINITION).map((one) => [`${DEFINITION}::${one.name}`, one]),
  );
  const given = resources
    .filter(({ type }) => type === ASSIGNMENT || type === ELIGIBLE)
    .flatMap((one) => {
      const role = roleOf(one, definitions);
      return role === undefined ? [] : [{ one, role, grants: GRANTS.filter((grant) => grant.role === role) }];
    });
  const fault = (one: Stated, says: string): Fault => ({
    rule: 'given-as-the-table',
    resource: `${one.type} ${one.name}`,
    says,
  });
  const single = given.flatMap(({ one, role, grants }) => faultsOf(one, role, grants).map((says) => fault(one, says)));
  const first = given.filter(({ grants }) => grants.every(({ on }) => on === 'first registry'));
  const twice = first
    .filter(({ one, role }) => first.some((other) => other.role === role && scopeOf(other.one) !== scopeOf(one)))
    .map(({ one, role }) =>
      fault(one, `${ROLES[role].name} is given on more than one registry; only the first takes what is pushed`),
    );
  return [...single, ...twice];
}

function faultsOf(one: Stated, role: RoleKey, grants: readonly Grant[]): readonly string[] {
  const { name } = ROLES[role];
  const isAsked = one.type === ELIGIBLE;
  const fitting = grants.filter(({ eligible }) => (eligible === true) === isAsked);
  if (fitting.length === 0)
    return [
      isAsked
        ? `${name} is held always by the table; it cannot be asked for`
        : `${name} is never held: it is asked for each time and ends by itself`,
    ];
  const kind = kindOf(one);
  const kinds = [...new Set(fitting.map(({ on }) => KIND_OF[on]))];
  return kinds.includes(kind) ? [] : [`${name} is given on ${kind}; by the table it is for ${kinds.join(', ')}`];
}

function roleOf(one: Stated, definitions: ReadonlyMap<string, Stated>): RoleKey | undefined {
  const [source] = sourcesOf(one, 'roleDefinitionId');
  const definition = source === undefined ? undefined : definitions.get(source);
  const isRole = (role: (typeof ROLES)[RoleKey]): boolean => {
    if (definition !== undefined) return role.name === roleNamed(definition);
    return 'builtIn' in role && String(one.inputs['roleDefinitionId']).endsWith(`/${role.builtIn}`);
  };
  return (Object.keys(ROLES) as RoleKey[]).find((key) => isRole(ROLES[key]));
}

function kindOf(one: Stated): Kind {
  const [source] = sourcesOf(one, 'scope');
  if (source !== undefined) return KIND_OF_TYPE[source.split('::')[0] ?? ''] ?? 'something else';
  const scope = String(one.inputs['scope']);
  return KIND_OF_ID.find(([pattern]) => pattern.test(scope))?.[1] ?? 'something else';
}

function scopeOf(one: Stated): string {
  return sourcesOf(one, 'scope')[0] ?? String(one.inputs['scope']);
}
