import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { CLOUDS } from '../parameters/clouds.ts';
import { readAlerts } from '../resources/alerts.ts';
import { missingIn } from '../resources/cluster.ts';
import { preview, type Preview, readyCluster } from '../preview.ts';
import { GRANTS, ROLES } from '../roles/table.ts';
import { faultsOf } from '../rules/all.ts';
import { at } from '../rules/rule.ts';
import { exampleParameters } from './example.ts';

let estate: Preview;
before(async () => {
  estate = await preview(exampleParameters());
});

const of = (type: string) => estate.resources.filter((one) => one.type === type);

/** `…/roleDefinitions/<id>` → the name in the table. */
function roleNamed(id: unknown): string {
  const own = String(id).split('/').at(-1);
  const custom = of('azure-native:authorization:RoleDefinition').find(
    ({ inputs }) => inputs['roleDefinitionId'] === own,
  );
  const builtIn = Object.values(ROLES).find((role) => 'builtIn' in role && role.builtIn === own);
  return custom === undefined
    ? (builtIn?.name ?? `unknown ${String(own)}`)
    : String(custom.inputs['roleName']).replace(/ \([^)]*\)$/, '');
}

/** principal → role → last part of the scope, as one line. */
function given(): readonly string[] {
  return of('azure-native:authorization:RoleAssignment')
    .map(
      ({ inputs }) =>
        `${String(inputs['principalId'])} | ${roleNamed(inputs['roleDefinitionId'])} | ${String(inputs['scope']).split('/').slice(-3).join('/')}`,
    )
    .toSorted();
}

describe('the estate of the example', () => {
  test('breaks no rule', () => {
    assert.deepEqual(faultsOf(estate.resources), []);
  });

  test('has a registry of its own for each environment, closed to the public, and only the last keeps its images in', () => {
    const registries = of('azure-native:resources:Resource').map(({ inputs }) => inputs);
    assert.deepEqual(
      registries
        .map((one) => [
          one['resourceName'],
          at(one, 'properties.publicNetworkAccess'),
          at(one, 'properties.policies.exportPolicy.status'),
        ])
        .toSorted(),
      [
        ['onestreamdev', 'Disabled', 'enabled'],
        ['onestreamprod', 'Disabled', 'disabled'],
        ['onestreamstaging', 'Disabled', 'enabled'],
      ],
    );
  });

  test('gives exactly what the table says, to whom and where', () => {
    const workers = ['dev', 'staging', 'production'];
    const registry = { dev: 'onestreamdev', staging: 'onestreamstaging', production: 'onestreamprod' };
    const clusters = { dev: 'onestream-dev-aks', staging: 'onestream-staging-aks', production: 'onestream-prod-aks' };
    const expected = GRANTS.filter(({ eligible }) => eligible === undefined).flatMap(({ who, role, on }) => {
      const places = workers as (keyof typeof registry)[];
      const line = (principal: string, scope: string): string => `${principal} | ${ROLES[role].name} | ${scope}`;
      const inRegistry = (name: string): string => `resources/Resource/${name}`;
      const { approvers, auditors } = exampleParameters().people;
      if (who === 'build')
        return [
          line(
            'principal-of-identity-build',
            on === 'signing key' ? 'onestream-sluice/keys/cosign' : inRegistry('onestreamdev'),
          ),
        ];
      if (who === 'approver' || who === 'auditor') {
        const group = who === 'approver' ? approvers : auditors;
        return on === 'logs'
          ? [line(group, 'operationalinsights/Workspace/onestream-logs')]
          : places.map((place) => line(group, inRegistry(registry[place])));
      }
      return places.flatMap((place, at_) => {
        const principal = who === 'kubelet' ? `kubelet-of-${clusters[place]}` : `principal-of-identity-worker-${place}`;
        if (on === 'own registry') return [line(principal, inRegistry(registry[place]))];
        if (on === 'source registry')
          return at_ === 0 ? [] : [line(principal, inRegistry(registry[places[at_ - 1] as keyof typeof registry]))];
        if (on === 'own record key') return [line(principal, `onestream-sluice/keys/records-${place}`)];
        if (on === 'own cluster')
          return [line(principal, `Microsoft.ContainerService/managedClusters/${clusters[place]}`)];
        return [line(principal, `${clusters[place]}/namespaces/iam`)];
      });
    });
    assert.deepEqual(given(), expected.toSorted());
  });

  test('lets nobody push into a later registry but through a signed record of its own worker', () => {
    const push = 'Microsoft.ContainerRegistry/registries/repositories/content/write';
    const pushers = given().filter((line) =>
      Object.values(ROLES).some(
        (role) => line.includes(`| ${role.name} |`) && (role.dataActions as readonly string[]).includes(push),
      ),
    );
    assert.deepEqual(
      pushers.filter((line) => !line.endsWith('onestreamdev')),
      [
        'principal-of-identity-worker-production | Sluice Record Writer | resources/Resource/onestreamprod',
        'principal-of-identity-worker-staging | Sluice Record Writer | resources/Resource/onestreamstaging',
      ],
    );
  });

  test('gives no worker anything in another environment but the read of its source', () => {
    const foreign = given().filter((line) => /worker-production/.test(line) && !/prod/.test(line.split('|')[2] ?? ''));
    assert.deepEqual(foreign, [
      'principal-of-identity-worker-production | Sluice Import Source | resources/Resource/onestreamstaging',
    ]);
  });

  test('has an emergency role that nobody holds: it must be asked for', () => {
    const emergency = ROLES.breakGlass.name;
    assert.deepEqual(
      given().filter((line) => line.includes(emergency)),
      [],
    );
    const eligible = of('azure-native:authorization:PimRoleEligibilitySchedule');
    assert.equal(eligible.length, 6);
    for (const { inputs } of eligible) {
      assert.equal(roleNamed(inputs['roleDefinitionId']), emergency);
      assert.equal(at(inputs, 'scheduleInfo.expiration.type'), 'AfterDuration');
    }
  });

  test('lets a worker’s identity be taken by its own service account alone, with the cloud’s audience', () => {
    const subjects = of('azure-native:managedidentity:FederatedIdentityCredential').map(({ inputs }) => [
      inputs['resourceName'],
      inputs['subject'],
    ]);
    assert.ok(
      subjects.some(
        ([name, subject]) =>
          name === 'onestream-worker-production' && subject === 'system:serviceaccount:sluice-production:worker',
      ),
    );
    for (const { inputs } of of('azure-native:managedidentity:FederatedIdentityCredential'))
      assert.deepEqual(inputs['audiences'], [CLOUDS.public.audience]);
  });

  test('lets the build’s identity be taken by what each issuer says of its own pipelines', () => {
    const issuers = Object.fromEntries(
      of('azure-native:managedidentity:FederatedIdentityCredential')
        .filter(({ inputs }) => inputs['resourceName'] === 'onestream-build')
        .map(({ inputs }) => [String(inputs['subject']).split('/')[1] ?? '', inputs['issuer']]),
    );
    assert.deepEqual(issuers, {
      eid1: `https://login.microsoftonline.com/${exampleParameters().tenant}/v2.0`,
      'iam:ref:refs': 'https://token.actions.githubusercontent.com',
    });
  });

  test('keeps what cannot be made again: registries, vault, keys and logs are protected by locks or refuse to be purged', () => {
    assert.equal(of('azure-native:authorization:ManagementLockByScope').length, 3);
    assert.equal(at(of('azure-native:keyvault:Vault')[0]?.inputs, 'properties.enablePurgeProtection'), true);
  });
});

