import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GateFacts, GateRule, GateVerdict, Soaked } from '../../../../src/domain/gate.ts';
import { judgeGates } from '../../../../src/policy/gates/index.ts';
import { compareVersions } from '../../../../src/domain/version-order.ts';
import { DIGEST, OTHER, someFacts, verdictOf } from './facts.ts';

type Case = readonly [title: string, facts: Partial<GateFacts>, answer: GateVerdict['answer'], until?: string];

const check = (rule: GateRule, cases: readonly Case[]): void => {
  for (const [title, facts, answer, until] of cases) {
    test(title, () => {
      const verdict = verdictOf(rule, facts);
      assert.deepEqual([verdict.answer, verdict.until], [answer, until], verdict.reason);
      assert.equal(verdict.refusal?.code, answer === 'no' ? 'gate-closed' : undefined);
    });
  }
};

const running = (environment: string, version: string, digest = OTHER, since = '2026-11-24T11:30:00Z') => ({
  running: [{ environment, version, digest, since }],
});

describe('when a soak is asked', () => {
  const rule = { kind: 'soak', name: 'soak', in: 'staging', forMs: 1_800_000 } as const;
  check(rule, [
    ['the image has been there for exactly long enough', running('staging', 'a', DIGEST), 'yes'],
    [
      'a millisecond is lacking',
      running('staging', 'a', DIGEST, '2026-11-24T11:30:00.001Z'),
      'wait',
      '2026-11-24T12:00:00.001Z',
    ],
    [
      'a clock that is ahead makes it longer',
      running('staging', 'a', DIGEST, '2026-11-24T13:00:00Z'),
      'wait',
      '2026-11-24T13:30:00.000Z',
    ],
    ['nothing is known of the environment', {}, 'wait'],
    ['another environment does not count', running('dev', 'a', DIGEST, '2026-01-01T00:00:00Z'), 'wait'],
    ['the same version with another image does not count', running('staging', '2026.11.3-ab12cd'), 'no'],
    ['a time that cannot be read does not count', running('staging', 'a', DIGEST, 'yesterday'), 'wait'],
  ]);

  const said = (fields: Partial<Soaked>, there = running('staging', '2.0', OTHER)): Partial<GateFacts> => ({
    ...there,
    soaked: [{ environment: 'staging', ...fields }],
  });
  const since = '2026-11-24T10:00:00Z';
  check(rule, [
    ['it was rolled back there, however long it ran', said({ since, rolledBackAt: '2026-11-24T11:00:00Z' }), 'no'],
    [
      'it was rolled back there, and another version of the same image runs',
      said({ since, rolledBackAt: '2026-11-24T11:00:00Z' }, running('staging', 'a', DIGEST, since)),
      'no',
    ],
    ['something newer followed when its time was over', said({ since, followedAt: '2026-11-24T10:30:00Z' }), 'yes'],
    ['something newer followed a moment too soon', said({ since, followedAt: '2026-11-24T10:29:59.999Z' }), 'no'],
    ['something newer followed at a time that cannot be read', said({ since, followedAt: 'yesterday' }), 'no'],
    ['another image runs there, and nothing is known of this one', said({}), 'no'],
    ['it runs there as the environment says itself', said({ since }, running('staging', 'a', DIGEST, since)), 'yes'],
    ['nothing runs there as the environment says itself', said({}, { running: [] }), 'wait'],
    [
      'the environment could not be asked, whatever the release says of itself',
      said({ unknown: 'no worker' }, running('staging', 'a', DIGEST, '2026-01-01T00:00:00Z')),
      'wait',
      '2026-11-24T12:05:00.000Z',
    ],
    [
      'another environment could not be asked',
      { ...running('staging', 'a', DIGEST), soaked: [{ environment: 'dev', unknown: 'x' }] },
      'yes',
    ],
  ]);

  test('a no tells what runs there since when, and that it was rolled back', () => {
    const { refusal } = verdictOf(rule, said({ since, rolledBackAt: '2026-11-24T11:00:00Z' }));
    assert.match(
      refusal?.message ?? '',
      /staging runs 2\.0 since 2026-11-24T11:30:00Z: 2026\.11\.3-ab12cd was rolled back there/,
    );
  });
});

