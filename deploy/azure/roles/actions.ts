/**
 * What the roles are made of, as Azure names it. Control plane: `Microsoft.ContainerRegistry/registries/…` of the resource provider
 * operations; data plane: the repository permissions of registries in the mode `AbacRepositoryPermissions`.
 */
const REGISTRIES = 'Microsoft.ContainerRegistry/registries';
const REPOSITORIES = `${REGISTRIES}/repositories`;
const CLUSTERS = 'Microsoft.ContainerService/managedClusters';
const KEYS = 'Microsoft.KeyVault/vaults/keys';

/** Control plane of a registry. */
export const REGISTRY = {
  read: `${REGISTRIES}/read`,
  import: `${REGISTRIES}/importImage/action`,
  /** In registries without repository permissions these two are the data plane. */
  pull: `${REGISTRIES}/pull/read`,
  push: `${REGISTRIES}/push/write`,
  delete: `${REGISTRIES}/artifacts/delete`,
} as const;

/** Content and metadata of repositories; `metadataWrite` is what locks and unlocks. */
export const REPOSITORY = {
  read: `${REPOSITORIES}/content/read`,
  write: `${REPOSITORIES}/content/write`,
  delete: `${REPOSITORIES}/content/delete`,
  metadataRead: `${REPOSITORIES}/metadata/read`,
  metadataWrite: `${REPOSITORIES}/metadata/write`,
  metadataDelete: `${REPOSITORIES}/metadata/delete`,
  list: `${REGISTRIES}/catalog/read`,
} as const;

export const KEY = { read: `${KEYS}/read`, sign: `${KEYS}/sign/action`, verify: `${KEYS}/verify/action` } as const;

export const CLUSTER = {
  userCredential: `${CLUSTERS}/listClusterUserCredential/action`,
  read: `${CLUSTERS}/read`,
} as const;

/** `apps/deployments` → read, write and delete of them in Azure RBAC for Kubernetes. */
export function onKind(kind: string, ...verbs: readonly ('read' | 'write' | 'delete')[]): string[] {
  return verbs.map((verb) => `${CLUSTERS}/${kind}/${verb}`);
}

export const LOGS = {
  read: 'Microsoft.OperationalInsights/workspaces/read',
  query: 'Microsoft.OperationalInsights/workspaces/query/read',
} as const;
