/** The templates for Azure Pipelines: whatever one names is there, and takes what it is given. */
import assert from 'node:assert/strict';
import { dirname, join, normalize } from 'node:path';
import { describe, test } from 'node:test';
import { bodiesOf, interpolatedIn, type Node, nodesIn, type Template, templatesIn } from './templates.ts';

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly default?: unknown;
  readonly values?: readonly string[];
}

const templates = templatesIn('azure-pipelines');
const byPath = new Map(templates.map((one) => [one.path, one]));
const parametersOf = ({ content }: Template): readonly Parameter[] => (content['parameters'] ?? []) as Parameter[];

/** What is wrong with the templates that this one uses, and with the parameters that it gives them. */
function wrongReferences(template: Template): readonly string[] {
  const own = new Set(parametersOf(template).map(({ name }) => name));
  const unknown = [...template.text.matchAll(/parameters\.(\w+)/g)]
    .map(([, name]) => name ?? '')
    .filter((name) => !own.has(name))
    .map((name) => `${template.path}: has no parameter ${name}`);
  const unused = [...own]
    .filter((name) => !template.text.includes(`parameters.${name}`))
    .map((name) => `${template.path}: never uses ${name}`);
  const calls = [...nodesIn(template.content)].filter((node) => typeof node['template'] === 'string');
  return [...unknown, ...unused, ...calls.flatMap((call) => wrongCall(template.path, call))];
}

function wrongCall(from: string, call: Node): readonly string[] {
  const name = String(call['template']);
  const path = name.endsWith('@sluice')
    ? name.replace(/^pipelines\/|@sluice$/g, '')
    : normalize(join(dirname(from), name));
  const target = byPath.get(path);
  if (target === undefined) return [`${from}: there is no ${path}`];
  const given = (call['parameters'] ?? {}) as Node;
  const wanted = parametersOf(target);
  return [
    ...wanted.filter((one) => one.default === undefined && !(one.name in given)).map((one) => `misses ${one.name}`),
    ...Object.entries(given).flatMap(([key, value]) => wrongValue(key, value, wanted)),
  ].map((words) => `${from}: ${name} ${words}`);
}

function wrongValue(key: string, value: unknown, wanted: readonly Parameter[]): readonly string[] {
  const parameter = wanted.find((one) => one.name === key);
  if (parameter === undefined) return [`has no parameter ${key}`];
  if (typeof value === 'string' && value.startsWith('${{')) return [];
  if (typeof value !== parameter.type) return [`wants a ${parameter.type} for ${key}`];
  if (parameter.values?.includes(String(value)) === false) return [`takes no ${String(value)} for ${key}`];
  return [];
}

describe('the templates for Azure Pipelines', () => {
  test('name templates and parameters that are there, and give each what it wants', () => {
    assert.ok(templates.length >= 8);
    assert.deepEqual(templates.flatMap(wrongReferences), []);
  });

  test('would be refused with a missing, an unknown or a wrong parameter, a wrong value or a template that is not there', () => {
    const content = {
      steps: [
        { template: 'steps/nowhere.yml' },
        { template: 'steps/version.yml', parameters: { scheme: 'other', colour: 'red', path: true } },
      ],
    };
    assert.deepEqual(wrongReferences({ path: 'azure-pipelines/x.yml', text: '${{ parameters.lost }}', content }), [
      'azure-pipelines/x.yml: has no parameter lost',
      'azure-pipelines/x.yml: there is no azure-pipelines/steps/nowhere.yml',
      'azure-pipelines/x.yml: steps/version.yml misses service',
      'azure-pipelines/x.yml: steps/version.yml takes no other for scheme',
      'azure-pipelines/x.yml: steps/version.yml has no parameter colour',
      'azure-pipelines/x.yml: steps/version.yml wants a string for path',
    ]);
  });

  test('read output variables of steps that have such a name', () => {
    const steps = new Set(templates.flatMap(({ content }) => [...nodesIn(content)].map((node) => node['name'])));
    const read = templates.flatMap(({ text }) => [...text.matchAll(/(?:\$\(|outputs\[')(\w+)\.(\w+)/g)]);
    const named = read.map(([, step]) => step ?? '').filter((step) => !['Build', 'System', 'Agent'].includes(step));
    assert.ok(named.length >= 9);
    assert.deepEqual(
      named.filter((step) => !steps.has(step)),
      [],
    );
  });

  test('put nothing into a script as text: variables come through env', () => {
    const found = templates.flatMap((one) => bodiesOf(one).flatMap(({ script }) => interpolatedIn(script)));
    assert.deepEqual(found, []);
    assert.deepEqual(interpolatedIn('echo "$(Build.SourceBranchName)" ${{ parameters.x }} "$(date +%s)"'), [
      '$(Build.SourceBranchName)',
      '${{ parameters.x }}',
    ]);
  });

  test('bound every job in time, and fetch the whole history of the service without leaving a credential', () => {
    const nodes = templates.flatMap(({ content }) => [...nodesIn(content)]);
    const jobs = nodes.filter((node) => typeof node['job'] === 'string');
    assert.deepEqual(
      jobs.map((job) => job['timeoutInMinutes']),
      jobs.map(() => 60),
    );
    const checkouts = nodes.filter((node) => node['checkout'] !== undefined);
    assert.ok(checkouts.every((one) => one['persistCredentials'] === false));
    assert.ok(checkouts.filter((one) => one['checkout'] === 'self').every((one) => one['fetchDepth'] === 0));
  });

  test('refuse before they build: the guard stands before everything that signs in', () => {
    for (const { path, text } of templates.filter((one) => one.path.split('/').length === 2)) {
      const guard = text.indexOf('steps/version.yml');
      const others = ['steps/build.yml', 'steps/follow.yml', 'task: AzureCLI'].map((name) => text.indexOf(name));
      assert.ok(guard > 0 && others.every((at) => at < 0 || at > guard), path);
    }
  });

  test('leave a service under forty lines, and are with it, comments and all, no more than the 300 that the guide wants', () => {
    const lines = (text: string): number => text.trimEnd().split('\n').length;
    assert.ok(lines(byPath.get('azure-pipelines/examples/iam.yml')?.text ?? '') < 40);
    const all = templates.reduce((sum, { text }) => sum + lines(text), 0);
    assert.ok(all > 200 && all <= 300, `${all} lines`);
  });
});
