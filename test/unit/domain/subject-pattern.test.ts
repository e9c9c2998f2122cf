import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { matchesSubject, subjectPatternProblem } from '../../../src/domain/subject-pattern.ts';

const RELEASE = '^https://github\\.com/acme/iam/\\.github/workflows/release\\.yml@refs/heads/main$';
const ANY_REPOSITORY =
  '^https://github\\.com/acme/[a-z0-9-]+/\\.github/workflows/release\\.yml@refs/tags/v[0-9]+\\.[0-9]+$';

describe('when a pattern for subjects is read', () => {
  for (const pattern of [RELEASE, ANY_REPOSITORY, '^[^@]+@acme\\.test$', '^build-[0-9]{4}-[a-f]{2,8}$', '^a$'])
    test(`${pattern} can be used`, () => assert.equal(subjectPatternProblem(pattern), undefined));

  const refused: Readonly<Record<string, RegExp>> = {
    'https://github\\.com/acme/iam$': /does not begin with \^/,
    '^https://github\\.com/acme/iam': /does not end with \$/,
    '^https://github\\.com/acme/iam\\$': /does not end with \$/,
    '^https://github.com/acme/iam$': /a dot stands for any character/,
    '^.*$': /a dot stands for any character/,
    '^(a+)+$': /groups and alternatives/,
    '^a|b$': /groups and alternatives/,
    '^[a-z]+[a-z0-9]+/x$': /must stand one character that ends it/,
    '^[a-z]*[0-9]*$': /must stand one character that ends it/,
    '^[a-z]+a$': /could belong to it/,
    '^a+a$': /could belong to it/,
    '^\\d+$': /not allowed/,
    '^\\p{L}+$': /not allowed/,
    '^a\\1$': /not allowed/,
    '^(?=a)$': /groups/,
    '^[a-z$': /not allowed/,
    '^[z-a]+$': /no regular expression/,
    '^$': /matches nobody/,
    '': /does not begin/,
    [`^${'a'.repeat(600)}$`]: /longer/,
  };
  for (const [pattern, why] of Object.entries(refused))
    test(`${pattern.slice(0, 40) || 'nothing'} is refused`, () =>
      assert.match(subjectPatternProblem(pattern) ?? '', why));
});

describe('when a subject is matched', () => {
  const good = 'https://github.com/acme/iam/.github/workflows/release.yml@refs/heads/main';

  test('the whole of it must match: what goes on, or begins elsewhere, does not', () => {
    assert.equal(matchesSubject(RELEASE, good), true);
    for (const other of [`${good}-evil`, `https://evil.test/?${good}`, `${good}\n`, good.slice(0, -1), ''])
      assert.equal(matchesSubject(RELEASE, other), false, other);
  });

  test('a repository with a name that goes on is another one', () => {
    const pattern = '^https://github\\.com/acme/repo/\\.github/workflows/[a-z]+\\.yml@refs/heads/main$';
    const subjectOf = (repo: string): string =>
      `https://github.com/acme/${repo}/.github/workflows/x.yml@refs/heads/main`;
    assert.equal(matchesSubject(pattern, subjectOf('repo')), true);
    assert.equal(matchesSubject(pattern, subjectOf('repo-evil')), false);
    assert.equal(matchesSubject(pattern, subjectOf('repo/evil')), false);
  });

  test('a pattern that is refused matches nobody', () => {
    assert.equal(matchesSubject('^.*$', 'anything'), false);
    assert.equal(matchesSubject('a', 'a'), false);
  });

  test('whatever can be used without repetitions matches exactly the text that it escapes', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (text) => {
        const pattern = `^${text.replaceAll(/[.^$*+?()[\]{}|\\/]/g, '\\$&')}$`;
        assert.equal(subjectPatternProblem(pattern), undefined);
        assert.equal(matchesSubject(pattern, text), true);
        assert.equal(matchesSubject(pattern, `${text}x`), false);
      }),
    );
  });
});
