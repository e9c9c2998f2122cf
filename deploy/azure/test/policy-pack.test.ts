import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type * as Grpc from '@grpc/grpc-js';
import { preview } from '../preview.ts';
import { RULES, STACK_RULES } from '../rules/all.ts';
import type { Stated } from '../rules/rule.ts';
import { exampleParameters } from './example.ts';

// what Pulumi itself speaks with a pack
const require = createRequire(createRequire(import.meta.url).resolve('@pulumi/pulumi/package.json'));
const grpc = require('@grpc/grpc-js') as typeof Grpc;
const { AnalyzerClient } = require('./proto/analyzer_grpc_pb.js');
const messages = require('./proto/analyzer_pb.js');
const { Struct } = require('google-protobuf/google/protobuf/struct_pb.js');
const { Empty } = require('google-protobuf/google/protobuf/empty_pb.js');

const folder = fileURLToPath(new URL('../policy-pack', import.meta.url));
/** What the CLI starts a pack of the runtime nodejs with, in the pack's own folder. */
const RUNNER = require.resolve('./cmd/run-policy-pack');

let pack: ChildProcess;
let client: any;
let good: readonly Stated[];

before(async () => {
  good = (await preview(exampleParameters())).resources;
  // the engine's address is for logs alone
  pack = spawn(process.execPath, [RUNNER, '127.0.0.1:1', '.'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  client = new AnalyzerClient(`127.0.0.1:${await port(pack)}`, grpc.credentials.createInsecure());
});
after(async () => {
  client?.close();
  if (pack.exitCode === null) {
    pack.kill();
    await once(pack, 'exit');
  }
});

/** The first line that it says, as the CLI reads it. */
function port(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    let complained = '';
    child.stderr?.on('data', (chunk) => (complained += String(chunk)));
    child.stdout?.on('data', (chunk) => {
      said += String(chunk);
      if (/^\d+\n/.test(said)) resolve(said.split('\n')[0] ?? '');
    });
    child.once('exit', () => reject(new Error(`the pack did not start: ${said}${complained}`)));
  });
}

function call(method: string, request: unknown): Promise<any> {
  return new Promise((resolve, reject) =>
    client[method](request, (error: Error | null, answer: unknown) => (error ? reject(error) : resolve(answer))),
  );
}

const properties = (inputs: unknown) => Struct.fromJavaScript(JSON.parse(JSON.stringify(inputs)));
const options = () => {
  const all = new messages.AnalyzerResourceOptions();
  all.setCustomtimeouts(new messages.AnalyzerResourceOptions.CustomTimeouts());
  return all;
};
const urn = (short: string) => `urn:pulumi:stack::sluice-azure::${short}`;
const violations = (answer: any): readonly string[] =>
  answer
    .getDiagnosticsList()
    .map((one: any) => `${one.getPolicyname()} ${one.getEnforcementlevel()}: ${one.getMessage()}`);

async function analyzed({ type, name, inputs }: Stated): Promise<readonly string[]> {
  const request = new messages.AnalyzeRequest();
  request.setType(type);
  request.setName(name);
  request.setUrn(urn(`${type}::${name}`));
  request.setProperties(properties(inputs));
  request.setOptions(options());
  return violations(await call('analyze', request));
}

/** Outputs, not inputs, are what a stack is judged by: names of what a resource is in are gone, its own type is there. */
function outputsOf({ type, inputs }: Stated): Record<string, unknown> {
  const gone =
    /^(resource(Name|Type|Uri|GroupName|ProviderNamespace)|parentResourcePath|apiVersion|vaultName|keyName)$/;
  const left = Object.fromEntries(Object.entries(inputs).filter(([key]) => !gone.test(key)));
  return type === 'azure-native:resources:Resource'
    ? { ...left, type: 'Microsoft.ContainerRegistry/registries' }
    : left;
}

async function stackAnalyzed(resources: readonly Stated[]): Promise<readonly string[]> {
  const request = new messages.AnalyzeStackRequest();
  for (const one of resources) {
    const resource = new messages.AnalyzerResource();
    resource.setType(one.type);
    resource.setName(one.name);
    resource.setUrn(urn(`${one.type}::${one.name}`));
    resource.setProperties(properties(outputsOf(one)));
    resource.setOptions(options());
    for (const [property, sources] of Object.entries(one.from ?? {})) {
      const dependencies = new messages.AnalyzerPropertyDependencies();
      dependencies.setUrnsList(sources.map(urn));
      resource.getPropertydependenciesMap().set(property, dependencies);
    }
    request.addResources(resource);
  }
  return violations(await call('analyzeStack', request));
}

const MANDATORY = messages.EnforcementLevel.MANDATORY as number;

describe('the policy pack, started as Pulumi starts it', () => {
  test('has every rule, each with its reason', async () => {
    const policies: any[] = (await call('getAnalyzerInfo', new Empty())).getPoliciesList();
    assert.deepEqual(
      policies.map((one) => [one.getName(), one.getDescription()]),
      [...RULES, ...STACK_RULES].map(({ name, why }) => [name, why]),
    );
  });

  test('lets the estate of the example through, resource by resource and as a whole', async () => {
    for (const one of good) assert.deepEqual(await analyzed(one), [], one.name);
    assert.deepEqual(await stackAnalyzed(good), []);
  });

  test('refuses the admin user, and says why', async () => {
    const registry = structuredClone(good.find(({ name }) => name === 'registry-dev')) as any;
    registry.inputs.properties.adminUserEnabled = true;
    assert.deepEqual(await analyzed(registry), [
      `registry-no-admin ${MANDATORY}: the admin user is a shared password with every right\nadminUserEnabled: expected false, got true`,
    ]);
  });

  test('refuses a registry whose logs are kept nowhere, though it sees outputs only', async () => {
    const found = await stackAnalyzed(good.filter(({ name }) => name !== 'registry-logs-staging'));
    assert.equal(found.length, 2, found.join('\n'));
    for (const one of found)
      assert.match(one, new RegExp(`^logs-kept ${MANDATORY}: .*\\n.*registry-staging: \\w+Events is written nowhere`));
  });

  test('refuses the emergency role as a right that is held', async () => {
    const found = await stackAnalyzed(
      good.map((one) =>
        one.name === 'eligible-break-glass-dev-registry-dev'
          ? { ...one, type: 'azure-native:authorization:RoleAssignment' }
          : one,
      ),
    );
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', /^given-as-the-table .*\n.*Sluice Break Glass is never held/);
  });
});
