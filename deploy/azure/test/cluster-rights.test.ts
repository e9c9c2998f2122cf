import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { ROLES } from '../roles/table.ts';

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

/** As Azure's webhook in the cluster translates them; a verb that is not here would be lost without a word. */
const VERBS: Readonly<Record<string, string>> = {
  get: 'read',
  list: 'read',
  watch: 'read',
  create: 'write',
  update: 'write',
  patch: 'write',
  delete: 'delete',
};

/** `patch deployments.apps` → `…/apps/deployments/write`. Of subresources only `pods/exec` has an action of its own. */
function dataActions(role: Role): readonly string[] {
  const all = role.rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => {
          assert.ok(VERBS[verb], verb);
          assert.notEqual(resource, 'pods/exec');
          const kind = [...(group === '' ? [] : [group]), resource.split('/')[0]].join('/');
          return `Microsoft.ContainerService/managedClusters/${kind}/${VERBS[verb]}`;
        }),
      ),
    ),
  );
  return [...new Set(all)].toSorted();
}

describe('what a worker may do in the namespaces of its services', () => {
  const file = readFileSync(new URL('../../kubernetes/access/access.yaml', import.meta.url), 'utf8');
  const role = parseAllDocuments(file)
    .map((document) => document.toJS() as Role)
    .find(({ kind, metadata }) => kind === 'Role' && metadata.name === 'sluice-release');

  test('is the same by Azure’s roles as by the cluster’s own', () => {
    assert.ok(role);
    assert.deepEqual([...ROLES.deployer.dataActions].toSorted(), dataActions(role));
  });

  test('has no secrets, no roles and no shell', () => {
    const forbidden = ROLES.deployer.dataActions.filter((action) =>
      /secrets|rbac|exec|attach|portforward/.test(action),
    );
    assert.deepEqual(forbidden, []);
  });

  test('is what an emergency may do too, and taking a pod away', () => {
    const more = (ROLES.breakGlass.dataActions as readonly string[]).filter(
      (action) =>
        action.includes('ContainerService') && !(ROLES.deployer.dataActions as readonly string[]).includes(action),
    );
    assert.deepEqual(more, ['Microsoft.ContainerService/managedClusters/pods/delete']);
    for (const action of ROLES.deployer.dataActions)
      assert.ok((ROLES.breakGlass.dataActions as readonly string[]).includes(action), action);
  });
});