describe('the alert rules', () => {
  test('are those of the monitoring, each on the workspace, to the action group, with its runbook', () => {
    const made = of('azure-native:monitor:ScheduledQueryRule').map(({ inputs }) => inputs);
    for (const { name, runbook } of readAlerts()) {
      const rule = made.find((one) => one['ruleName'] === name);
      assert.ok(rule, name);
      assert.deepEqual(at(rule, 'actions.actionGroups'), [exampleParameters().actionGroup]);
      assert.equal(at(rule, 'actions.customProperties.runbook'), runbook);
      assert.match(String(rule['scopes']), /Workspace\/onestream-logs$/);
    }
    assert.equal(made.length, readAlerts().length + 1);
  });
});

describe('when the parameters say so', () => {
  test('a registry is open to named addresses only', async () => {
    const parameters = exampleParameters();
    const { dev } = parameters.environments;
    assert.ok(dev);
    const opened = { ...dev, registry: { ...dev.registry, publicFrom: ['203.0.113.0/24'] } };
    const { resources } = await preview({ ...parameters, environments: { ...parameters.environments, dev: opened } });
    const registry = resources.find(({ name }) => name === 'registry-dev')?.inputs;
    assert.equal(at(registry, 'properties.publicNetworkAccess'), 'Enabled');
    assert.deepEqual(at(registry, 'properties.networkRuleSet'), {
      defaultAction: 'Deny',
      ipRules: [{ action: 'Allow', iPAddressOrRange: '203.0.113.0/24' }],
    });
    assert.deepEqual(faultsOf(resources), []);
  });

  test('another cloud has its own addresses and audience', async () => {
    const parameters = exampleParameters();
    const azurePipelines = { organisation: parameters.tenant, subject: 'sc://organisation/project/dev' };
    const { resources, outputs } = await preview({
      ...parameters,
      cloud: 'usgovernment',
      location: 'usgovvirginia',
      build: { azurePipelines },
    });
    assert.equal(
      resources.find(({ name }) => name === 'federation-build-azure-pipelines')?.inputs['issuer'],
      `https://vstoken.dev.azure.com/${parameters.tenant}`,
    );
    assert.deepEqual(faultsOf(resources), []);
    assert.equal(at(outputs, 'environments.production.registry'), 'onestreamprod.azurecr.us');
    assert.ok(resources.some(({ inputs }) => inputs['privateZoneName'] === 'privatelink.azurecr.us'));
    const audiences = resources
      .filter(({ type }) => type.endsWith(':FederatedIdentityCredential'))
      .map(({ inputs }) => inputs['audiences']);
    assert.ok(audiences.every((one) => String(one) === 'api://AzureADTokenExchangeUSGov'));
  });
});

describe('before the service connection of the build is there', () => {
  test('its identity is, with its rights, and can be taken by nobody', async () => {
    const { resources, outputs } = await preview({
      ...exampleParameters(),
      build: { azurePipelines: { subject: 'none-yet' } },
    });
    assert.deepEqual(
      resources.filter(({ name }) => name.startsWith('federation-build')).map(({ name }) => name),
      [],
    );
    assert.equal(at(outputs, 'build'), 'client-of-identity-build');
    assert.ok(resources.some(({ name }) => name === 'grant-build-writer-registry-dev'));
  });
});

describe('when a cluster is not ready', () => {
  test('everything that is missing is said, each with the command that mends it', () => {
    const missing = missingIn({});
    assert.equal(missing.length, 6);
    for (const one of missing) assert.match(one, /az aks (update|enable-addons)/);
    assert.deepEqual(missingIn(readyCluster('', { resourceName: 'a', resourceGroupName: 'b' }) as never), []);
  });
});
