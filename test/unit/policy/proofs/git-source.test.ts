import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseGitSource } from '../../../../src/policy/proofs/git-source.ts';

const COMMIT = '4b220de5058abfd01ff619c9d2ff6b09a049bea0';

describe('the address of a repository', () => {
  const same = [
    'https://github.com/org/repo',
    'https://github.com/org/repo.git',
    'https://GitHub.com/org/repo/',
    'git+https://github.com/org/repo',
    'git+https://github.com/org/repo.git/',
    'https://token@github.com/org/repo.git',
    'https://github.com:443/org/repo',
    'ssh://git@github.com/org/repo.git',
    'ssh://git@github.com:22/org/repo',
    'git@github.com:org/repo.git',
    'git://github.com/org/repo.git',
    'github.com/org/repo',
  ];
  for (const text of same)
    test(`${text} is github.com/org/repo`, () =>
      assert.deepEqual(parseGitSource(text), { repository: 'github.com/org/repo' }));

  const others: Readonly<Record<string, string>> = {
    'https://github.com/org/repo-evil': 'github.com/org/repo-evil',
    'https://github.com/ORG/repo': 'github.com/ORG/repo',
    'https://github.com@evil.test/org/repo': 'evil.test/org/repo',
    'https://evil.test/github.com/org/repo': 'evil.test/github.com/org/repo',
    'https://github.com.evil.test/org/repo': 'github.com.evil.test/org/repo',
    'https://github.com:8443/org/repo': 'github.com:8443/org/repo',
    'https://dev.azure.com/org/My%20Project/_git/repo': 'dev.azure.com/org/My%20Project/_git/repo',
  };
  for (const [text, repository] of Object.entries(others))
    test(`${text} is another one`, () => assert.equal(parseGitSource(text)?.repository, repository));

  test('says the ref behind "@", as SLSA writes it', () =>
    assert.deepEqual(parseGitSource('git+https://github.com/org/repo@refs/heads/main'), {
      ...{ repository: 'github.com/org/repo', ref: 'refs/heads/main' },
    }));
  test('says the ref behind "#", as BuildKit writes it, with the folder left out', () =>
    assert.deepEqual(parseGitSource('https://github.com/org/repo.git#refs/tags/v1:service'), {
      ...{ repository: 'github.com/org/repo', ref: 'refs/tags/v1' },
    }));
  test('says the commit in the place of a ref', () =>
    assert.deepEqual(parseGitSource(`https://github.com/org/repo.git#${COMMIT}`), {
      ...{ repository: 'github.com/org/repo', commit: COMMIT },
    }));

  const none = [
    '',
    'org/repo',
    'pkg:docker/python@3.11-alpine',
    'docker-image://docker.io/library/alpine',
    'https://github.com',
    'https://github.com/',
    'https://github.com/evil/../org/repo',
    'https://github.com/evil/%2e%2e/org/repo',
    'https://github.com/evil%2f..%2forg/repo',
    'https://github.com//org/repo',
    'https://github.com/org\\repo',
    'https://github.com/org/repo?ref=main',
    'file:///org/repo',
    'javascript:alert(1)',
  ];
  for (const text of none) test(`is not ${text || 'nothing'}`, () => assert.equal(parseGitSource(text), undefined));
});
