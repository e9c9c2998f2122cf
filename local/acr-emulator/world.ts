/** Who and what exists in the emulated Azure: registries, identities, the hosts they live on, and who may do what. */
import { GRANTS, ROLES, type Where, type Who } from '../../deploy/azure/roles/table.ts';
import { DEFAULT_PEOPLE, type People } from './people/directory.ts';
import { KNOWN_ROLES, type RoleDefinition } from './roles.ts';

export interface RegistryDefinition {
  readonly name: string;
  readonly resourceGroup: string;
  /** Azure region, e.g. `eastus`. */
  readonly location: string;
  /** Which permissions the registry honours; Microsoft.ContainerRegistry/registries `roleAssignmentMode`. */
  readonly roleAssignmentMode: 'AbacRepositoryPermissions' | 'LegacyRegistryPermissions';
}

export interface IdentityDefinition {
  readonly name: string;
  readonly clientId: string;
  readonly objectId: string;
}

export interface RoleAssignment {
  readonly identity: string;
  readonly role: string;
  readonly registry: string;
}

export interface World {
  readonly tenant: string;
  readonly subscription: string;
  readonly registries: readonly RegistryDefinition[];
  readonly identities: readonly IdentityDefinition[];
  /** Identities which a host may assume, by host; the first is the default. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  readonly roles: readonly RoleDefinition[];
  readonly assignments: readonly RoleAssignment[];
  readonly people: People;
}

export const DEFAULT_TENANT = '00000000-0000-4000-8000-0000000000aa';
export const DEFAULT_SUBSCRIPTION = '00000000-0000-4000-8000-0000000000ab';

/** Environments in the order of the journey, each with its registry. */
const ENVIRONMENTS = [
  ['dev', 'onestreamdev', 'onestream-dev-rg'],
  ['staging', 'onestreamstaging', 'onestream-staging-rg'],
  ['production', 'onestreamprod', 'onestream-prod-rg'],
] as const;

/** Name, last two digits of the client id, who it is in the table of roles, and of which environment. */
const IDENTITIES: readonly (readonly [string, string, Who, string?])[] = [
  ['build', '01', 'build'],
  ['worker-dev', '11', 'worker', 'dev'],
  ['worker-staging', '12', 'worker', 'staging'],
  ['worker-production', '13', 'worker', 'production'],
  ['kubelet-dev', '21', 'kubelet', 'dev'],
  ['kubelet-staging', '22', 'kubelet', 'staging'],
  ['kubelet-production', '23', 'kubelet', 'production'],
  ['auditor', '31', 'auditor'],
];

/** What the table lets somebody do on registries; vaults, clusters and logs are not emulated. */
function assignmentsOf([identity, , who, environment]: (typeof IDENTITIES)[number]): RoleAssignment[] {
  // what has to be asked for is held by nobody
  const grants = GRANTS.filter((grant) => grant.who === who && grant.eligible === undefined);
  return grants.flatMap(({ role, on }) =>
    registriesOf(on, environment).map((registry) => ({ identity, role: ROLES[role].name, registry })),
  );
}

function registriesOf(on: Where, environment: string | undefined): readonly string[] {
  const names = ENVIRONMENTS.map(([, registry]) => registry);
  const own = ENVIRONMENTS.findIndex(([name]) => name === environment);
  if (on === 'every registry') return names;
  if (on === 'first registry') return names.slice(0, 1);
  if (own >= 0 && on === 'own registry') return names.slice(own, own + 1);
  if (own >= 1 && on === 'source registry') return names.slice(own - 1, own);
  return [];
}

/** The world of the local stack: three registries, one identity per task and environment. */
export const DEFAULT_WORLD: World = {
  tenant: DEFAULT_TENANT,
  subscription: DEFAULT_SUBSCRIPTION,
  registries: ENVIRONMENTS.map(([, name, resourceGroup]) => ({
    name,
    resourceGroup,
    location: 'eastus',
    roleAssignmentMode: 'AbacRepositoryPermissions',
  })),
  identities: IDENTITIES.map(([name, digits]) => ({
    name,
    clientId: `00000000-0000-4000-8000-0000000001${digits}`,
    objectId: `00000000-0000-4000-8000-0000000002${digits}`,
  })),
  hosts: {
    pipeline: ['build'],
    'worker-nonproduction': ['worker-dev', 'worker-staging', 'kubelet-dev', 'kubelet-staging'],
    'worker-production': ['worker-production', 'kubelet-production'],
    nodes: ['kubelet-dev', 'kubelet-staging', 'kubelet-production'],
    auditor: ['auditor'],
  },
  roles: KNOWN_ROLES,
  assignments: IDENTITIES.flatMap(assignmentsOf),
  people: DEFAULT_PEOPLE,
};
