import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProofVerdict } from '../../../../src/domain/proof.ts';
import { judgeStatements, predicateExpressionProblem } from '../../../../src/policy/proofs/index.ts';
import { gathered, IMAGE, stated } from './gathered.ts';

const TYPE = 'https://in-toto.io/attestation/test-result/v0.1';

function judge(expression: string, ...predicates: readonly unknown[]): ProofVerdict {
  const rule = { name: 'tests', predicateType: TYPE, by: ['builder'], expression, because: 'the tests have to pass' };
  const [verdict] = judgeStatements({ predicates: [rule] }, gathered(predicates.map((one) => stated(TYPE, one))));
  return verdict as ProofVerdict;
}

describe('when an expression judges a statement', () => {
  const truths: readonly (readonly [string, unknown])[] = [
    ['predicate.passed == true', { passed: true }],
    ['predicate.passed', { passed: true }],
    ['predicate.failed == 0', { failed: 0 }],
    ['predicate.coverage >= 80', { coverage: 81.5 }],
    ['predicate.result == "PASSED" && size(predicate.failedTests) == 0', { result: 'PASSED', failedTests: [] }],
    ['predicate.suites.all(s, s.tests.all(t, t.ok))', { suites: [{ tests: [{ ok: true }] }] }],
    ['"unit" in predicate.stages', { stages: ['unit', 'load'] }],
    ['has(predicate.ticket)', { ticket: 'OPS-1' }],
    ['predicate["constructor"] == "x"', JSON.parse('{"constructor":"x","__proto__":{"y":1}}')],
    [`subject.digest == "${IMAGE.digest}" && subject.repository == "iam"`, {}],
    ['timestamp(predicate.at) > at - duration("24h")', { at: '2026-11-30T00:00:00Z' }],
  ];
  for (const [expression, predicate] of truths)
    test(`${expression} is true of ${JSON.stringify(predicate)}`, () => {
      assert.equal(predicateExpressionProblem(expression), undefined);
      const verdict = judge(expression, predicate);
      assert.equal(verdict.answer, 'yes', JSON.stringify(verdict.refusal));
      assert.equal(verdict.rule, 'predicate tests');
    });

  const lies: readonly (readonly [string, unknown, RegExp])[] = [
    ['predicate.passed == true', { passed: false }, /: false$/],
    ['predicate.passed == true', {}, /: (?!false)/],
    ['predicate.passed', { passed: 'true' }, /neither true nor false/],
    ['predicate.passed', { passed: 1 }, /neither true nor false/],
    ['predicate.a.b.c', { a: null }, /./],
    ['predicate.polluted', JSON.parse('{"__proto__":{"polluted":true}}'), /./],
  ];
  for (const [expression, predicate, got] of lies)
    test(`${expression} is no yes for ${JSON.stringify(predicate)}`, () => {
      const { refusal } = judge(expression, predicate);
      assert.equal(refusal?.code, 'predicate-refused');
      assert.match(refusal.message, /the tests have to pass/);
      assert.match(refusal.got ?? '', got);
      assert.match(refusal.expected ?? '', /true: predicate/);
    });

  test('one statement of which it is true suffices', () =>
    assert.equal(judge('predicate.passed == true', { passed: false }, { passed: true }).answer, 'yes'));

  test('what Cosign attests without a type is read as the JSON that it is', () => {
    const type = 'https://cosign.sigstore.dev/attestation/v1';
    const rule = {
      name: 'any',
      predicateType: type,
      by: ['builder'],
      expression: 'predicate.Data.passed == true',
      because: 'x',
    };
    const wrapped = stated(type, { Data: '{"passed":true}', Timestamp: '2026-11-30T00:00:00Z' });
    assert.equal(judgeStatements({ predicates: [rule] }, gathered([wrapped]))[0]?.answer, 'yes');
  });

  const large: Readonly<Record<string, unknown>> = {
    'a list that is too long': { list: Array.from({ length: 1_001 }, () => 1) },
    'too many values': { lists: Array.from({ length: 100 }, () => Array.from({ length: 300 }, () => 1)) },
    'a text that is too long': { text: 'x'.repeat(70_000) },
  };
  for (const [what, predicate] of Object.entries(large))
    test(`${what} is not evaluated`, () => assert.match(judge('true', predicate).refusal?.got ?? '', /more than/));
});

describe('an expression is refused when it is read', () => {
  const bad: Readonly<Record<string, readonly [string, RegExp]>> = {
    'that does not parse': ['predicate.', /./],
    'that names what there is not': ['predicat.passed == true', /predicat/],
    'that is no yes or no whatever is stated': ['"yes"', /expected bool/],
    'whose types never fit': ['at == "today"', /./],
    'that may take long': ['predicate.text.matches("(a+)+$")', /"matches" is not allowed/],
    'with three loops': ['predicate.a.all(x, predicate.b.all(y, predicate.c.all(z, true)))', /more than 2/],
    'that loops over a list that it makes': ['(predicate.a + predicate.a).all(x, true)', /a list that is there/],
    'that is too long': [`predicate.a == "${'x'.repeat(500)}"`, /longer than 500/],
  };
  for (const [what, [expression, why]] of Object.entries(bad))
    test(what, () => assert.match(predicateExpressionProblem(expression) ?? '', why));
});
