/** The workflows for GitHub Actions, held to GitHub's own parser and to the rules of the house. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bodiesOf, interpolatedIn, type Node, nodesIn, templatesIn } from './templates.ts';
import { problemsIn } from './workflow-parser.ts';

const templates = templatesIn('github');
const workflows = templates.filter(({ path }) => !path.endsWith('/action.yml'));

describe('the workflows for GitHub Actions', () => {
  test('are what GitHub’s parser takes', () => {
    assert.ok(workflows.length >= 4);
    assert.deepEqual(
      workflows.flatMap(({ path, text }) => problemsIn(path, text)),
      [],
    );
  });

  test('would not be with a key that GitHub does not know', () => {
    const broken = (workflows.find(({ path }) => path.endsWith('workflows/release.yml'))?.text ?? '').replace(
      'runs-on:',
      'runs-at:',
    );
    assert.match(problemsIn('broken.yml', broken).join('\n'), /runs-at/);
  });

  test('pin what they use by a full commit, or take it from the checkout', () => {
    const uses = templates.flatMap(({ content }) => [...nodesIn(content)].flatMap((node) => node['uses'] ?? []));
    assert.ok(uses.length >= 10);
    assert.deepEqual(
      uses.filter((one) => !/@[0-9a-f]{40}$|^\.\/sluice\//.test(String(one))),
      [],
    );
  });

  test('have no rights but to read and to prove who they are, and never run for a pull request', () => {
    for (const { path, content, text } of workflows) {
      assert.deepEqual(content['permissions'], {}, path);
      for (const job of Object.values(content['jobs'] as Record<string, Record<string, unknown>>)) {
        assert.deepEqual(job['permissions'], { contents: 'read', 'id-token': 'write' }, path);
        assert.ok(job['uses'] !== undefined || job['timeout-minutes'] === 60, path);
      }
      assert.doesNotMatch(text, /pull_request/, path);
    }
  });

  test('put nothing into a script as text: inputs come through env', () => {
    assert.deepEqual(
      templates.flatMap((one) => bodiesOf(one).flatMap(({ script }) => interpolatedIn(script))),
      [],
    );
  });

  test('read inputs that are declared', () => {
    for (const { path, content, text } of workflows.filter((one) => one.path.includes('/workflows/'))) {
      const on = content['on'] as { workflow_call: { inputs: Record<string, unknown> } };
      const read = [...text.matchAll(/inputs\.([\w-]+)/g)].map(([, name]) => name ?? '');
      assert.deepEqual([...new Set(read)].toSorted(), Object.keys(on.workflow_call.inputs).toSorted(), path);
    }
  });

  test('give whom they call the inputs and secrets that it declares, all that it requires, of the right type', () => {
    const calls = workflows.flatMap(({ path, content }) => jobsOf(content).flatMap((job) => wrongCall(path, job)));
    assert.deepEqual(calls, []);
    const steps = templates.flatMap(({ path, content }) =>
      [...nodesIn(content)].flatMap((node) => wrongStep(path, node)),
    );
    assert.deepEqual(steps, []);
  });

  test('would be refused with an input that is missing, unknown or of another type, and a secret that nobody asked for', () => {
    const at = `@${'0'.repeat(40)}`;
    const job = {
      uses: `onestream/sluice/.github/workflows/promote.yml${at}`,
      with: { service: 7, version: '1', colour: 'red', 'wait-for': '${{ vars.X }}' },
      secrets: { OTHER: '${{ secrets.OTHER }}' },
    };
    assert.deepEqual(
      wrongCall('x.yml', job).filter((words) => !/misses (sluice|client|tenant|subscription|temporal)/.test(words)),
      [
        'x.yml: promote.yml wants a string for service',
        'x.yml: promote.yml has no input colour',
        'x.yml: promote.yml has no secret OTHER',
      ],
    );
    assert.ok(wrongCall('x.yml', job).includes('x.yml: promote.yml misses sluice-ref'));
    assert.deepEqual(wrongCall('x.yml', { uses: `onestream/sluice/.github/workflows/nowhere.yml${at}` }), [
      'x.yml: there is no nowhere.yml',
    ]);
    assert.deepEqual(wrongStep('x.yml', { uses: `azure/login${at}`, with: { 'client-id': 'a', client_id: 'b' } }), [
      'x.yml: azure/login has no input client_id',
    ]);
    assert.deepEqual(wrongStep('x.yml', { uses: './sluice/pipelines/github/tools', with: { node: '24' } }), [
      'x.yml: ./sluice/pipelines/github/tools has no input node',
    ]);
  });

  test('refuse before they sign in: each job has the guard first, or needs one that has', () => {
    for (const { path, content } of workflows.filter((one) => one.path.includes('/workflows/'))) {
      const jobs = content['jobs'] as Record<string, Node>;
      for (const [name, job] of Object.entries(jobs)) {
        const needed = jobs[String(job['needs'])];
        assert.ok(isGuarded(job) || (needed !== undefined && isGuarded(needed)), `${path}: ${name}`);
      }
    }
    const [signsIn, guards] = [{ uses: 'azure/login@x' }, { run: 'guard.sh --service x' }];
    assert.deepEqual(
      [[signsIn, guards], [guards, signsIn], [signsIn]].map((steps) => isGuarded({ steps })),
      [false, true, false],
    );
  });
});

const jobsOf = (content: Node): readonly Node[] => Object.values((content['jobs'] ?? {}) as Record<string, Node>);

function isGuarded({ steps }: Node): boolean {
  const all = steps as readonly Node[];
  const guard = all.findIndex(({ run }) => typeof run === 'string' && /^guard\.sh /m.test(run));
  const signIn = all.findIndex(({ uses }) => String(uses).startsWith('azure/login@'));
  return guard >= 0 && guard < signIn;
}

interface Declared {
  readonly inputs?: Readonly<Record<string, { readonly type?: string; readonly required?: boolean }>>;
  readonly secrets?: Readonly<Record<string, { readonly required?: boolean }>>;
}

/** What is wrong with a job's call of a workflow of this folder. */
function wrongCall(from: string, job: Node): readonly string[] {
  const [, name = ''] = /\/\.github\/workflows\/([\w.-]+)@/.exec(String(job['uses'])) ?? [];
  if (name === '') return [];
  const target = workflows.find(({ path }) => path === `github/workflows/${name}`);
  if (target === undefined) return [`${from}: there is no ${name}`];
  const { inputs = {}, secrets = {} } = (target.content['on'] as { workflow_call: Declared }).workflow_call;
  const given = (job['with'] ?? {}) as Node;
  const handed = (job['secrets'] ?? {}) as Node;
  const missing = (wanted: Declared['secrets'], got: Node): readonly string[] =>
    Object.entries(wanted ?? {}).flatMap(([key, { required }]) => (required === true && !(key in got) ? [key] : []));
  return [
    ...[...missing(inputs, given), ...missing(secrets, handed)].map((key) => `misses ${key}`),
    ...Object.entries(given).flatMap(([key, value]) => wrongInput(key, value, inputs)),
    ...Object.keys(handed).flatMap((key) => (key in secrets ? [] : [`has no secret ${key}`])),
  ].map((words) => `${from}: ${name} ${words}`);
}

