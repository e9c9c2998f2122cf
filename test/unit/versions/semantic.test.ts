import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import semver from 'semver';
import { isVersion } from '../../../src/domain/names.ts';
import { compareVersions } from '../../../src/domain/version-order.ts';
import type { SourceHistory } from '../../../src/versions/history.ts';
import { type Line, RELEASE_LINES, lineOf } from '../../../src/versions/line.ts';
import { isVersionTag, semanticVersion, tagFormOf } from '../../../src/versions/semantic.ts';
import { commitName, historyOf } from './histories.ts';

const MAIN: Line = { name: 'main' };
const of = (history: SourceHistory, line = MAIN, service?: string): string =>
  semanticVersion(history, line, { service });
const built = (numbers: string, said: string): string => `${numbers}+${commitName(said).slice(0, 12)}`;

describe('when a version follows from tags and commits', () => {
  const tagged = { 'v1.2.3': 'start' };
  const cases: readonly (readonly [string, SourceHistory, string])[] = [
    ['a fix', historyOf(['start', 'fix: a'], tagged), built('1.2.4', 'fix: a')],
    ['a message in no form', historyOf(['start', 'typo'], tagged), built('1.2.4', 'typo')],
    ['a feature', historyOf(['start', 'feat(login): a'], tagged), built('1.3.0', 'feat(login): a')],
    ['what breaks', historyOf(['start', 'feat!: a'], tagged), built('2.0.0', 'feat!: a')],
    [
      'what breaks, said below',
      historyOf(['start', 'fix: a\n\nBREAKING CHANGE: b'], tagged),
      built('2.0.0', 'fix: a\n\nBREAKING CHANGE: b'),
    ],
    ['a feature, then a fix', historyOf(['start', 'feat: a', 'fix: b'], tagged), built('1.3.1', 'fix: b')],
    ['what breaks before 1.0.0', historyOf(['start', 'feat!: a'], { 'v0.2.3': 'start' }), built('0.3.0', 'feat!: a')],
    ['a tag on the commit', historyOf(['start', 'fix: a'], { ...tagged, 'v1.2.4': 'fix: a' }), '1.2.4'],
    ['a pre-release tag on it', historyOf(['start', 'fix: a'], { ...tagged, 'v1.3.0-rc.1': 'fix: a' }), '1.3.0-rc.1'],
    [
      'a pre-release tag before it',
      historyOf(['start', 'a', 'fix: b'], { ...tagged, 'v9.0.0-rc.1': 'a' }),
      built('1.2.5', 'fix: b'),
    ],
    [
      'the highest tag, not the nearest',
      historyOf(['a', 'b', 'c'], { 'v1.10.0': 'a', 'v1.9.0': 'b' }),
      built('1.10.2', 'c'),
    ],
    [
      'tags that state no version',
      historyOf(['start', 'b'], { ...tagged, v9: 'b', 'v09.0.0': 'b', 'v9.0.0+x': 'b' }),
      built('1.2.4', 'b'),
    ],
    [
      'a merge: once, by the gravest change that it brings',
      historyOf(
        [
          'start',
          { said: 'fix: side', after: ['start'] },
          { said: 'feat: side', after: ['fix: side'] },
          { said: 'docs: main', after: ['start'] },
          { said: 'Merge', after: ['docs: main', 'feat: side'] },
        ],
        tagged,
      ),
      built('1.3.0', 'Merge'),
    ],
    [
      'commits beside the paths',
      historyOf(['start', 'feat: other', 'fix: mine'], tagged, ['fix: mine']),
      built('1.2.4', 'fix: mine'),
    ],
    ['nothing in the paths', historyOf(['start', 'feat: other'], tagged, []), built('1.2.3', 'feat: other')],
    [
      "Azure's words of a merge",
      historyOf(['start', 'Merged PR 42: feat: a'], tagged),
      built('1.3.0', 'Merged PR 42: feat: a'),
    ],
  ];
  for (const [what, history, expected] of cases) {
    test(what, () => assert.equal(of(history), expected));
  }

  test("a service's own tags go before those of the repository", () => {
    const history = historyOf(['a', 'b', 'fix: c'], { 'v5.0.0': 'b', 'iam/v1.0.0': 'a', 'billing/v3.0.0': 'b' });
    assert.equal(of(history, MAIN, 'iam'), built('1.0.2', 'fix: c'));
    assert.equal(of(history, MAIN, 'other'), built('5.0.1', 'fix: c'));
    assert.ok(isVersionTag('iam/v1.0.0', 'iam') && !isVersionTag('billing/v1.0.0', 'iam'));
  });

  test('a branch has its name and its length behind the numbers, and is a pre-release', () => {
    const line: Line = { name: 'feature/login', label: 'feature-login', because: 'x' };
    const version = of(historyOf(['start', 'feat: a', 'fix: b'], { 'v1.2.3': 'start' }), line);
    assert.equal(version, `1.3.1-feature-login.2+${commitName('fix: b').slice(0, 12)}`);
    assert.ok(semver.lt(version, '1.3.1'));
  });

  test('tags that contradict each other are refused, and so is a history without any', () => {
    const code = (history: SourceHistory) => (): boolean => {
      of(history);
      return true;
    };
    assert.throws(code(historyOf(['a', 'b'], { 'v1.0.0': 'b', 'v1.1.0': 'b' })), { code: 'version-tag-ambiguous' });
    assert.throws(code(historyOf(['a', 'b'], { 'v2.0.0': 'a', 'v1.1.0': 'b' })), { code: 'version-tag-ambiguous' });
    assert.throws(code(historyOf(['a'])), { code: 'version-tag-missing' });
    assert.equal(semanticVersion(historyOf(['feat: a']), MAIN, { first: '0.1.0' }), built('0.2.0', 'feat: a'));
    const endless = { [`v${'9'.repeat(16)}.1.1`]: 'a' };
    assert.throws(code(historyOf(['a', 'b'], endless)), { code: 'version-tag-missing' });
  });
});

