import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GateRule, Weekday } from '../../../../src/domain/gate.ts';
import { firstOpening } from '../../../../src/policy/gates/index.ts';
import { calendarOf, dated, DIGEST, freezeOf, OTHER, someFacts, weekly } from './facts.ts';

const WEEK: readonly Weekday[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const WORKDAYS = WEEK.slice(0, 5);

const hours = (from: string, to: string, days: readonly Weekday[] = WORKDAYS): GateRule => {
  return { kind: 'hours', name: 'hours', zone: 'Europe/Berlin', days, from, to };
};
const soak: GateRule = { kind: 'soak', name: 'soak', in: 'staging', forMs: 1_800_000 };

describe('when it is asked when gates open', () => {
  test('open gates are open at once', () => {
    assert.deepEqual(firstOpening([hours('09:00', '17:00')], someFacts()), {
      answer: 'open',
      at: '2026-11-24T12:00:00Z',
      holds: [],
    });
    assert.equal(firstOpening([], someFacts()).answer, 'open');
  });

  test('each gate that closes before the other opens is waited for in turn', () => {
    const rules = [hours('09:00', '17:00'), freezeOf(dated('2026-12-23T18:00', '2026-12-28T12:00'))];
    const found = firstOpening(rules, someFacts({ at: '2026-12-23T19:00:00Z' }));
    assert.equal(found.answer, 'open');
    assert.equal(found.at, '2026-12-28T11:00:00.000Z');
    assert.deepEqual(
      found.holds.map((one) => [one.gates.join(), one.from, one.until]),
      [['hours,freeze', '2026-12-23T19:00:00Z', '2026-12-28T11:00:00.000Z']],
    );
    const late = firstOpening(
      [hours('09:00', '17:00'), freezeOf(dated('2026-12-23T18:00', '2026-12-28T18:00'))],
      someFacts({ at: '2026-12-23T19:00:00Z' }),
    );
    assert.equal(late.at, '2026-12-29T08:00:00.000Z');
    assert.deepEqual(
      late.holds.map((one) => one.gates.join()),
      ['hours,freeze', 'hours'],
    );
  });

  test('the hour that clocks leave out in spring is not waited for twice, and the one they repeat counts once over', () => {
    // 2027-03-28: 02:00 becomes 03:00; 2026-10-25: 03:00 becomes 02:00 again
    const night = hours('02:30', '03:30', WEEK);
    const spring = firstOpening([night], someFacts({ at: '2027-03-28T00:00:00Z' }));
    assert.equal(spring.answer, 'open');
    assert.equal(spring.at, '2027-03-29T00:30:00.000Z', 'a window whose beginning does not exist is left out');
    const autumn = firstOpening([night], someFacts({ at: '2026-10-24T23:00:00Z' }));
    assert.equal(autumn.at, '2026-10-25T01:30:00.000Z', 'the second 02:30');
  });

  test('a local Monday morning is another instant in summer than in winter', () => {
    const weekend = freezeOf(weekly(['Sat', 'Sun'], '00:00', '00:00'));
    const rules = [weekend, hours('09:00', '17:00')];
    assert.equal(firstOpening(rules, someFacts({ at: '2027-03-27T12:00:00Z' })).at, '2027-03-29T07:00:00.000Z');
    assert.equal(firstOpening(rules, someFacts({ at: '2026-10-24T12:00:00Z' })).at, '2026-10-26T08:00:00.000Z');
  });

  test('a calendar that freezes every day of opening hours is looked through, and never lets in', () => {
    const ics = calendarOf(['DTSTART:20261123T070000Z', 'DTEND:20261123T200000Z', 'RRULE:FREQ=DAILY']);
    const rules = [hours('09:00', '17:00', WEEK), freezeOf({ form: 'calendar', file: 'daily.ics', ics })];
    const found = firstOpening(rules, someFacts());
    assert.equal(found.answer, 'never');
    assert.ok(Date.parse(found.at) >= Date.parse('2027-11-24T12:00:00Z'), 'a whole year was looked at');
  });

  test('weekly rules that exclude each other never let in', () => {
    const rules = [hours('09:00', '17:00'), freezeOf(weekly(WORKDAYS, '08:00', '18:00'))];
    assert.equal(firstOpening(rules, someFacts()).answer, 'never');
  });

  test('a gate that says no refuses at once, and one that says no later refuses then', () => {
    const ticket: GateRule = { kind: 'ticket', name: 'ticket', pattern: '[A-Z]+-[0-9]+' };
    const now = firstOpening([hours('20:00', '21:00'), ticket], someFacts());
    assert.deepEqual([now.answer, now.at], ['refused', '2026-11-24T12:00:00Z']);
    const cel = 'at < timestamp("2026-11-25T00:00:00Z")';
    const until: GateRule = { kind: 'expression', name: 'until', expression: cel, because: 'the budget ends' };
    const later = firstOpening([hours('09:00', '10:00'), until], someFacts());
    assert.deepEqual([later.answer, later.at], ['refused', '2026-11-25T08:00:00.000Z']);
    assert.match(later.answer === 'refused' ? later.refusal.message : '', /the budget ends/);
  });

  test('what no clock brings is said to need an event', () => {
    const found = firstOpening([soak], someFacts());
    assert.equal(found.answer, 'event');
    assert.equal(found.holds.at(-1)?.until, undefined);
  });

  test('a soak ends by itself, and another image ends it for good', () => {
    const at = '2026-11-24T11:45:00Z';
    const there = { environment: 'staging', version: '1', digest: DIGEST, since: at };
    assert.equal(firstOpening([soak], someFacts({ running: [there] })).at, '2026-11-24T12:15:00.000Z');
    assert.equal(firstOpening([soak], someFacts({ running: [{ ...there, digest: OTHER }] })).answer, 'refused');
  });

  test('whoever is asked outside is taken to say yes, which is said, and a no stays one', () => {
    const board: GateRule = { kind: 'external', name: 'board', url: 'https://board.example.test' };
    const found = firstOpening([hours('20:00', '21:00'), board], someFacts());
    assert.deepEqual([found.answer, found.at, found.assumed], ['open', '2026-11-24T19:00:00.000Z', ['board']]);
    const late = { gate: 'board', answer: 'wait', reason: 'not today', until: '2027-01-01T00:00:00Z' } as const;
    const opened = firstOpening([board], someFacts({ external: [late] }));
    assert.deepEqual([opened.answer, opened.at], ['open', '2027-01-01T00:00:00.000Z'], 'nobody is asked again sooner');
    const no = { gate: 'board', answer: 'no', reason: 'never' } as const;
    const refused = firstOpening([board], someFacts({ external: [no] }));
    assert.deepEqual([refused.answer, refused.assumed], ['refused', undefined]);
  });

  test('a time that is none is a mistake of the caller', () => {
    assert.throws(() => firstOpening([], someFacts({ at: 'soon' })), RangeError);
  });
});