describe('when business hours are asked', () => {
  const rule = {
    kind: 'hours',
    name: 'hours',
    zone: 'America/New_York',
    days: ['Mon', 'Tue', 'Wed', 'Thu'],
    from: '09:00',
    to: '16:00',
  } as const;
  check(rule, [
    ['a moment before it is closed', { at: '2026-11-24T13:59:59.999Z' }, 'wait', '2026-11-24T14:00:00.000Z'],
    ['it opens on the minute', { at: '2026-11-24T14:00:00Z' }, 'yes'],
    ['it closes on the minute', { at: '2026-11-24T21:00:00Z' }, 'wait', '2026-11-25T14:00:00.000Z'],
    ['it passes over the weekend', { at: '2026-11-26T21:00:00Z' }, 'wait', '2026-11-30T14:00:00.000Z'],
    ['it keeps local time in summer', { at: '2026-07-06T12:59:59Z' }, 'wait', '2026-07-06T13:00:00.000Z'],
  ]);
  const night = {
    kind: 'hours',
    name: 'night',
    zone: 'Europe/Berlin',
    days: ['Sun'],
    from: '02:30',
    to: '03:30',
  } as const;
  describe('and clocks are put back', () => {
    check(night, [
      [
        'hours that begin twice begin the second time',
        { at: '2026-10-25T00:45:00Z' },
        'wait',
        '2026-10-25T01:30:00.000Z',
      ],
      ['and are open then', { at: '2026-10-25T01:30:00Z' }, 'yes'],
    ]);
  });
  describe('and go over midnight', () => {
    check({ ...night, days: ['Sat'], from: '22:00', to: '06:00' }, [
      ['the morning after belongs to them', { at: '2026-11-29T04:59:59Z' }, 'yes'],
      ['until they are over', { at: '2026-11-29T05:00:00Z' }, 'wait', '2026-12-05T21:00:00.000Z'],
    ]);
  });
});

describe('when the order is asked', () => {
  check({ kind: 'order', name: 'order' }, [
    ['a first release may enter', {}, 'yes'],
    ['a newer version may enter', running('production', '2026.11.2-ffffff'), 'yes'],
    ['an older version may not', running('production', '2026.11.10-000000'), 'no'],
    [
      'an older version may when the release asks for it',
      { ...running('production', '2027.1.1'), allowOlder: true },
      'yes',
    ],
    ['the same image may enter again', running('production', '9999.1', DIGEST), 'yes'],
    ['the same numbers with another commit may not', running('production', '2026.11.3-ffffff'), 'no'],
    ['what runs elsewhere does not count', running('staging', '9999.1'), 'yes'],
    ['a version without numbers may not', { ...running('production', '1.0.0'), version: 'main' }, 'no'],
  ]);
  for (const [version, other, order] of [
    ['1.10.0', '1.9.9', 'newer'],
    ['1.9.9', '1.10.0', 'older'],
    ['v2', '1.99', 'newer'],
    ['1.2', '1.2.0', 'unknown'],
    ['1.2.1', '1.2', 'newer'],
    ['1.2.3-rc.1', '1.2.3', 'unknown'],
    ['1.2.3-rc.1', '1.2.2', 'newer'],
    ['9007199254740993', '9007199254740992', 'newer'],
    ['007', '7.1', 'older'],
    ['1.2.3a', '1.2.2', 'unknown'],
    ['', '1', 'unknown'],
  ] as const) {
    test(`${version || 'nothing'} against ${other} is ${order}`, () =>
      assert.equal(compareVersions(version, other), order));
  }
});

describe('when a ticket is asked', () => {
  check({ kind: 'ticket', name: 'ticket', pattern: '[A-Z]+-[0-9]+|none' }, [
    ['none is no ticket', {}, 'no'],
    ['an empty one is none', { ticket: '' }, 'no'],
    ['one that matches is enough', { ticket: 'OPS-12' }, 'yes'],
    ['all of it has to match', { ticket: 'OPS-12; rm -rf' }, 'no'],
    ['each alternative is anchored', { ticket: 'nonesuch' }, 'no'],
    ['a line more is another ticket', { ticket: 'OPS-12\n' }, 'no'],
    ['one without an end is none', { ticket: `OPS-${'1'.repeat(100_000)}` }, 'no'],
  ]);
  check({ kind: 'ticket', name: 'ticket', pattern: '(a+)+$' }, [
    ['a pattern that could take for ever is not tried', { ticket: `${'a'.repeat(40)}!` }, 'no'],
  ]);
});

describe('when the clock of the facts is none', () => {
  test('nothing is judged', () => {
    const rule = { kind: 'order', name: 'order' } as const;
    assert.throws(() => judgeGates([rule], someFacts({ at: 'now' })), RangeError);
  });
});
