import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { preview } from '../preview.ts';
import { faultsOf, RULES } from '../rules/all.ts';
import { wronglyGiven } from '../rules/given.ts';
import { unlogged } from '../rules/logs.ts';
import type { Stated } from '../rules/rule.ts';
import { exampleParameters } from './example.ts';

let good: readonly Stated[];
before(async () => {
  good = (await preview(exampleParameters())).resources;
});

type Tree = Record<string, any>;

/** The faults of the first resource of that type after a change. */
function faults(type: string, change: (inputs: Tree) => void): readonly string[] {
  const one = good.find((resource) => resource.type === type);
  assert.ok(one, `the estate has no ${type}`);
  const inputs = structuredClone(one.inputs) as Tree;
  change(inputs);
  const broken = { ...one, inputs };
  return RULES.flatMap((rule) => rule.faults(broken).map((says) => `${rule.name}: ${says}`));
}

const REGISTRY = 'azure-native:resources:Resource';
const VAULT = 'azure-native:keyvault:Vault';
const KEY = 'azure-native:keyvault:Key';
const ROLE = 'azure-native:authorization:RoleDefinition';
const ASSIGNMENT = 'azure-native:authorization:RoleAssignment';
const FEDERATION = 'azure-native:managedidentity:FederatedIdentityCredential';

const broken: readonly (readonly [string, string, (inputs: Tree) => void])[] = [
  ['registry-premium', REGISTRY, (one) => (one['sku'].name = 'Standard')],
  ['registry-no-admin', REGISTRY, (one) => (one['properties'].adminUserEnabled = true)],
  ['registry-no-anonymous-pull', REGISTRY, (one) => (one['properties'].anonymousPullEnabled = true)],
  [
    'registry-repository-permissions',
    REGISTRY,
    (one) => (one['properties'].roleAssignmentMode = 'LegacyRegistryPermissions'),
  ],
  ['registry-network', REGISTRY, (one) => (one['properties'].publicNetworkAccess = 'Enabled')],
  ['registry-network', REGISTRY, (one) => (one['properties'].networkRuleSet.defaultAction = 'Allow')],
  [
    'registry-network',
    REGISTRY,
    (one) => (one['properties'].networkRuleSet.ipRules = [{ action: 'Allow', iPAddressOrRange: '0.0.0.0/0' }]),
  ],
  ['registry-trusted-services', REGISTRY, (one) => (one['properties'].networkRuleBypassOptions = 'None')],
  [
    'registry-keeps-untagged',
    REGISTRY,
    (one) => (one['properties'].policies.retentionPolicy = { status: 'enabled', days: 30 }),
  ],
  ['registry-no-content-trust', REGISTRY, (one) => (one['properties'].policies.trustPolicy.status = 'enabled')],
  ['lock-level', 'azure-native:authorization:ManagementLockByScope', (one) => (one['level'] = 'ReadOnly')],
  ['vault-rbac', VAULT, (one) => (one['properties'].enableRbacAuthorization = false)],
  ['vault-no-access-policies', VAULT, (one) => (one['properties'].accessPolicies = [{ objectId: 'x' }])],
  ['vault-purge-protection', VAULT, (one) => (one['properties'].enablePurgeProtection = false)],
  ['vault-network', VAULT, (one) => (one['properties'].publicNetworkAccess = 'Enabled')],
  ['key-kind', KEY, (one) => (one['properties'].kty = 'RSA')],
  ['key-kind', KEY, (one) => (one['properties'].curveName = 'P-256K')],
  ['key-stays', KEY, (one) => (one['properties'].attributes.exportable = true)],
  ['key-signs-only', KEY, (one) => one['properties'].keyOps.push('wrapKey')],
  ['key-turns', KEY, (one) => delete one['properties'].rotationPolicy],
  [
    'role-as-the-table',
    ROLE,
    (one) =>
      one['permissions'][0].dataActions.push('Microsoft.ContainerRegistry/registries/repositories/content/delete2'),
  ],
  ['role-as-the-table', ROLE, (one) => (one['roleName'] = 'Sluice Everything (onestream)')],
  ['role-no-wildcard', ROLE, (one) => one['permissions'][0].actions.push('Microsoft.ContainerRegistry/*')],
  [
    'assignment-of-the-table',
    ASSIGNMENT,
    (one) =>
      (one['roleDefinitionId'] =
        '/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c'),
  ],
  [
    'assignment-of-the-table',
    ASSIGNMENT,
    (one) =>
      (one['roleDefinitionId'] =
        '/providers/Microsoft.Authorization/roleDefinitions/8311e382-0749-4cb8-b61a-304f252e45ec'),
  ],
  ['assignment-narrow', ASSIGNMENT, (one) => (one['scope'] = '/subscriptions/00000000-0000-4000-8000-0000000000ac')],
  [
    'assignment-narrow',
    ASSIGNMENT,
    (one) => (one['scope'] = '/subscriptions/00000000-0000-4000-8000-0000000000ac/resourceGroups/onestream-dev-rg'),
  ],
  ['federation-exact', FEDERATION, (one) => (one['subject'] = 'repo:onestream/iam:pull_request')],
  ['federation-exact', FEDERATION, (one) => (one['subject'] = 'repo:onestream/*:environment:build')],
  ['federation-exact', FEDERATION, (one) => (one['subject'] = 'system:serviceaccount:sluice:*')],
  ['federation-exact', FEDERATION, (one) => (one['issuer'] = 'https://issuer.example.test/somebody')],
];

