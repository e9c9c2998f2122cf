import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DescriptionError, readDescription } from '../description/load.ts';
import { schemaText } from '../description/print-schema.ts';
import { openBranch } from '../description/rules.ts';
import { DevOpsServer } from './support/devops-server.ts';
import { EXAMPLE, IDS, run } from './support/example.ts';

function problems(text: string, env: Record<string, string | undefined> = IDS): Map<string, string> {
  try {
    readDescription(text, env);
  } catch (error) {
    if (error instanceof DescriptionError) return new Map(error.problems.map((one) => [one.at, one.says]));
    throw error;
  }
  return new Map();
}

/** The example with one piece exchanged; the piece must be there. */
function but(...pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((text, [old, put]) => {
    assert.ok(text.includes(old), `the example has no longer: ${old}`);
    return text.replace(old, put);
  }, EXAMPLE);
}

test('the example is valid', () => {
  assert.deepEqual(problems(EXAMPLE), new Map());
});

test('the published schema is that of the program', () => {
  assert.equal(readFileSync(join(import.meta.dirname, '..', 'schema', 'project.schema.json'), 'utf8'), schemaText());
});

test('all problems are told at once, each with its place', () => {
  const found = problems(
    but(
      ['branches: [refs/heads/main, refs/heads/release/*]', "branches: ['*', refs/pull/*, main]"],
      ['environment: onestream-development', 'environment: onestream-nowhere'],
      ['connection: sc-onestream-promotion', 'connection: sc-unknown'],
      ['- name: onestream-staging-variables', '- name: Onestream-Dev-Variables'],
      ['COSIGN_KEY_VAULT: onestream-sluice', 'ACR_PASSWORD: hunter2hunter2'],
      ['protection:', 'settings: { buildsFromForks: true, secretsForForks: true }\nprotection:'],
      ['zone: Eastern Standard Time', 'zone: America/New_York'],
      ['required: 1', 'required: 1\n      requesterMayApprove: true'],
      ['pipelines: [iam]', "pipelines: ['*']"],
      ['ref: refs/tags/v0.3.0', 'ref: main'],
    ),
  );
  assert.deepEqual([...found.keys()].sort(), [
    'connections[0].environment',
    'connections[0].pipelines[0]',
    'environments[2].approvals.requesterMayApprove',
    'environments[2].businessHours.zone',
    'protection.branches[0]',
    'protection.branches[1]',
    'protection.branches[2]',
    'protection.templates[0].ref',
    'settings.buildsFromForks',
    'settings.secretsForForks',
    'variableGroups[0].variables.ACR_PASSWORD',
    'variableGroups[1].name',
    'variableGroups[4].keyVault.connection',
  ]);
  assert.match(
    found.get('connections[0].environment')!,
    /no environment "onestream-nowhere" in this file; there is: onestream-development/,
  );
  assert.doesNotMatch([...found.values()].join(), /hunter2/, 'a secret is not repeated');
});

test('a secret in a connection is refused by name, and what to do is said', () => {
  const found = problems(
    but(['clientId: ${SLUICE_BUILD_CLIENT_ID}', 'clientId: ${SLUICE_BUILD_CLIENT_ID}\n    servicePrincipalKey: abc']),
  );
  assert.match(found.get('connections[0].servicePrincipalKey')!, /no secret belongs here/);
});

test('a value that looks like a secret is refused whatever its name', () => {
  for (const value of [
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abcd',
    'https://a.blob.core.windows.net/c?sv=1&sig=abcdefghijklmnopqrstuvwxyz',
    'eyJhbGciOi.eyJzdWIiOi.c2ln',
    `ghp_${'a'.repeat(36)}`,
  ])
    assert.ok(
      problems(but(['onestream-sluice', `"${value}"`])).has('variableGroups[0].variables.COSIGN_KEY_VAULT'),
      value,
    );
});

test('a variable of the environment that is not set is told where it is used', () => {
  const found = problems(EXAMPLE, { ...IDS, AZURE_TENANT_ID: undefined });
  assert.deepEqual([...found], [['tenant', 'the environment variable AZURE_TENANT_ID is not set']]);
});

test('the same key twice is an error of YAML, told by its line', () => {
  const found = problems(`${EXAMPLE}\nversion: 1\n`);
  assert.match([...found.keys()][0]!, /^line \d+$/);
});

test('only names and folders of branches are protected patterns', () => {
  for (const good of ['refs/heads/main', 'refs/heads/release/*', 'refs/heads/a/b/*'])
    assert.equal(openBranch(good), undefined, good);
  for (const bad of [
    '*',
    'main',
    'refs/*',
    'refs/heads/*',
    'refs/heads/',
    'refs/heads/rel*',
    'refs/heads/*/x',
    'refs/tags/*',
    'refs/pull/*/merge',
    // branch control takes a list, so that one entry with a comma is two patterns
    'refs/heads/main, refs/heads/*',
    'refs/heads/main,refs/heads/feature/x',
    'refs/heads/main refs/heads/x',
    'refs/heads/a..b',
    'refs/heads/a?',
  ])
    assert.notEqual(openBranch(bad), undefined, bad);
});

test('an organisation is reached by https, so that no token travels in the clear', async () => {
  const at = (organisation: string) => problems(but(['https://dev.azure.com/OneStreamPlatform', organisation]));
  assert.match(at('http://dev.azure.com/OneStreamPlatform').get('organisation')!, /expected https:\/\//);
  assert.match(at('ftp://127.0.0.1/x').get('organisation')!, /expected https:\/\//);
  assert.match(at('https://user:word@dev.azure.com/x').get('organisation')!, /no credentials/);
  for (const good of ['http://127.0.0.1:8080/x', 'https://ado.example.com/tfs']) assert.deepEqual(at(good), new Map());
});

test('a file with problems sends no request at all', async () => {
  await using server = await new DevOpsServer().start();
  const { code, err } = await run(server, ['apply', '--yes'], but(['refs/heads/release/*', 'refs/pull/*']));
  assert.equal(code, 1);
  assert.match(err, /protection.branches\[1\]: "refs\/pull\/\*" admits pull requests/);
  assert.deepEqual(server.requests, []);
});

test('a pipeline that the project lacks, or has twice, is told before anything is written', async () => {
  await using server = await new DevOpsServer().start();
  server.pipelines = [{ id: 4, name: 'web', folder: '\\' }];
  const lacking = await run(server, ['apply', '--yes']);
  assert.match(lacking.err, /connections\[1\].pipelines\[0\]: the project has no pipeline "iam"/);
  server.pipelines = [
    { id: 4, name: 'iam', folder: '\\' },
    { id: 5, name: 'iam', folder: '\\old' },
  ];
  const twice = await run(server, ['apply', '--yes']);
  assert.match(twice.err, /has 2 pipelines "iam", in \\ and \\old/);
  assert.deepEqual(server.writes, []);
});
