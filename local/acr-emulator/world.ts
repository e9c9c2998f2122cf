/** Who and what exists in the emulated Azure: registries, identities, the hosts they live on, and who may do what. */
import { DEFAULT_PEOPLE, type People } from './people/directory.ts';
import { BUILT_IN_ROLES, IMAGE_KEEPER, RECORD_WRITER, type RoleDefinition } from './roles.ts';

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

const REGISTRIES = ['dev', 'staging', 'prod'] as const;

/** name, last two digits of the client id, [role, registry]… */
const IDENTITIES: readonly (readonly [string, string, ...(readonly [string, string])[]])[] = [
  ['build', '01', ['Container Registry Repository Writer', 'onestreamdev']],
  ['worker-dev', '11', ...worker('onestreamdev')],
  ['worker-staging', '12', ...worker('onestreamstaging'), ...source('onestreamdev')],
  ['worker-production', '13', ...worker('onestreamprod'), ...source('onestreamstaging')],
  ['kubelet-dev', '21', ['Container Registry Repository Reader', 'onestreamdev']],
  ['kubelet-staging', '22', ['Container Registry Repository Reader', 'onestreamstaging']],
  ['kubelet-production', '23', ['Container Registry Repository Reader', 'onestreamprod']],
  ['auditor', '31', ...source('onestreamdev'), ...source('onestreamstaging'), ...source('onestreamprod')],
];

function worker(registry: string): (readonly [string, string])[] {
  return [
    ['Container Registry Data Importer and Data Reader', registry],
    [IMAGE_KEEPER, registry],
    [RECORD_WRITER, registry],
  ];
}

/** What importing from a registry takes at the source: content, and the linked-scope read of the resource. */
function source(registry: string): (readonly [string, string])[] {
  return [
    ['Reader', registry],
    ['Container Registry Repository Reader', registry],
  ];
}

/** The world of the local stack: three registries, one identity per task and environment. */
export const DEFAULT_WORLD: World = {
  tenant: DEFAULT_TENANT,
  subscription: DEFAULT_SUBSCRIPTION,
  registries: REGISTRIES.map((stage) => ({
    name: `onestream${stage}`,
    resourceGroup: `onestream-${stage}-rg`,
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
  roles: BUILT_IN_ROLES,
  assignments: IDENTITIES.flatMap(([identity, , ...roles]) =>
    roles.map(([role, registry]) => ({ identity, role, registry })),
  ),
  people: DEFAULT_PEOPLE,
};
