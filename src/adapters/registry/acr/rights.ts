/** Which role grants what on a registry: the sentence that a refused identity's owner needs. */

/** What a call needs; named after the registry's own token scopes, plus the two of Azure Resource Manager. */
export type Right = 'pull' | 'push' | 'read-attributes' | 'write-attributes' | 'delete' | 'import' | 'import-from';

interface Roles {
  readonly classic: string;
  /** The role where the registry's `roleAssignmentMode` is ABAC repository permissions; the classic ones do nothing there. */
  readonly abac?: string;
}

const ROLES: Readonly<Record<Right, Roles>> = {
  pull: { classic: 'AcrPull', abac: 'Container Registry Repository Reader' },
  push: { classic: 'AcrPush', abac: 'Container Registry Repository Writer' },
  'read-attributes': { classic: 'AcrPull', abac: 'Container Registry Repository Reader' },
  'write-attributes': { classic: 'AcrPush', abac: 'Container Registry Repository Writer' },
  delete: { classic: 'AcrDelete', abac: 'Container Registry Repository Contributor' },
  import: { classic: 'Container Registry Data Importer and Data Reader' },
  'import-from': { classic: 'Container Registry Data Importer and Data Reader' },
};

/** `'AcrPull' on /subscriptions/…`, with the other name that the role has under ABAC. */
export function missingRole(right: Right, scope: string): string {
  const { classic, abac } = ROLES[right];
  return `'${classic}'${abac === undefined ? '' : ` (with repository permissions: '${abac}')`} on ${scope}`;
}
