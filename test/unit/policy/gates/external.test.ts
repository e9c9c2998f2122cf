import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExternalAnswer, GateRule } from '../../../../src/domain/gate.ts';
import { verdictOf } from './facts.ts';

const RULE: GateRule = { kind: 'external', name: 'board', url: 'https://board.example.test/ask?team=a' };
const SOONEST = '2026-11-24T12:15:00.000Z';
const said = (answer: ExternalAnswer['answer'], until?: string, gate = 'board') => ({
  external: [{ gate, answer, reason: 'so it is', ...(until === undefined ? {} : { until }) } as ExternalAnswer],
});

describe('when somebody outside is asked', () => {
  const cases: readonly (readonly [title: string, facts: object, answer: string, until?: string])[] = [
    ['a yes opens', said('yes'), 'yes'],
    ['a no refuses', said('no'), 'no'],
    ['a wait ends when they say', said('wait', '2026-11-25T12:00:00+01:00'), 'wait', '2026-11-25T11:00:00.000Z'],
    ['a wait without a time is asked again', said('wait'), 'wait', SOONEST],
    ['a wait until now does not keep the engine busy', said('wait', '2026-11-24T12:00:00Z'), 'wait', SOONEST],
    ['a wait until long ago neither', said('wait', '1970-01-01T00:00:00Z'), 'wait', SOONEST],
    ['a time that is none is no time', said('wait', 'soon'), 'wait', SOONEST],
    ['what could not be found out keeps it closed', said('unknown'), 'wait', SOONEST],
    ['a yes to another gate does not count', said('yes', undefined, 'other'), 'wait', SOONEST],
    ['nobody was asked', {}, 'wait', SOONEST],
  ];
  for (const [title, facts, answer, until] of cases) {
    test(title, () => {
      const verdict = verdictOf(RULE, facts);
      assert.deepEqual([verdict.answer, verdict.until], [answer, until], verdict.reason);
      assert.equal(verdict.refusal?.code, answer === 'no' ? 'gate-closed' : undefined);
    });
  }

  test('the reason says who said it, without the rest of the address', () => {
    assert.equal(verdictOf(RULE, said('no')).reason, 'board.example.test: so it is');
    assert.equal(verdictOf(RULE, said('unknown')).reason, 'could not find out: so it is');
    assert.equal(verdictOf(RULE).reason, 'board.example.test was not asked');
  });

  test('somebody of its groups may pass it', () => {
    const rule = { ...RULE, override: { from: ['release-managers'] } };
    const overrides = [{ gate: 'board', by: 'ada', groups: ['release-managers'], reason: 'the board is on holiday' }];
    assert.equal(verdictOf(rule, { ...said('no'), overrides }).answer, 'yes');
  });
});
