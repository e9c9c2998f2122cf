import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { voiceFor, voiceOf } from '../../../../src/cli/pipeline/voice.ts';
import { pipelineIn } from '../../../../src/config/pipeline.ts';

describe('when an agent is spoken to', () => {
  test('Azure gets logging commands, escaped as its own library does', () => {
    const azure = voiceOf('azure');
    assert.equal(
      azure.issue('error', 'a; b]', '100 %\nmore'),
      '##vso[task.logissue type=error;]a; b]: 100 %AZP25 more',
    );
    assert.equal(azure.variable('digest', 'a%b'), '##vso[task.setvariable variable=digest;isOutput=true;]a%AZP25b');
    assert.deepEqual([azure.group('dev'), azure.endGroup], ['##[group]dev', '##[endgroup]']);
  });

  test('GitHub gets workflow commands, escaped as its own library does', () => {
    const github = voiceOf('github');
    assert.equal(github.issue('warning', 'a: b, c', '100 %\nmore'), '::warning title=a%3A b%2C c::100 %25 more');
    assert.equal(github.variable('digest', 'x'), undefined);
    assert.deepEqual([github.group('dev'), github.endGroup], ['::group::dev', '::endgroup::']);
  });

  test('who it is follows from the variables, unless somebody says', () => {
    const of = (args: string, around?: 'azure' | 'github') => voiceFor(args.split(' '), around)?.name;
    assert.equal(of('watch iam 1'), undefined);
    assert.equal(of('watch iam 1', 'github'), 'github');
    assert.equal(of('watch iam 1 --ci azure', 'github'), 'azure');
    assert.equal(of('watch iam 1 --ci=plain', 'github'), 'plain');
    assert.equal(of('watch iam 1 --ci none', 'github'), undefined);
    assert.equal(pipelineIn({ TF_BUILD: 'True' })?.service, 'azure');
    assert.equal(pipelineIn({ GITHUB_ACTIONS: 'true' })?.service, 'github');
    assert.equal(pipelineIn({ CI: 'true', TF_BUILD: '' }), undefined);
  });
});
