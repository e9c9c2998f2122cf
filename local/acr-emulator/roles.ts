/** Roles as Azure names their actions: those of the one table that the Azure program assigns too, and some more. */
import { REGISTRY, REPOSITORY } from '../../deploy/azure/roles/actions.ts';
import { ROLES } from '../../deploy/azure/roles/table.ts';

export interface RoleDefinition {
  readonly name: string;
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

/** What the emulator asks of an identity. `import` and `read` are control plane, the rest is data plane. */
export type Right = 'read' | 'import' | 'pull' | 'push' | 'metadata_read' | 'metadata_write' | 'delete' | 'catalog';

/** Control plane, and the data plane of registries without repository permissions. */
export const ACTIONS: Readonly<Record<Right, string>> = {
  read: REGISTRY.read,
  import: REGISTRY.import,
  pull: REGISTRY.pull,
  push: REGISTRY.push,
  metadata_read: REGISTRY.pull,
  metadata_write: REGISTRY.push,
  delete: REGISTRY.delete,
  catalog: REGISTRY.pull,
};

export const DATA_ACTIONS: Readonly<Partial<Record<Right, string>>> = {
  pull: REPOSITORY.read,
  push: REPOSITORY.write,
  metadata_read: REPOSITORY.metadataRead,
  metadata_write: REPOSITORY.metadataWrite,
  delete: REPOSITORY.delete,
  catalog: REPOSITORY.list,
};

function data(...rights: readonly Right[]): string[] {
  return rights.map((right) => DATA_ACTIONS[right] ?? right);
}

/** Roles of Azure that the table does not use, for worlds of other people. */
const OTHERS: readonly RoleDefinition[] = [
  { name: 'Owner', actions: ['*'], dataActions: [] },
  { name: 'Reader', actions: ['*/read'], dataActions: [] },
  { name: 'AcrPull', actions: [ACTIONS.pull], dataActions: [] },
  { name: 'AcrPush', actions: [ACTIONS.pull, ACTIONS.push], dataActions: [] },
  { name: 'AcrDelete', actions: [ACTIONS.delete], dataActions: [] },
  {
    name: 'Container Registry Repository Contributor',
    actions: [],
    dataActions: data('pull', 'push', 'delete', 'metadata_read', 'metadata_write'),
  },
  { name: 'Container Registry Repository Catalog Lister', actions: [], dataActions: data('catalog') },
];

/** What the table of `deploy/azure` says, and beside it what Azure has. */
export const KNOWN_ROLES: readonly RoleDefinition[] = [...Object.values(ROLES), ...OTHERS];
