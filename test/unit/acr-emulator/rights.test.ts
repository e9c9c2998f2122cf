import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GRANTS, ROLES } from '../../../deploy/azure/roles/table.ts';
import { holds, rolesOn } from '../../../local/acr-emulator/rights.ts';
import { ACTIONS, DATA_ACTIONS, type Right } from '../../../local/acr-emulator/roles.ts';
import { DEFAULT_WORLD, type World } from '../../../local/acr-emulator/world.ts';

const RIGHTS: readonly Right[] = [
  'read',
  'import',
  'pull',
  'push',
  'metadata_read',
  'metadata_write',
  'delete',
  'catalog',
];

function rightsOf(world: World, identity: string, registry: string): string {
  return RIGHTS.filter((right) => holds(world, identity, right, registry)).join(' ');
}

describe('the default world', () => {
  const worker = 'read import pull push metadata_read metadata_write delete catalog';
  const reader = 'read pull metadata_read';
  const table: readonly (readonly [string, string, string, string])[] = [
    // identity, dev, staging, prod
    ['build', 'pull push metadata_read metadata_write', '', ''],
    ['worker-dev', worker, '', ''],
    ['worker-staging', reader, worker, ''],
    ['worker-production', '', reader, worker],
    ['kubelet-dev', 'pull metadata_read', '', ''],
    ['kubelet-staging', '', 'pull metadata_read', ''],
    ['kubelet-production', '', '', 'pull metadata_read'],
    ['auditor', `${reader} catalog`, `${reader} catalog`, `${reader} catalog`],
    ['nobody', '', '', ''],
  ];
  for (const [identity, ...expected] of table) {
    test(`gives ${identity} what the brief of its task needs, and no more`, () => {
      const got = ['onestreamdev', 'onestreamstaging', 'onestreamprod'].map((r) =>
        rightsOf(DEFAULT_WORLD, identity, r),
      );
      assert.deepEqual(got, expected);
    });
  }

  test('lets nobody push to production or staging but the worker that writes its records there', () => {
    for (const stage of ['staging', 'production']) {
      const registry = stage === 'production' ? 'onestreamprod' : `onestream${stage}`;
      const pushers = DEFAULT_WORLD.identities.filter(({ name }) => holds(DEFAULT_WORLD, name, 'push', registry));
      assert.deepEqual(
        pushers.map(({ name }) => name),
        [`worker-${stage}`],
      );
    }
  });

  test('names a role in every assignment, and an identity on every host', () => {
    const roles = DEFAULT_WORLD.roles.map(({ name }) => name);
    const identities = DEFAULT_WORLD.identities.map(({ name }) => name);
    for (const { role, identity } of DEFAULT_WORLD.assignments) {
      assert.ok(roles.includes(role), role);
      assert.ok(identities.includes(identity), identity);
    }
    for (const name of Object.values(DEFAULT_WORLD.hosts).flat()) assert.ok(identities.includes(name), name);
  });
});

describe('the table of roles that the Azure program assigns too', () => {
  for (const role of Object.values(ROLES)) {
    test(`${role.name} lets an identity do here exactly what the table names`, () => {
      const assignments = [{ identity: 'build', role: role.name, registry: 'onestreamprod' }];
      const named = RIGHTS.filter((right) => {
        const dataAction = DATA_ACTIONS[right];
        const isNamed = (role.actions as readonly string[]).includes(ACTIONS[right]);
        return isNamed || (dataAction !== undefined && (role.dataActions as readonly string[]).includes(dataAction));
      });
      assert.equal(rightsOf({ ...DEFAULT_WORLD, assignments }, 'build', 'onestreamprod'), named.join(' '));
      assert.equal(rightsOf({ ...DEFAULT_WORLD, assignments }, 'build', 'onestreamdev'), '');
    });
  }

  test('gives whoever is in this world all that it says of registries, and what must be asked for to nobody', () => {
    for (const { who, role, on, eligible } of GRANTS.filter((grant) => grant.on.endsWith('registry'))) {
      const held = DEFAULT_WORLD.assignments.filter((one) => one.role === ROLES[role].name);
      const isHere = DEFAULT_WORLD.identities.some(({ name }) => name.split('-')[0] === who);
      if (eligible === true || !isHere) continue;
      assert.ok(
        held.some(({ identity }) => identity.split('-')[0] === who),
        `${who} ${role} ${on}`,
      );
    }
    assert.deepEqual(
      DEFAULT_WORLD.assignments.filter(({ role }) => role === ROLES.breakGlass.name),
      [],
    );
  });
});

describe('when a registry honours legacy permissions or ABAC', () => {
  const modes = ['LegacyRegistryPermissions', 'AbacRepositoryPermissions'] as const;
  const table: readonly (readonly [string, string, string])[] = [
    // role, legacy, ABAC
    ['AcrPull', 'pull metadata_read catalog', ''],
    ['AcrPush', 'pull push metadata_read metadata_write catalog', ''],
    ['AcrDelete', 'delete', ''],
    ['Reader', 'read pull metadata_read catalog', 'read'],
    ['Owner', RIGHTS.join(' '), 'read import'],
    ['Container Registry Repository Reader', '', 'pull metadata_read'],
    ['Container Registry Repository Writer', '', 'pull push metadata_read metadata_write'],
    ['Container Registry Repository Catalog Lister', '', 'catalog'],
    [
      'Container Registry Data Importer and Data Reader',
      'read import pull metadata_read catalog',
      'read import pull metadata_read catalog',
    ],
  ];
  for (const [role, ...expected] of table) {
    test(`${role} means what the mode makes of it`, () => {
      const got = modes.map((roleAssignmentMode) => {
        const registries = DEFAULT_WORLD.registries.map((registry) => ({ ...registry, roleAssignmentMode }));
        const assignments = [{ identity: 'build', role, registry: 'onestreamprod' }];
        return rightsOf({ ...DEFAULT_WORLD, registries, assignments }, 'build', 'onestreamprod');
      });
      assert.deepEqual(got, expected);
    });
  }

  test('a registry that does not exist grants nothing', () => {
    assert.equal(holds(DEFAULT_WORLD, 'auditor', 'pull', 'elsewhere'), false);
    assert.deepEqual(rolesOn(DEFAULT_WORLD, 'auditor', 'elsewhere'), []);
  });
});
