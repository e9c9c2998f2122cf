/**
 * Roles as Azure names their actions, and the question "may this identity do that on this registry?".
 * Data rights follow the registry's `roleAssignmentMode`: legacy honours actions only; ABAC honours data actions, and
 * actions of roles other than those Microsoft says it ignores. Conditions on single repositories are not modelled.
 */
import type { World } from './world.ts';

export interface RoleDefinition {
  readonly name: string;
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

/** What the emulator asks of an identity. `import` and `read` are control plane, the rest is data plane. */
export type Right = 'read' | 'import' | 'pull' | 'push' | 'metadata_read' | 'metadata_write' | 'delete' | 'catalog';

const REGISTRIES = 'Microsoft.ContainerRegistry/registries';
/** Custom role of this world: unlocking, locking and removing images without the right to push. */
export const IMAGE_KEEPER = 'Sluice Image Keeper';

/** Custom role of this world: attaching what an environment says to an image in its own registry. */
export const RECORD_WRITER = 'Sluice Record Writer';

export const ACTIONS: Readonly<Record<Right, string>> = {
  read: `${REGISTRIES}/read`,
  import: `${REGISTRIES}/importImage/action`,
  pull: `${REGISTRIES}/pull/read`,
  push: `${REGISTRIES}/push/write`,
  metadata_read: `${REGISTRIES}/pull/read`,
  metadata_write: `${REGISTRIES}/push/write`,
  delete: `${REGISTRIES}/artifacts/delete`,
  catalog: `${REGISTRIES}/pull/read`,
};

const DATA_ACTIONS: Readonly<Partial<Record<Right, string>>> = {
  pull: `${REGISTRIES}/repositories/content/read`,
  push: `${REGISTRIES}/repositories/content/write`,
  metadata_read: `${REGISTRIES}/repositories/metadata/read`,
  metadata_write: `${REGISTRIES}/repositories/metadata/write`,
  delete: `${REGISTRIES}/repositories/content/delete`,
  catalog: `${REGISTRIES}/catalog/read`,
};

/** Roles whose data rights an ABAC registry ignores (Microsoft's "ABAC-based repository permissions"). */
const IGNORED_UNDER_ABAC = new Set(['AcrPull', 'AcrPush', 'AcrDelete', 'Owner', 'Contributor', 'Reader']);

function data(...rights: readonly Right[]): string[] {
  return rights.map((right) => DATA_ACTIONS[right] ?? right);
}

export const BUILT_IN_ROLES: readonly RoleDefinition[] = [
  { name: 'Owner', actions: ['*'], dataActions: [] },
  { name: 'Reader', actions: ['*/read'], dataActions: [] },
  { name: 'AcrPull', actions: [ACTIONS.pull], dataActions: [] },
  { name: 'AcrPush', actions: [ACTIONS.pull, ACTIONS.push], dataActions: [] },
  { name: 'AcrDelete', actions: [ACTIONS.delete], dataActions: [] },
  {
    name: 'Container Registry Data Importer and Data Reader',
    actions: [ACTIONS.import, ACTIONS.read, ACTIONS.pull],
    dataActions: [],
  },
  { name: 'Container Registry Repository Reader', actions: [], dataActions: data('pull', 'metadata_read') },
  {
    name: 'Container Registry Repository Writer',
    actions: [],
    dataActions: data('pull', 'push', 'metadata_read', 'metadata_write'),
  },
  {
    name: 'Container Registry Repository Contributor',
    actions: [],
    dataActions: data('pull', 'push', 'delete', 'metadata_read', 'metadata_write'),
  },
  { name: 'Container Registry Repository Catalog Lister', actions: [], dataActions: data('catalog') },
  { name: IMAGE_KEEPER, actions: [], dataActions: data('metadata_read', 'metadata_write', 'delete') },
  { name: RECORD_WRITER, actions: [], dataActions: data('push') },
];

/** The roles an identity holds on a registry. */
export function rolesOn(world: World, identity: string, registry: string): RoleDefinition[] {
  const names = world.assignments.filter((a) => a.identity === identity && a.registry === registry).map((a) => a.role);
  return world.roles.filter((role) => names.includes(role.name));
}

/** Whether the identity's roles on the registry grant the right. Unknown identities hold none. */
export function holds(world: World, identity: string, right: Right, registry: string): boolean {
  const definition = world.registries.find((candidate) => candidate.name === registry);
  if (definition === undefined) return false;
  const abac = definition.roleAssignmentMode === 'AbacRepositoryPermissions';
  return rolesOn(world, identity, registry).some((role) => grants(role, right, abac));
}

function grants(role: RoleDefinition, right: Right, abac: boolean): boolean {
  const byAction = role.actions.some((pattern) => covers(pattern, ACTIONS[right]));
  const dataAction = DATA_ACTIONS[right];
  if (dataAction === undefined) return byAction;
  if (!abac) return byAction;
  const byDataAction = role.dataActions.some((pattern) => covers(pattern, dataAction));
  return byDataAction || (byAction && !IGNORED_UNDER_ABAC.has(role.name));
}

/** Azure's wildcard: `*` stands for any run of characters; case does not matter. */
function covers(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}