function wrongInput(key: string, value: unknown, inputs: NonNullable<Declared['inputs']>): readonly string[] {
  const declared = inputs[key];
  if (declared === undefined) return [`has no input ${key}`];
  if (typeof value === 'string' && value.startsWith('${{')) return [];
  return typeof value === declared.type ? [] : [`wants a ${declared.type} for ${key}`];
}

/** Of the action.yml of each commit that is pinned, the inputs that matter here: others' actions are not at hand. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  // github.com/actions/checkout, v6
  'actions/checkout': [
    'repository',
    'ref',
    'token',
    'path',
    'clean',
    'fetch-depth',
    'fetch-tags',
    'persist-credentials',
  ],
  // github.com/Azure/login, v3
  'azure/login': ['client-id', 'tenant-id', 'subscription-id', 'environment', 'audience', 'allow-no-subscriptions'],
};

/** What is wrong with a step's call of an action: one of this folder by what it declares, others by the list above. */
function wrongStep(from: string, node: Node): readonly string[] {
  const { uses } = node;
  if (typeof uses !== 'string' || uses.includes('/.github/workflows/')) return [];
  const [name = ''] = uses.split('@');
  const own = templates.find(({ path }) => `./sluice/pipelines/${path}` === `${name}/action.yml`);
  const inputs = own === undefined ? ACTIONS[name] : Object.keys((own.content['inputs'] ?? {}) as Node);
  if (inputs === undefined) return [`${from}: nobody has written down the inputs of ${name}`];
  return Object.keys((node['with'] ?? {}) as Node).flatMap((key) =>
    inputs.includes(key) ? [] : [`${from}: ${name} has no input ${key}`],
  );
}
