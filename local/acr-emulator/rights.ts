/**
 * The question "may this identity do that on this registry?".
 * Data rights follow the registry's `roleAssignmentMode`: legacy honours actions only; ABAC honours data actions, and
 * actions of roles other than those Microsoft says it ignores. Conditions on single repositories are not modelled.
 */
import { ACTIONS, DATA_ACTIONS, type Right, type RoleDefinition } from './roles.ts';
import type { World } from './world.ts';

/** Roles whose data rights an ABAC registry ignores (Microsoft's "ABAC-based repository permissions"). */
const IGNORED_UNDER_ABAC = new Set(['AcrPull', 'AcrPush', 'AcrDelete', 'Owner', 'Contributor', 'Reader']);

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
