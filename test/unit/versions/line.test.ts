import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import semver from 'semver';
import { RELEASE_LINES, labelOf, lineOf } from '../../../src/versions/line.ts';

const of = (ref: string, more: { readonly pullRequest?: boolean; readonly fork?: boolean } = {}) =>
  lineOf({
    ...{ ref, pullRequest: false, fork: false, releaseLines: RELEASE_LINES },
    ...more,
    isVersionTag: (name) => /^v\d/.test(name),
  });

describe('when it is asked what a commit is built for', () => {
  for (const ref of ['main', 'refs/heads/main', 'refs/heads/master', 'refs/heads/release/1.2', 'refs/tags/v1.2.3']) {
    test(`${ref} is one that releases come from`, () => {
      assert.deepEqual([of(ref).label, of(ref).because], [undefined, undefined]);
    });
  }

  const others = [
    ['refs/heads/feature/login', 'feature/login', 'feature-login'],
    ['refs/heads/main2', 'main2', 'main2'],
    ['refs/heads/xrelease/1', 'xrelease/1', 'xrelease-1'],
    ['refs/heads/release', 'release', 'release'],
    ['refs/tags/nightly', 'nightly', 'nightly'],
    ['refs/pull/7/merge', 'pull request 7', 'pr-7'],
    ['refs/heads/007', '007', 'b007'],
    ['refs/heads/日本語', '日本語', 'branch'],
    [
      'refs/heads/##vso[task.setvariable variable=a]b',
      '##vso[task.setvariable variable=a]b',
      'vso-task-setvariable-variable',
    ],
  ] as const;
  for (const [ref, name, label] of others) {
    test(`${ref} is none`, () => {
      const line = of(ref);
      assert.deepEqual([line.name, line.label], [name, label]);
      assert.notEqual(line.because, undefined);
    });
  }

  test('a run that builds somebody else’s work releases nothing, whatever its reference says', () => {
    assert.match(of('refs/heads/main', { pullRequest: true }).because ?? '', /pull request/);
    assert.match(of('refs/heads/main', { fork: true }).because ?? '', /fork/);
    assert.match(of('refs/tags/v1.2.3', { pullRequest: true }).label ?? '', /^pr-v1-2-3$/);
    assert.match(of('refs/pull/7/merge', { pullRequest: true, fork: true }).because ?? '', /fork/);
  });

  test('the label of any name is an identifier of a semantic version', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const label = labelOf(name);
        assert.ok(label.length <= 30);
        assert.equal(semver.valid(`1.2.3-${label}.4`), `1.2.3-${label}.4`);
      }),
    );
  });
});
