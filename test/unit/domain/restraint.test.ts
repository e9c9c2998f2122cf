import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  describeRestraint,
  endedBy,
  isRepetition,
  moved,
  pastLine,
  type PastRestraint,
  restraintLine,
  type Restraint,
  restraintsOn,
  withPast,
  without,
  withRestraint,
} from '../../../src/domain/restraint.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const STOP: Restraint = {
  kind: 'stop',
  by: 'grace',
  reason: 'errors',
  since: '2026-11-24T11:00:00Z',
  until: '2026-11-24T13:00:00Z',
};
const HOLD: Restraint = {
  kind: 'hold',
  service: 'iam',
  by: 'ada',
  reason: 'rolled back',
  since: '2026-11-24T11:00:00Z',
};

describe('stops and holds', () => {
  it('concern the service that they name, or every one', () => {
    assert.deepEqual(restraintsOn([HOLD, STOP], 'iam', NOW), [STOP, HOLD]);
    assert.deepEqual(restraintsOn([HOLD, STOP], 'billing', NOW), [STOP]);
  });

  it('said twice by the same person in the same words are one, unless they end by themselves', () => {
    const later = '2026-11-24T11:30:00Z';
    assert.ok(isRepetition({ ...HOLD, since: later }, [STOP, HOLD]));
    assert.ok(!isRepetition({ ...HOLD, by: 'ben' }, [HOLD]));
    assert.ok(!isRepetition({ ...HOLD, reason: 'another' }, [HOLD]));
    assert.ok(!isRepetition({ ...HOLD, service: 'billing' }, [HOLD]));
    assert.ok(!isRepetition({ ...STOP, since: later }, [STOP]));
  });

  it('keep their incident when whoever set them moves them, unless another one is named', () => {
    const before = { ...STOP, incident: 'INC-1' };
    assert.equal(moved(before, STOP).incident, 'INC-1');
    assert.equal(moved(before, { ...STOP, incident: 'INC-2' }).incident, 'INC-2');
    assert.equal(moved(before, { ...STOP, by: 'ben' }).incident, undefined);
    assert.equal(moved(undefined, STOP).incident, undefined);
  });

  it('end by themselves at their end, and not a moment before', () => {
    const end = Date.parse(STOP.until ?? '');
    assert.equal(restraintsOn([STOP], 'iam', end - 1).length, 1);
    assert.equal(restraintsOn([STOP], 'iam', end).length, 0);
    assert.equal(restraintsOn([HOLD], 'iam', end * 2).length, 1, 'a hold does not');
  });

  it('are one for each scope: a new one moves the end', () => {
    const later = { ...STOP, until: '2026-11-24T15:00:00Z' };
    assert.deepEqual(withRestraint([STOP, HOLD], later), [HOLD, later]);
    const narrower = { ...STOP, service: 'iam' };
    assert.deepEqual(withRestraint([STOP], narrower), [STOP, narrower]);
    assert.deepEqual(without([STOP, narrower, HOLD], { kind: 'stop' }), [narrower, HOLD]);
  });

  it('say who, what and why', () => {
    assert.equal(
      describeRestraint({ ...STOP, incident: 'INC-1' }),
      'grace stopped every service: errors (incident INC-1)',
    );
    assert.equal(describeRestraint(HOLD), 'ada holds iam: rolled back');
    assert.equal(restraintLine(HOLD), 'hold: ada holds iam: rolled back, until it is lifted');
    assert.match(
      restraintLine(STOP, () => 'tonight'),
      /^stop: grace stopped every service: errors, until tonight$/,
    );
  });

  it('are remembered for a while when they are over, the newest first, with who ended them and why', () => {
    const end = Date.parse(STOP.until ?? '');
    assert.deepEqual(endedBy([HOLD, STOP], end - 1), []);
    const [over] = endedBy([HOLD, STOP], end);
    assert.deepEqual(over, { ...STOP, end: { how: 'by-itself', at: STOP.until } });
    const lifted = { ...HOLD, end: { how: 'lifted', at: 'now', by: 'grace', reason: 'repaired' } } as const;
    const replaced = { ...STOP, end: { how: 'replaced', at: 'now', by: 'grace' } } as const;
    const past = withPast(withPast([], endedBy([STOP], end)), [replaced, lifted]);
    assert.deepEqual(
      past.map((one) => one.end.how),
      ['lifted', 'replaced', 'by-itself'],
    );
    const written = (iso: string) => iso.slice(11, 16);
    assert.equal(
      pastLine({ ...lifted, since: HOLD.since, end: { ...lifted.end, at: STOP.since } }, written),
      'hold: ada holds iam: rolled back, from 11:00; lifted by grace at 11:00: repaired',
    );
    assert.match(pastLine(replaced), /; followed by another word of grace at now$/);
    const many = Array.from({ length: 100 }, (): PastRestraint => lifted);
    assert.equal(withPast(past, many).length, 20);
  });
});
