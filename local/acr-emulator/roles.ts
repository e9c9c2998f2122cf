/** Roles as Azure names their actions. */

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

export const DATA_ACTIONS: Readonly<Partial<Record<Right, string>>> = {
  pull: `${REGISTRIES}/repositories/content/read`,
  push: `${REGISTRIES}/repositories/content/write`,
  metadata_read: `${REGISTRIES}/repositories/metadata/read`,
  metadata_write: `${REGISTRIES}/repositories/metadata/write`,
  delete: `${REGISTRIES}/repositories/content/delete`,
  catalog: `${REGISTRIES}/catalog/read`,
};

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
