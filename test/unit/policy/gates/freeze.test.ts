import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { FreezeWindow, Weekday } from '../../../../src/domain/gate.ts';
import { dated, freezeOf, verdictOf, weekly } from './facts.ts';

type Case = readonly [title: string, windows: readonly FreezeWindow[], at: string, until: string | undefined];

describe('when a freeze window is asked', () => {
  const night = weekly(['Fri'], '16:00', '09:00');
  const cases: readonly Case[] = [
    ['before it begins it is open', [night], '2026-11-27T14:59:59.999Z', undefined],
    ['it is closed from its first moment', [night], '2026-11-27T15:00:00Z', '2026-11-28T08:00:00.000Z'],
    ['it is closed past midnight', [night], '2026-11-28T07:59:59.999Z', '2026-11-28T08:00:00.000Z'],
    ['it is open at its end', [night], '2026-11-28T08:00:00Z', undefined],
    [
      'windows that touch are over together',
      [weekly(['Fri'], '16:00', '00:00'), weekly(['Sat', 'Sun'], '00:00', '00:00'), weekly(['Mon'], '00:00', '09:00')],
      '2026-11-27T15:00:00Z',
      '2026-11-30T08:00:00.000Z',
    ],
    [
      'a dated window that touches a weekly one prolongs it',
      [night, dated('2026-11-28T09:00', '2026-12-01T00:00')],
      '2026-11-27T16:00:00Z',
      '2026-11-30T23:00:00.000Z',
    ],
    [
      'windows with a minute between them are two',
      [night, dated('2026-11-28T09:01', '2026-12-01T00:00')],
      '2026-11-27T16:00:00Z',
      '2026-11-28T08:00:00.000Z',
    ],
    [
      'an offset counts more than the zone',
      [dated('2026-12-24T16:00-05:00', '2026-12-27T00:00Z')],
      '2026-12-24T21:00:00Z',
      '2026-12-27T00:00:00.000Z',
    ],
    [
      'a start that clocks skip is the earlier of its neighbours',
      [weekly(['Sun'], '02:30', '05:00')],
      '2026-03-29T00:30:00Z',
      '2026-03-29T03:00:00.000Z',
    ],
    [
      'an end that clocks skip is the later of its neighbours',
      [weekly(['Sun'], '01:00', '02:30')],
      '2026-03-29T01:29:59Z',
      '2026-03-29T01:30:00.000Z',
    ],
    [
      'a start that occurs twice is the first',
      [weekly(['Sun'], '02:30', '05:00')],
      '2026-10-25T00:30:00Z',
      '2026-10-25T04:00:00.000Z',
    ],
    [
      'an end that occurs twice is the second',
      [weekly(['Sun'], '01:00', '02:30')],
      '2026-10-25T01:29:59Z',
      '2026-10-25T01:30:00.000Z',
    ],
    [
      'a zone across the date line has its own days',
      [weekly(['Sat'], '00:00', '01:00', 'Pacific/Kiritimati')],
      '2026-11-27T10:30:00Z',
      '2026-11-27T11:00:00.000Z',
    ],
  ];
  for (const [title, windows, at, until] of cases) {
    test(title, () => {
      const verdict = verdictOf(freezeOf(...windows), { at });
      assert.deepEqual([verdict.answer, verdict.until], [until === undefined ? 'yes' : 'wait', until]);
    });
  }

  test('services that it does not concern pass', () => {
    const rule = { ...freezeOf(dated('2026-11-01T00:00', '2026-12-01T00:00')), services: ['billing'] };
    assert.equal(verdictOf(rule).answer, 'yes');
    assert.equal(verdictOf(rule, { service: 'billing' }).answer, 'wait');
  });

  test('windows without a pause are given up after a year, not searched for ever', () => {
    const always = weekly(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], '00:00', '00:00');
    assert.match(verdictOf(freezeOf(always)).until ?? '', /^2027-11/);
  });
});

describe('when a verdict says until when', () => {
  const days = fc.subarray<Weekday>(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], { minLength: 1, maxLength: 6 });
  const clock = fc.integer({ min: 0, max: 95 }).map((quarter) => {
    const two = (value: number) => String(value).padStart(2, '0');
    return `${two(Math.floor(quarter / 4))}:${two((quarter % 4) * 15)}`;
  });
  const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC');
  const at = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
  const window = fc
    .tuple(days, clock, clock, zone)
    .filter(([, from, to]) => from !== to)
    .map((parts) => weekly(...parts));

  test('a freeze is over then, and not a moment before', () => {
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 3 }), at, (windows, time) => {
        const { answer, until } = verdictOf(freezeOf(...windows), { at: time.toISOString() });
        if (answer === 'yes' || until === undefined) return answer === 'yes';
        const end = Date.parse(until);
        if (end - time.getTime() > 366 * 86_400_000) return true;
        const before = verdictOf(freezeOf(...windows), { at: new Date(end - 1).toISOString() }).answer;
        const then = verdictOf(freezeOf(...windows), { at: until }).answer;
        return before === 'wait' && then === 'yes';
      }),
      { numRuns: 150 },
    );
  });

  test('business hours open then, and not a moment before', () => {
    fc.assert(
      fc.property(window, at, (hours, time) => {
        if (hours.form !== 'weekly') return false;
        const { zone: where, days: on, from, to } = hours;
        const rule = { kind: 'hours', name: 'hours', zone: where, days: on, from, to } as const;
        const { answer, until } = verdictOf(rule, { at: time.toISOString() });
        if (answer === 'yes') return true;
        if (until === undefined) return false;
        const before = verdictOf(rule, { at: new Date(Date.parse(until) - 1).toISOString() }).answer;
        return before === 'wait' && verdictOf(rule, { at: until }).answer === 'yes';
      }),
      { numRuns: 150 },
    );
  });
});
