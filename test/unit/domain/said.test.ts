import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Restraint } from '../../../src/domain/restraint.ts';
import { faultOfLift, faultOfNumber, faultOfRestraint, MOST_RESTRAINTS } from '../../../src/domain/restraint-words.ts';
import { faultOfOrder, LONGEST_MS, LONGEST_NAME, LONGEST_REASON } from '../../../src/domain/said.ts';

const TEN_MEGABYTES = 'x'.repeat(10_000_000);

describe('an order to a release', () => {
  it('names who says it, may have a reason and a time, and is refused with what is wrong with it otherwise', () => {
    for (const good of [
      { by: 'ada' },
      { by: 'ada', reason: '' },
      { by: 'a'.repeat(LONGEST_NAME), reason: 'r'.repeat(LONGEST_REASON), forMs: 1 },
    ])
      assert.equal(faultOfOrder(good), undefined);
    const bad: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /"by" is no text/],
      [null, /"by" is no text/],
      ['text', /"by" is no text/],
      [{}, /"by" is no text/],
      [{ by: ' ' }, /"by" is empty/],
      [{ by: TEN_MEGABYTES }, /"by" is too long/],
      [{ by: 'ada', reason: 5 }, /"reason" is no text/],
      [{ by: 'ada', reason: TEN_MEGABYTES }, /"reason" is too long/],
      [{ by: 'ada', forMs: 0 }, /"forMs" is no such time/],
      [{ by: 'ada', forMs: Number.NaN }, /"forMs" is no such time/],
      [{ by: 'ada', forMs: Number.POSITIVE_INFINITY }, /"forMs" is no such time/],
      [{ by: 'ada', forMs: LONGEST_MS + 1 }, /"forMs" is no such time/],
      [{ by: 'ada', forMs: '1h' }, /"forMs" is no such time/],
    ];
    for (const [order, message] of bad) assert.match(faultOfOrder(order)?.message ?? '', message);
  });

  it('that is too long is answered with how long it is and what to do, and not with itself', () => {
    const fault = faultOfOrder({ by: 'ada', reason: TEN_MEGABYTES });
    assert.deepEqual([fault?.expected, fault?.got], ['a text of at most 2000 characters', '10000000 characters']);
    assert.match(fault?.remedy ?? '', /fewer words/);
    assert.ok(JSON.stringify(faultOfRestraint({ kind: TEN_MEGABYTES })).length < 1_000);
  });
});

describe('a stop or a hold', () => {
  const stop = { kind: 'stop', by: 'grace', reason: 'errors', forMs: 1_000 };
  const hold = { kind: 'hold', by: 'grace', reason: 'rolled back', service: 'iam' };

  it('has a kind, a name, a reason, an end or a service, each as long as it may be', () => {
    for (const good of [stop, hold, { ...stop, service: 'iam', incident: 'INC-1' }, { ...hold, forMs: LONGEST_MS }])
      assert.equal(faultOfRestraint(good), undefined);
    const bad: readonly (readonly [object, RegExp])[] = [
      [{ ...stop, kind: 'nap' }, /neither a stop nor a hold/],
      [{ ...stop, by: '' }, /"by" is empty/],
      [{ ...stop, reason: undefined }, /"reason" is no text/],
      [{ ...stop, reason: TEN_MEGABYTES }, /"reason" is too long/],
      [{ ...stop, incident: 4711 }, /"incident" is no text/],
      [{ ...stop, incident: TEN_MEGABYTES }, /"incident" is too long/],
      [{ ...stop, service: 'Not A Name' }, /no name of a service/],
      [{ ...stop, service: TEN_MEGABYTES }, /no name of a service/],
      [{ ...stop, forMs: undefined }, /a stop needs an end/],
      [{ ...stop, forMs: LONGEST_MS + 1 }, /"forMs" is no such time/],
      [{ ...hold, service: undefined }, /a hold is for one service/],
    ];
    for (const [command, message] of bad) assert.match(faultOfRestraint(command)?.message ?? '', message);
  });

  it('is lifted by somebody, who may say why', () => {
    const lift = { kind: 'hold', by: 'ada', service: 'iam' };
    for (const good of [lift, { ...lift, reason: 'fixed' }]) assert.equal(faultOfLift(good), undefined);
    for (const bad of [{ ...lift, by: 1 }, { ...lift, reason: TEN_MEGABYTES }, { ...lift, kind: 'x' }, undefined])
      assert.ok(faultOfLift(bad) !== undefined);
  });

  it('finds no room where there are as many as an environment keeps, unless it moves one of them', () => {
    const since = '2026-11-24T11:00:00Z';
    const one = (index: number): Restraint => ({ kind: 'hold', service: `s-${index}`, by: 'ada', reason: 'x', since });
    const all = Array.from({ length: MOST_RESTRAINTS }, (_, index) => one(index));
    const nowMs = Date.parse('2026-11-24T12:00:00Z');
    assert.match(faultOfNumber(all, one(MOST_RESTRAINTS), nowMs)?.message ?? '', /as many stops and holds/);
    assert.equal(faultOfNumber(all, one(5), nowMs), undefined);
    const ended = all.map((each) => ({ ...each, until: since }));
    assert.equal(faultOfNumber(ended, one(MOST_RESTRAINTS), nowMs), undefined, 'what has ended takes no room');
  });
});