describe('when somebody changes the estate for the worse', () => {
  for (const [rule, type, change] of broken) {
    test(`${rule} refuses it: ${String(change).replace(/^\(one\) => /, '')}`, () => {
      const found = faults(type, change);
      assert.ok(
        found.some((one) => one.startsWith(`${rule}: `)),
        found.join('\n') || 'no rule says anything',
      );
    });
  }

  test('a secret of any kind is refused', () => {
    const password = { type: 'azuread:index/servicePrincipalPassword:ServicePrincipalPassword', name: 'p', inputs: {} };
    assert.deepEqual(
      faultsOf([password]).map(({ rule }) => rule),
      ['no-secrets'],
    );
  });

  test('a registry or a vault whose audit is written nowhere is found', () => {
    const without = good.filter(({ type }) => type !== 'azure-native:monitor:DiagnosticSetting');
    assert.equal(unlogged(without).length, 3 * 2 + 1);
  });

  test('each rule has a case here that breaks it', () => {
    const tried = new Set([...broken.map(([rule]) => rule), 'no-secrets']);
    assert.deepEqual(
      RULES.map(({ name }) => name).filter((name) => !tried.has(name)),
      [],
    );
  });
});

describe('when a role of the table is given beside the table', () => {
  /** The estate with one assignment changed, and what is said of it. */
  function said(name: string, change: (one: { inputs: Tree; from: Tree; type: string }) => void): readonly string[] {
    assert.ok(
      good.some((one) => one.name === name),
      `the estate has no ${name}`,
    );
    const changed = good.map((one) => {
      if (one.name !== name) return one;
      const copy = structuredClone(one) as { inputs: Tree; from: Tree; type: string; name: string };
      change(copy);
      return copy;
    });
    return wronglyGiven(changed).map(({ resource, says }) => `${resource.split(' ').at(-1)}: ${says}`);
  }

  const CLUSTER =
    '/subscriptions/00000000-0000-4000-8000-0000000000ac/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/onestream-prod-aks';
  const cases: readonly (readonly [
    string,
    string,
    (one: { inputs: Tree; from: Tree; type: string }) => void,
    RegExp,
  ])[] = [
    [
      'the emergency role for good',
      'eligible-break-glass-production-registry-production',
      (one) => (one.type = 'azure-native:authorization:RoleAssignment'),
      /Sluice Break Glass is never held: it is asked for each time/,
    ],
    [
      'a role of every day on request',
      'grant-worker-production-deployer-namespace-production-iam',
      (one) => (one.type = 'azure-native:authorization:PimRoleEligibilitySchedule'),
      /Sluice Deployer is held always by the table/,
    ],
    [
      'deployment in a whole cluster',
      'grant-worker-production-deployer-namespace-production-iam',
      (one) => (one.inputs['scope'] = CLUSTER),
      /Sluice Deployer is given on a cluster; by the table it is for a namespace of a cluster/,
    ],
    [
      'signing with every key of the vault',
      'grant-build-signer-signing-key',
      (one) => (one.from['scope'] = ['azure-native:keyvault:Vault::vault']),
      /Sluice Key Signer is given on something else; by the table it is for a key/,
    ],
    [
      'the push to a second registry',
      'grant-kubelet-production-puller-registry-production',
      (one) =>
        (one.inputs['roleDefinitionId'] =
          '/providers/Microsoft.Authorization/roleDefinitions/2a1e307c-b015-4ebd-883e-5b7698a07328'),
      /Repository Writer is given on more than one registry; only the first takes what is pushed/,
    ],
  ];
  for (const [what, name, change, says] of cases) {
    test(`${what} is found`, () => {
      const found = said(name, change);
      assert.ok(
        found.some((one) => one.startsWith(`${name}: `) && says.test(one)),
        found.join('\n') || 'nothing was found',
      );
    });
  }

  test('the estate as it is is not', () => assert.deepEqual(wronglyGiven(good), []));
});
