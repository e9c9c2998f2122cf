import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expressionProblem, patternProblem } from '../../../../src/policy/gates/index.ts';
import { DIGEST, verdictOf } from './facts.ts';

const ask = (expression: string, facts: Parameters<typeof verdictOf>[1] = {}) =>
  verdictOf({ kind: 'expression', name: 'expression', expression, because: 'ask the owner' }, facts);

describe('when an expression is asked', () => {
  const running = [{ environment: 'staging', version: '1', digest: DIGEST, since: '2026-11-20T00:00:00Z' }];
  for (const [expression, answer] of [
    ['service == "iam" && environment == "production"', 'yes'],
    ['requestedBy != "ada"', 'no'],
    ['ticket == ""', 'yes'],
    ['!allowOlder', 'yes'],
    ['at < timestamp("2026-12-01T00:00:00Z")', 'yes'],
    ['at.getDayOfWeek("Europe/Berlin") == 2', 'yes'],
    ['at - running[0].since > duration("96h")', 'yes'],
    ['running.exists(r, r.environment == "staging" && r.digest == digest)', 'yes'],
    ['running[7].version == "1"', 'no'],
    ['1 / (size(ticket)) == 1', 'no'],
  ] as const) {
    test(`${expression}: ${answer}`, () => assert.equal(ask(expression, { running }).answer, answer));
  }

  test('what is false says why, in the words of the configuration', () => {
    const { reason, refusal } = ask('service == "billing"');
    assert.equal(reason, 'ask the owner');
    assert.equal(refusal?.code, 'gate-closed');
  });

  test('facts that are too long or too many are not looked at', () => {
    assert.match(ask('ticket == ""', { ticket: 'x'.repeat(257) }).reason, /longer than 256/);
    const many = Array.from({ length: 21 }, () => running).flat();
    assert.match(ask('running.all(r, true)', { running: many }).reason, /more than 20 environments/);
  });
});

describe('when an expression is read', () => {
  for (const [title, expression, problem] of [
    ['that does not parse', 'service ==', /./],
    ['that is nothing', '', /./],
    ['with an unknown fact', 'servic == "iam"', /Unknown variable: servic/],
    ['with types that do not fit', 'service == 1', /no such overload/],
    ['with an unknown field', 'running[0].owner == ""', /owner/],
    ['that says neither yes nor no', 'service', /expected bool/],
    ['with a pattern, which could take for ever', 'ticket.matches("(a+)+$")', /"matches" is not allowed/],
    ['that doubles a text again and again', 'cel.bind(a, service + service, a == "")', /"bind" is not allowed/],
    ['with three loops', 'running.all(a, running.all(b, running.all(c, true)))', /more than 2 of all, exists/],
    [
      'with three loops beside each other',
      'running.all(a, true) && running.all(a, true) && running.all(a, true)',
      /more than 2/,
    ],
    ['that is too long', `service == "${'x'.repeat(500)}"`, /longer than 500/],
    ['that is too large', Array.from({ length: 110 }, () => '1').join('+'), /maxAstNodes/],
    ['that is nested too deep', `${'('.repeat(100)}true${')'.repeat(100)}`, /maxDepth/],
  ] as const) {
    test(`one ${title} is refused`, () => assert.match(expressionProblem(expression) ?? '', problem));
  }

  test('the most expensive one that is left ends, whatever the facts are', () => {
    const sum = (times: number) => `(${Array.from({ length: times }, () => 'running').join('+')})`;
    const expression = `${sum(40)}.all(a, ${sum(14)}.all(b, a.version != b.digest + "x"))`;
    assert.equal(expressionProblem(expression), undefined);
    const one = {
      environment: 'e'.repeat(256),
      version: 'v'.repeat(256),
      digest: 'd'.repeat(256),
      since: '2026-01-01T00:00:00Z',
    };
    assert.equal(ask(expression, { running: Array.from({ length: 20 }, () => one) }).answer, 'yes');
  });
});

describe('when a pattern is read', () => {
  for (const [pattern, problem] of [
    ['[A-Z]+-[0-9]+', undefined],
    ['(?:ABC|DEF)-\\d{1,6}', undefined],
    ['[)]+', undefined],
    ['\\)+', undefined],
    ['(a+)+', /must not be repeated/],
    ['(a\\\\)+', /must not be repeated/],
    ['(a|a)*', /must not be repeated/],
    ['(?:a){2,}', /must not be repeated/],
    ['a*a*a*a*a*a*a*', /more than 6/],
    ['a|b|c|d|e|f|g|h', /more than 6/],
    ['(a)\\1', /back references/],
    ['(?=a)a', /look-around/],
    ['[', /no regular expression/],
    ['a)|(b', /no regular expression/],
    ['x'.repeat(201), /longer than 200/],
  ] as const) {
    test(`${pattern.slice(0, 30)} is ${problem === undefined ? 'taken' : 'refused'}`, () => {
      const found = patternProblem(pattern);
      if (problem === undefined) assert.equal(found, undefined);
      else assert.match(found ?? '', problem);
    });
  }
});
