import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DevOpsServer } from './support/devops-server.ts';
import { EXAMPLE, run } from './support/example.ts';

const applied = async (server: DevOpsServer) => {
  const result = await run(server, ['apply', '--yes']);
  assert.equal(result.code, 0, result.err + result.out);
  return result;
};

test('an empty project is planned, made, and then as described: the second apply sends no writing request', async () => {
  await using server = await new DevOpsServer().start();
  const first = await run(server, ['plan']);
  assert.equal(first.code, 2, first.err);
  assert.deepEqual(server.writes, [], 'plan only reads');
  assert.match(first.out, /\+ connection +sc-onestream-promotion/);
  await applied(server);
  assert.equal(server.endpoints.size, 2);
  assert.equal(server.groups.size, 5);
  assert.equal(server.environments.size, 3);
  const second = await run(server, ['plan']);
  assert.equal(second.code, 0, second.out);
  assert.match(second.out, /^nothing to do/);
  const before = server.writes.length;
  await applied(server);
  assert.equal(server.writes.length, before);
});

test('a connection is federated and no body that is sent holds a secret', async () => {
  await using server = await new DevOpsServer().start();
  await applied(server);
  for (const one of server.endpoints.values()) {
    assert.equal(one.authorization.scheme, 'WorkloadIdentityFederation');
    assert.equal(one.isShared, false);
  }
  const sent = JSON.stringify(server.requests.map((one) => one.body));
  assert.doesNotMatch(sent, /serviceprincipalkey|spnKey|password/i);
});

test('every connection, group and environment takes protected branches and the template only, before any pipeline may use it', async () => {
  await using server = await new DevOpsServer().start();
  await applied(server);
  const resources = [
    ...[...server.endpoints.keys()].map((id) => `endpoint/${id}`),
    ...[...server.groups.keys()].map((id) => `variablegroup/${id}`),
    ...[...server.environments.keys()].map((id) => `environment/${id}`),
  ];
  for (const resource of resources) {
    const on = [...server.checks.values()].filter((one) => `${one.resource.type}/${one.resource.id}` === resource);
    const branch = on.find((one) => one.settings.definitionRef?.name === 'evaluatebranchProtection');
    assert.deepEqual(branch?.settings.inputs, {
      allowedBranches: 'refs/heads/main, refs/heads/release/*',
      ensureProtectionOfBranch: 'true',
      allowUnknownStatusBranches: 'false',
    });
    assert.ok(
      on.some((one) => one.settings.extendsChecks?.length === 3),
      resource,
    );
    assert.deepEqual(server.permissions.get(resource), { open: false, pipelines: new Set([7]) });
  }
  const lastCheck = server.writes.findLastIndex((one) => one.includes('/checks/'));
  const firstPermission = server.writes.findIndex((one) => one.includes('/pipelinepermissions/'));
  assert.ok(lastCheck < firstPermission, 'guarded first, opened then');
});

test('a connection of an environment has the lock, approval and hours of that environment', async () => {
  await using server = await new DevOpsServer().start();
  await applied(server);
  const promotion = [...server.endpoints.values()].find((one) => one.name === 'sc-onestream-promotion');
  const kinds = [...server.checks.values()]
    .filter((one) => one.resource.id === promotion.id)
    .map((one) => one.settings.displayName ?? one.type.name);
  assert.deepEqual(kinds.sort(), ['Approval', 'Branch control', 'Business hours', 'ExclusiveLock', 'ExtendsCheck']);
});

