import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { calendarProblems } from '../../../../src/policy/gates/index.ts';
import { calendarSpans } from '../../../../src/policy/gates/calendar-spans.ts';
import { calendarOf, freezeOf, verdictOf } from './facts.ts';

const until = (ics: string, at: string, zone: string | undefined = 'Europe/Berlin'): string | undefined => {
  assert.deepEqual(calendarProblems(ics, zone), []);
  const window = { form: 'calendar', file: 'f.ics', ics, ...(zone === undefined ? {} : { zone }) } as const;
  return verdictOf(freezeOf(window), { at }).until;
};

const VTIMEZONE = `BEGIN:VTIMEZONE
TZID:Customized Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
`;

describe('when a calendar is asked', () => {
  const christmas = ['DTSTART;VALUE=DATE:20201224', 'DTEND;VALUE=DATE:20201227', 'RRULE:FREQ=YEARLY'];
  const fridays = [
    'DTSTART;TZID=Europe/Berlin:20260102T160000',
    'DTEND;TZID=Europe/Berlin:20260102T180000',
    'RRULE:FREQ=WEEKLY;BYDAY=FR',
  ];
  const cases: readonly (readonly [title: string, ics: string, at: string, until: string | undefined])[] = [
    ['an all-day event begins at local midnight', calendarOf(christmas), '2026-12-23T22:59:59Z', undefined],
    ['and ends at local midnight', calendarOf(christmas), '2026-12-23T23:00:00Z', '2026-12-26T23:00:00.000Z'],
    [
      'an all-day event without an end is one day',
      calendarOf(['DTSTART;VALUE=DATE:20261224']),
      '2026-12-24T12:00:00Z',
      '2026-12-24T23:00:00.000Z',
    ],
    [
      'all-day events on following days are one freeze',
      calendarOf(['DTSTART;VALUE=DATE:20261224'], ['DTSTART;VALUE=DATE:20261225']),
      '2026-12-24T12:00:00Z',
      '2026-12-25T23:00:00.000Z',
    ],
    [
      'a repetition keeps its local time in summer',
      calendarOf(fridays),
      '2026-07-03T14:00:00Z',
      '2026-07-03T16:00:00.000Z',
    ],
    ['and in winter', calendarOf(fridays), '2026-11-27T15:30:00Z', '2026-11-27T17:00:00.000Z'],
    [
      'an excluded repetition is open',
      calendarOf([...fridays, 'EXDATE;TZID=Europe/Berlin:20261127T160000']),
      '2026-11-27T15:30:00Z',
      undefined,
    ],
    [
      'an exclusion may be written in UTC',
      calendarOf([...fridays, 'EXDATE:20261127T150000Z']),
      '2026-11-27T15:30:00Z',
      undefined,
    ],
    [
      'the last repetition is the one of UNTIL',
      calendarOf([...fridays, '']).replace('FREQ=WEEKLY;BYDAY=FR', 'FREQ=WEEKLY;BYDAY=FR;UNTIL=20261127T150000Z'),
      '2026-11-27T15:30:00Z',
      '2026-11-27T17:00:00.000Z',
    ],
    [
      'after UNTIL it is open',
      calendarOf([...fridays, '']).replace('FREQ=WEEKLY;BYDAY=FR', 'FREQ=WEEKLY;BYDAY=FR;UNTIL=20261127T145959Z'),
      '2026-11-27T15:30:00Z',
      undefined,
    ],
    [
      'after COUNT it is open',
      calendarOf(fridays).replace('BYDAY=FR', 'BYDAY=FR;COUNT=2'),
      '2026-01-16T15:30:00Z',
      undefined,
    ],
    [
      'UTC needs no zone',
      calendarOf(['DTSTART:20261224T160000Z', 'DURATION:PT2H']),
      '2026-12-24T17:00:00Z',
      '2026-12-24T18:00:00.000Z',
    ],
    [
      'a zone that the file defines is used in winter',
      calendarOf(['DTSTART;TZID=Customized Time:20261224T160000', 'DURATION:PT2H']).replace(
        'BEGIN:VEVENT',
        `${VTIMEZONE}BEGIN:VEVENT`,
      ),
      '2026-12-24T15:00:00Z',
      '2026-12-24T17:00:00.000Z',
    ],
    [
      'and in summer',
      calendarOf(['DTSTART;TZID=Customized Time:20260703T160000', 'DURATION:PT2H']).replace(
        'BEGIN:VEVENT',
        `${VTIMEZONE}BEGIN:VEVENT`,
      ),
      '2026-07-03T14:00:00Z',
      '2026-07-03T16:00:00.000Z',
    ],
    [
      'a cancelled event is none',
      calendarOf(['DTSTART;VALUE=DATE:20261224', 'STATUS:CANCELLED']),
      '2026-12-24T12:00:00Z',
      undefined,
    ],
  ];
  for (const [title, ics, at, expected] of cases) test(title, () => assert.equal(until(ics, at), expected));

  const moved = calendarOf(fridays, [
    'RECURRENCE-ID;TZID=Europe/Berlin:20261127T160000',
    'DTSTART;TZID=Europe/Berlin:20261126T100000',
    'DTEND;TZID=Europe/Berlin:20261126T120000',
  ]).replace('UID:1@test', 'UID:0@test');
  test('a repetition that was moved is closed at its new time only', () => {
    assert.equal(until(moved, '2026-11-27T15:30:00Z'), undefined);
    assert.equal(until(moved, '2026-11-26T09:30:00Z'), '2026-11-26T11:00:00.000Z');
    assert.equal(until(moved, '2026-12-04T15:30:00Z'), '2026-12-04T17:00:00.000Z');
  });
});

