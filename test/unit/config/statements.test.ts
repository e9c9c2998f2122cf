import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GOOD, problemsOf, read } from './written.ts';

const withProofs = (proofs: string): string => GOOD.replace('lockImages: true', `proofs: ${proofs}`);
const proofsOf = (proofs: string) => read(withProofs(proofs)).rulebook.environments['production']?.proofs;

const EXCEPTION = '{ id: CVE-1, owner: ada, reason: not reachable, until: 2027-01-01 }';

describe('when rules about statements are written', () => {
  test('each kind is read, and what is not written is not asked', () => {
    assert.deepEqual(
      proofsOf(`{
        provenance: { by: [signatures], builders: ["https://b.test"], sources: ["git@github.com:org/repo.git"], branches: [main, refs/tags/v1], commit: required },
        sbom: { by: [signatures] },
        vulnerabilities: { by: [signatures], noOlderThan: 7d, most: { critical: 0, high: 5 }, exceptions: [${EXCEPTION}], vexBy: [signatures] },
        predicates: [{ name: tests, type: "https://example.test/t", by: [signatures], cel: predicate.passed == true, because: tests pass }] }`),
      {
        signatures: { need: 'any', of: ['signatures'] },
        provenance: {
          by: ['signatures'],
          builders: ['https://b.test'],
          sources: ['https://github.com/org/repo'],
          branches: ['refs/heads/main', 'refs/tags/v1'],
          commit: true,
        },
        sbom: { by: ['signatures'], formats: ['spdx', 'cyclonedx'] },
        vulnerabilities: {
          by: ['signatures'],
          noOlderThanMs: 604_800_000,
          most: { critical: 0, high: 5 },
          exceptions: [{ id: 'CVE-1', owner: 'ada', reason: 'not reachable', until: '2027-01-01T00:00:00.000Z' }],
          vexBy: ['signatures'],
        },
        predicates: [
          {
            ...{ name: 'tests', predicateType: 'https://example.test/t', by: ['signatures'] },
            ...{ expression: 'predicate.passed == true', because: 'tests pass' },
          },
        ],
      },
    );
    assert.deepEqual(proofsOf('{ sbom: { by: [signatures], formats: [spdx] } }')?.sbom, {
      by: ['signatures'],
      formats: ['spdx'],
    });
  });

  test('a configuration without them keeps its version', () =>
    assert.equal('proofs' in (read(GOOD).rulebook.environments['production'] ?? {}), false));

  test('the same source in another spelling is the same rule', () => {
    const version = (source: string) =>
      read(withProofs(`{ provenance: { by: [signatures], sources: ["${source}"] } }`)).rulebook.policyVersion;
    assert.equal(version('https://github.com/org/repo.git'), version('git+https://github.com/org/repo/'));
  });

  const mistakes: Readonly<Record<string, readonly [string, RegExp]>> = {
    'a signer that nobody is': [
      '{ sbom: { by: [signature] } }',
      /:10:28 environments\.production\.proofs\.sbom\.by\[0\]: there is no signer "signature" \(did you mean "signatures"\?\)/,
    ],
    'a signer of OpenVEX that nobody is': [
      '{ vulnerabilities: { by: [signatures], noOlderThan: 1d, most: { low: 1 }, vexBy: [security] } }',
      /there is no signer "security"/,
    ],
    'a source that is no repository': [
      '{ provenance: { by: [signatures], sources: [org/repo] } }',
      /"org\/repo" is no address of a repository/,
    ],
    'a source with its branch': [
      '{ provenance: { by: [signatures], sources: ["https://github.com/org/repo@refs/heads/main"] } }',
      /no address of a repository alone/,
    ],
    'a pattern in the place of a branch': [
      '{ provenance: { by: [signatures], branches: ["release/*"] } }',
      /without patterns/,
    ],
    'no limit at all': [
      '{ vulnerabilities: { by: [signatures], noOlderThan: 1d, most: {} } }',
      /"most" limits nothing/,
    ],
    'a limit below nothing': [
      '{ vulnerabilities: { by: [signatures], noOlderThan: 1d, most: { low: -1 } } }',
      /most\.low/,
    ],
    'two exceptions for one': [
      `{ vulnerabilities: { by: [signatures], noOlderThan: 1d, most: { low: 1 }, exceptions: [${EXCEPTION}, ${EXCEPTION}] } }`,
      /exception for "CVE-1" already/,
    ],
    'an exception without an end': [
      '{ vulnerabilities: { by: [signatures], noOlderThan: 1d, most: { low: 1 }, exceptions: [{ id: CVE-1, owner: a, reason: b }] } }',
      /until/,
    ],
    'an exception that nobody answers for': [
      '{ vulnerabilities: { by: [signatures], noOlderThan: 1d, most: { low: 1 }, exceptions: [{ id: CVE-1, reason: b, until: 2027-01-01 }] } }',
      /owner/,
    ],
    'two predicates of one name': [
      '{ predicates: [{ name: a, type: t, by: [signatures], cel: "true", because: x }, { name: a, type: t, by: [signatures], cel: "true", because: x }] }',
      /two predicates are called "a"/,
    ],
    'an expression that is none': [
      '{ predicates: [{ name: a, type: t, by: [signatures], cel: "predicat.x", because: x }] }',
      /the expression cannot be used/,
    ],
    'a key that there is not': ['{ provenence: { by: [signatures] } }', /provenence/],
  };
  for (const [what, [proofs, message]] of Object.entries(mistakes))
    test(`${what} is found, with its place`, () => assert.match(problemsOf(withProofs(proofs)).join('\n'), message));
});