test('what was changed by hand is shown and put back, and nothing else is written', async () => {
  await using server = await new DevOpsServer().start();
  await applied(server);
  const promotion = [...server.endpoints.values()].find((one) => one.name === 'sc-onestream-promotion');
  server.permissions.get(`endpoint/${promotion.id}`)!.open = true;
  server.permissions.get(`endpoint/${promotion.id}`)!.pipelines.add(9);
  const branch = [...server.checks.values()].find(
    (one) => one.resource.id === promotion.id && one.settings.displayName === 'Branch control',
  );
  branch.settings.inputs.allowedBranches = '*';
  const group = [...server.groups.values()].find((one) => one.name === 'onestream-prod-variables');
  group.variables.ACR_NAME.value = 'typed-by-hand-and-maybe-secret';
  server.settings['enforceNoAccessToSecretsFromForks'] = false;
  const drift = await run(server, ['plan']);
  assert.equal(drift.code, 2);
  assert.match(drift.out, /open: true → false/);
  assert.match(drift.out, /pipelines: \[iam, legacy-iam\] → \[iam\]/);
  assert.match(drift.out, /branches: \* → refs\/heads\/main, refs\/heads\/release\/\*/);
  assert.match(drift.out, /secretsForForks: true → false/);
  assert.doesNotMatch(drift.out, /typed-by-hand/, 'a value that nobody described is not repeated');
  assert.match(drift.out, /0 to create, 4 to update, 0 to remove/);
  const before = server.writes.length;
  await applied(server);
  assert.equal(server.writes.length, before + 4);
  assert.deepEqual(server.permissions.get(`endpoint/${promotion.id}`), { open: false, pipelines: new Set([7]) });
  assert.equal((await run(server, ['plan'])).code, 0);
});

test('a check that was disabled by hand is shown and enabled again', async () => {
  await using server = await new DevOpsServer().start();
  await applied(server);
  const lock = [...server.checks.values()].find((one) => one.type.name === 'ExclusiveLock');
  lock.isDisabled = true;
  const drift = await run(server, ['plan']);
  assert.equal(drift.code, 2);
  assert.match(drift.out, /exclusive lock\n +disabled: true → false/);
  await applied(server);
  assert.equal((await run(server, ['plan'])).code, 0);
});

test('a request that fails half way stops the run, says what was done, and the next run completes', async () => {
  await using server = await new DevOpsServer().start();
  server.fail((one) => one.method === 'POST' && one.body?.name === 'sc-onestream-promotion', {
    status: 403,
    body: { message: 'TF400813: the user is not authorized' },
  });
  const failed = await run(server, ['apply', '--yes']);
  assert.equal(failed.code, 1);
  assert.match(failed.err, /lacks the right. TF400813/);
  assert.match(failed.err, /5 of \d+ changes are made/);
  assert.equal(server.endpoints.size, 1);
  assert.equal(server.groups.size, 0, 'nothing after the failure');
  await applied(server);
  assert.equal((await run(server, ['plan'])).code, 0);
  const names = [...server.endpoints.values()].map((one) => one.name);
  assert.equal(new Set(names).size, names.length, 'nothing twice');
});

test('what is described no longer goes only with --prune, and only when this program made it', async () => {
  await using server = await new DevOpsServer().start();
  await applied(server);
  server.environments.set('99', { id: 99, name: 'somebody-elses', description: 'made by hand' });
  const without = EXAMPLE.replace(/ {2}- name: onestream-staging-promotion\n(?: {4}.*\n)+/, '');
  assert.notEqual(without, EXAMPLE);
  const plan = await run(server, ['plan'], without);
  assert.equal(plan.code, 0);
  assert.match(plan.out, /stays unless --prune is given:\n- environment +onestream-staging-promotion/);
  assert.equal((await run(server, ['plan', '--prune'], without)).code, 2);
  const pruned = await run(server, ['apply', '--yes', '--prune'], without);
  assert.equal(pruned.code, 0, pruned.err);
  assert.deepEqual([...server.environments.values()].map((one) => one.name).sort(), [
    'onestream-development',
    'onestream-production-promotion',
    'somebody-elses',
  ]);
});

test('apply without --yes and without a terminal changes nothing', async () => {
  await using server = await new DevOpsServer().start();
  const asked = await run(server, ['apply']);
  assert.equal(asked.code, 1);
  assert.match(asked.err, /give --yes/);
  assert.deepEqual(server.writes, []);
});

test('--json is one document whose changes are those of the table', async () => {
  await using server = await new DevOpsServer().start();
  const { out, code } = await run(server, ['plan', '--json']);
  assert.equal(code, 2);
  const plan = JSON.parse(out);
  assert.equal(plan.changes.filter((one: any) => one.item.kind === 'connection').length, 2);
});