describe('when an event has repeated for decades', () => {
  const event = (rule: string) =>
    calendarOf(['DTSTART;TZID=Europe/Berlin:20000105T160000', 'DURATION:PT1H', `RRULE:${rule}`]);
  const cases: readonly (readonly [rule: string, at: string, open: string])[] = [
    ['FREQ=DAILY;INTERVAL=3', '2026-11-26T15:30:00Z', '2026-11-25T15:30:00Z'],
    ['FREQ=WEEKLY;INTERVAL=2', '2026-12-02T15:30:00Z', '2026-11-25T15:30:00Z'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR', '2026-12-04T15:30:00Z', '2026-11-27T15:30:00Z'],
    ['FREQ=WEEKLY;COUNT=2000', '2026-11-25T15:30:00Z', '2026-11-24T15:30:00Z'],
  ];
  for (const [rule, closed, open] of cases) {
    test(`${rule} keeps its rhythm`, () => {
      assert.equal(until(event(rule), closed), closed.replace('15:30:00Z', '16:00:00.000Z'));
      assert.equal(until(event(rule), open), undefined);
    });
  }
});

describe('when a calendar is read', () => {
  const daily = ['DTSTART;TZID=Europe/Berlin:20260101T000000', 'DURATION:PT1H'];
  const cases: readonly (readonly [title: string, ics: string, problem: RegExp])[] = [
    ['text that is no calendar', 'hello', /no iCalendar file/],
    ['nothing', '', /no iCalendar file/],
    ['a contact', 'BEGIN:VCARD\r\nVERSION:4.0\r\nEND:VCARD\r\n', /no iCalendar file/],
    ['a calendar without events', calendarOf(), /no event/],
    ['an event without a start', calendarOf(['DURATION:PT1H']), /no DTSTART/],
    ['an event without an end', calendarOf(['DTSTART:20261224T160000Z']), /never end/],
    ['an end before the start', calendarOf(['DTSTART:20261224T160000Z', 'DTEND:20261224T150000Z']), /not after/],
    ['an unknown zone', calendarOf(['DTSTART;TZID=Mars/Olympus:20261224T160000', 'DURATION:PT1H']), /"Mars\/Olympus"/],
    ['a local time without a zone', calendarOf(['DTSTART:20261224T160000', 'DURATION:PT1H']), /"zone"/],
    [
      'every day, all day',
      calendarOf(['DTSTART;TZID=UTC:20260101T000000', 'DURATION:P1D', 'RRULE:FREQ=DAILY']),
      /never end/,
    ],
    ['ten years at a stretch', calendarOf(['DTSTART:20260101T000000Z', 'DTEND:20360101T000000Z']), /never end/],
    ['every second', calendarOf([...daily, 'RRULE:FREQ=SECONDLY']), /SECONDLY is not supported/],
    [
      'the 30th of February',
      calendarOf([...daily, 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30']),
      /BYMONTHDAY is 1 to 28/,
    ],
    ['a day that never comes', calendarOf([...daily, 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=28']), /not supported/],
    [
      'a weekday that an interval never meets',
      calendarOf([...daily, 'RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU']),
      /not supported/,
    ],
    ['a fifth Monday', calendarOf([...daily, 'RRULE:FREQ=MONTHLY;BYDAY=5MO']), /BYDAY cannot be/],
    ['hours in a rule', calendarOf([...daily, 'RRULE:FREQ=DAILY;BYHOUR=1,2,3']), /BYHOUR in a rule/],
    ['further dates', calendarOf([...daily, 'RDATE:20270101T000000Z']), /RDATE is not supported/],
    [
      'a zone of the file that changes on the 30th of February',
      calendarOf(['DTSTART;TZID=Customized Time:20261224T160000', 'DURATION:PT1H']).replace(
        'BEGIN:VEVENT',
        `${VTIMEZONE.replace('BYDAY=-1SU;BYMONTH=10', 'BYMONTH=2;BYMONTHDAY=30')}BEGIN:VEVENT`,
      ),
      /"Customized Time" cannot be used/,
    ],
    [
      'a zone of the file without rules',
      calendarOf(['DTSTART;TZID=X Time:20261224T160000', 'DURATION:PT1H']).replace(
        'BEGIN:VEVENT',
        'BEGIN:VTIMEZONE\r\nTZID:X Time\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT',
      ),
      /no STANDARD or DAYLIGHT/,
    ],
    [
      'an ancient start',
      calendarOf(['DTSTART:16010101T000000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY']),
      /outside the years/,
    ],
    ['too many events', calendarOf(...Array.from({ length: 1_001 }, () => daily)), /more than 1000 events/],
    [
      'too many repetitions',
      calendarOf(...Array.from({ length: 26 }, () => [...daily, 'RRULE:FREQ=DAILY'])),
      /more than 25/,
    ],
  ];
  for (const [title, ics, problem] of cases) {
    test(`${title} is refused`, () => assert.match(calendarProblems(ics, undefined).join('\n'), problem));
  }

  test('every rule that is accepted goes on', () => {
    for (const rule of [
      'YEARLY;BYDAY=1MO',
      'YEARLY;BYMONTHDAY=15',
      'YEARLY;BYMONTH=2;BYMONTHDAY=28',
      'YEARLY;BYDAY=-1FR;BYMONTH=11',
      'MONTHLY;BYMONTHDAY=-1',
      'WEEKLY;INTERVAL=2;BYDAY=MO,TH',
      'YEARLY;BYMONTH=2',
      'MONTHLY;INTERVAL=12;BYDAY=4TU',
      'DAILY;INTERVAL=1000',
    ]) {
      assert.deepEqual(calendarProblems(calendarOf([...daily, `RRULE:FREQ=${rule}`]), undefined), [], rule);
    }
  });
});

describe('when one calendar is asked again and again', () => {
  const ics = calendarOf(['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261225', 'RRULE:FREQ=YEARLY']);
  const spans = (zone: string, year: number) => {
    const start = Date.UTC(year, 0, 1);
    return calendarSpans(ics, zone, { start, end: start + 365 * 86_400_000 }).map((one) =>
      new Date(one.start).toISOString(),
    );
  };

  test('what is remembered is the answer for that time and that zone only', () => {
    assert.deepEqual(spans('UTC', 2026), ['2026-12-24T00:00:00.000Z']);
    assert.deepEqual(spans('UTC', 2027), ['2027-12-24T00:00:00.000Z']);
    assert.deepEqual(spans('Europe/Berlin', 2027), ['2027-12-23T23:00:00.000Z']);
    assert.deepEqual(spans('UTC', 2026), ['2026-12-24T00:00:00.000Z']);
    assert.deepEqual(spans('UTC', 2025), [], 'before its first day');
  });
});
