import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GOOD, problemsOf, read } from './written.ts';

const withGuardian = (guardian: string): string =>
  GOOD.replace('    lockImages: true\n', `    lockImages: true\n    guardian: ${guardian}\n`);

describe('guardians in sluice.yaml', () => {
  test('become a rule of their environment, with what is not written as it is by default', () => {
    assert.deepEqual(read(withGuardian('{}')).rulebook.guardians, {
      production: { everyMs: 600_000, onDrift: 'alert' },
    });
    assert.deepEqual(read(withGuardian('{ every: 1h, onDrift: rollback }')).rulebook.guardians, {
      production: { everyMs: 3_600_000, onDrift: 'rollback' },
    });
  });

  test('are nobody when nothing is written', () => assert.equal(read(GOOD).rulebook.guardians, undefined));

  test('decide nothing about a promotion: the policy stays the same one', () => {
    const { policyVersion } = read(withGuardian('{ every: 5m, onDrift: hold }')).rulebook;
    assert.equal(policyVersion, read(GOOD).rulebook.policyVersion);
  });

  const cases: readonly (readonly [title: string, guardian: string, expected: RegExp])[] = [
    [
      'a look every second',
      '{ every: 1s }',
      /production\.guardian\.every: write 1m or more, and 1d or less; leave it out/,
    ],
    ['a look every week', '{ every: 7d }', /write 1m or more, and 1d or less/],
    ['no duration', '{ every: often }', /guardian\.every: .*got often/],
    ['another way out', '{ onDrift: panic }', /guardian\.onDrift: .*got "?panic/],
    ['a misspelt key', '{ onDrfit: hold }', /unknown key "onDrfit" \(did you mean "onDrift"\?\)/],
  ];
  for (const [title, guardian, expected] of cases)
    test(`must not ask for ${title}`, () => assert.match(problemsOf(withGuardian(guardian)).join('\n'), expected));
});
