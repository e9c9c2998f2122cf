import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pipelineIn } from '../../../src/config/pipeline.ts';

describe('when a pipeline states what it runs', () => {
  const azure = { TF_BUILD: 'True', BUILD_SOURCEBRANCH: 'refs/heads/main', BUILD_SOURCEVERSION: 'ab12' };
  const github = {
    GITHUB_ACTIONS: 'true',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_SHA: 'ab12',
    GITHUB_EVENT_NAME: 'push',
  };

  test('branch and commit are known', () => {
    for (const [variables, service] of [
      [azure, 'azure'],
      [github, 'github'],
    ] as const)
      assert.deepEqual(pipelineIn(variables), {
        ...{ service, ref: 'refs/heads/main', commit: 'ab12', pullRequest: false, fork: false },
      });
  });

  const foreign = [
    [{ ...azure, BUILD_SOURCEBRANCH: 'refs/pull/7/merge' }, true, false],
    [{ ...azure, BUILD_REASON: 'PullRequest' }, true, false],
    [{ ...azure, BUILD_REASON: 'PullRequest', SYSTEM_PULLREQUEST_ISFORK: 'True' }, true, true],
    [{ ...github, GITHUB_REF: 'refs/pull/7/merge' }, true, false],
    // its reference is the branch that is merged into
    [{ ...github, GITHUB_EVENT_NAME: 'pull_request_target' }, true, false],
  ] as const;
  for (const [variables, pullRequest, fork] of foreign) {
    test(`${JSON.stringify(variables)} builds somebody else's work`, () => {
      const run = pipelineIn(variables);
      assert.deepEqual([run?.pullRequest, run?.fork], [pullRequest, fork]);
    });
  }

  test('whether rules protect the branch is known where the service says so', () => {
    const of = (text: string) => pipelineIn({ ...github, GITHUB_REF_PROTECTED: text })?.isProtected;
    assert.deepEqual([of('true'), of('false'), pipelineIn(github)?.isProtected], [true, false, undefined]);
  });

  test('files and folders of the service are found, empty ones are not', () => {
    const files = { GITHUB_OUTPUT: '/o', GITHUB_STEP_SUMMARY: '', RUNNER_TEMP: '/t' };
    const run = pipelineIn({ ...github, ...files });
    assert.deepEqual([run?.outputFile, run?.summaryFile, run?.temporaryFolder], ['/o', undefined, '/t']);
    assert.equal(pipelineIn({ ...azure, AGENT_TEMPDIRECTORY: '/t' })?.temporaryFolder, '/t');
  });

  test('elsewhere there is no pipeline', () => {
    for (const variables of [{}, { CI: 'true' }, { TF_BUILD: '' }, { GITHUB_ACTIONS: 'false' }])
      assert.equal(pipelineIn(variables), undefined);
  });
});