describe('whatever the branch is called and whatever was committed', () => {
  const branch = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
  const numbers = fc.integer({ min: 0, max: 999_999 });
  const messages = fc.array(fc.constantFrom('fix: a', 'feat: b', 'feat!: c', 'd'), { minLength: 1, maxLength: 12 });

  test('the version is a tag, a label and a version for the engine, and later commits have others', () => {
    fc.assert(
      fc.property(branch, fc.tuple(numbers, numbers, numbers), messages, (name, tag, said) => {
        const isVersionTagOf = (one: string): boolean => isVersionTag(one, undefined);
        const facts = { pullRequest: false, fork: false, releaseLines: RELEASE_LINES, isVersionTag: isVersionTagOf };
        const line = lineOf({ ...facts, ref: name });
        const words = ['start', ...said.map((message, index) => `${message} ${index}`)];
        const seen = new Set<string>();
        for (let end = 1; end <= words.length; end += 1) {
          const history = historyOf(words.slice(0, end), { [`v${tag.join('.')}`]: 'start' });
          const version = semanticVersion(history, line, {});
          const text = tagFormOf(version);
          assert.equal(semver.valid(version) === null, false, version);
          assert.ok(isVersion(text) && text.length <= 63, text);
          assert.match(text, /^[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]$/);
          seen.add(text);
        }
        assert.equal(seen.size, words.length);
      }),
      { numRuns: 60 },
    );
  });

  test('on a line that releases come from each commit is newer than the one before, for the engine as well', () => {
    fc.assert(
      fc.property(messages, (said) => {
        const words = ['start', ...said.map((message, index) => `${message} ${index}`)];
        const versions = words.map((_, index) =>
          tagFormOf(of(historyOf(words.slice(0, index + 1), { 'v1.0.0': 'start' }))),
        );
        for (const [index, version] of versions.entries())
          if (index > 0) assert.equal(compareVersions(version, versions[index - 1] ?? ''), 'newer');
      }),
      { numRuns: 40 },
    );
  });
});
