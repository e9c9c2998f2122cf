/** Three folders describe one organisation: what one of them names the others have to have. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';

const root = new URL('../../../', import.meta.url);
const read = (path: string): any => parse(readFileSync(new URL(path, root), 'utf8'));

describe('the examples of pipelines, Azure DevOps and Azure', () => {
  const pipeline = read('pipelines/azure-pipelines/examples/iam.yml');
  const project = read('deploy/azure-devops/onestream.yaml');
  const azure = read('deploy/azure/parameters/example.yaml');
  const { parameters } = pipeline.extends;

  test('the pipeline signs in by a connection that the project has, and that Azure takes for the build identity', () => {
    const names = project.connections.map(({ name }: { name: string }) => name);
    assert.ok(names.includes(parameters.buildConnection), names.join(', '));
    // what stands in such a subject are ids that nobody reads: the line before it says whose it is
    const text = readFileSync(new URL('deploy/azure/parameters/example.yaml', root), 'utf8');
    const [, shownBy, subject] = /as the service connection (\S+) shows it[^\n]*\n\s+subject: (\S+)/.exec(text) ?? [];
    assert.deepEqual([shownBy, subject], [parameters.buildConnection, azure.build.azurePipelines.subject]);
  });

  test('GitHub’s workflow runs for a branch, and in no environment, as the subject says that Azure takes for the build identity', () => {
    const { on, jobs } = read('pipelines/github/examples/iam.yml');
    const [branch] = on.push.branches;
    assert.equal(azure.build.github.subject, `repo:onestream/iam:ref:refs/heads/${branch}`);
    for (const path of globSync('pipelines/github/workflows/*.yml', { cwd: root })) {
      for (const job of Object.values<any>(read(path).jobs)) assert.equal(job.environment, undefined, path);
    }
    assert.match(jobs.release.uses, /^onestream\//);
  });

  test('the groups that the templates read are there, and the secret one is linked to a vault', () => {
    const template = read('pipelines/azure-pipelines/release.yml');
    const named = (name: string) => template.parameters.find((one: { name: string }) => one.name === name).default;
    const groups = new Map<string, any>(project.variableGroups.map((one: { name: string }) => [one.name, one]));
    assert.ok(groups.get(named('variableGroup')).variables.TEMPORAL_ADDRESS);
    const { secrets } = groups.get(named('secretGroup')).keyVault;
    const readers: string[] = [];
    for (const path of globSync('pipelines/azure-pipelines/**/*.yml', { cwd: root })) {
      const text = readFileSync(new URL(path, root), 'utf8');
      for (const [, variable = ''] of text.matchAll(/TEMPORAL_API_KEY: \$\((.+)\)/g)) {
        assert.ok(secrets.includes(variable), `${path}: ${variable}`);
        readers.push(path);
      }
    }
    assert.equal(readers.length, 2, readers.join(', '));
  });

  test('the key lies in the vault that is made, and the registry is that of the first environment', () => {
    assert.equal(
      new URL(parameters.key.replace('azurekms', 'https')).hostname,
      `${azure.shared.vault}.vault.azure.net`,
    );
    assert.equal(parameters.registry, `${azure.environments[azure.path[0]].registry.name}.azurecr.io`);
  });

  test('the project demands the templates of the version that the pipeline extends', () => {
    const [repository] = pipeline.resources.repositories;
    const { version } = read('package.json');
    assert.equal(repository.ref, `refs/tags/v${version}`);
    for (const { ref, repository: name } of project.protection.templates)
      assert.deepEqual([name, ref], [repository.name, repository.ref]);
    assert.ok(
      project.protection.templates.some(
        ({ path }: { path: string }) => path === pipeline.extends.template.split('@')[0],
      ),
    );
  });
});

describe('what the templates install', () => {
  test('has the Node that bin/sluice runs on, which an installation without devDependencies has not', () => {
    const { devDependencies } = read('package.json');
    assert.ok(devDependencies.node, 'bin/sluice runs on the package node');
    for (const path of ['pipelines/azure-pipelines/steps/tools.yml', 'pipelines/github/tools/action.yml']) {
      const text = readFileSync(new URL(path, root), 'utf8');
      // said aloud, since an agent's NODE_ENV=production leaves them out otherwise
      assert.match(text, /npm ci --include=dev --prefix/);
    }
  });
});
