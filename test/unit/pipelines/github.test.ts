/** The workflows for GitHub Actions, held to GitHub's own parser and to the rules of the house. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bodiesOf, interpolatedIn, nodesIn, templatesIn } from './templates.ts';
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
});
