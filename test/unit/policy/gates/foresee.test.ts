import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GateRule } from '../../../../src/domain/gate.ts';
import { foresee, type Foreseen, gatesOf, type Leg } from '../../../../src/policy/gates/index.ts';
import { dated, DIGEST, freezeOf, OTHER, weekly } from './facts.ts';

const AT = '2026-11-27T14:00:00.000Z';
const MINUTE = 60_000;
const traveller = {
  at: AT,
  service: 'iam',
  version: '2026.11.3',
  digest: DIGEST,
  requestedBy: 'ada',
  allowOlder: false,
};

const soak = (where: string, minutes: number): GateRule => {
  return { kind: 'soak', name: 'soak', in: where, forMs: minutes * MINUTE };
};
const weekend = freezeOf(
  weekly(['Fri'], '16:00', '00:00'),
  weekly(['Sat', 'Sun'], '00:00', '00:00'),
  weekly(['Mon'], '00:00', '09:00'),
);
const environment = { registryHost: 'r', lockImages: false, rollOutTimeoutMs: 1, firstRelease: 'remove' } as const;
const approval = { required: 2, from: ['release-managers'], notRequester: true, deadlineMs: 12 * 60 * MINUTE };
const leg = (environment: string, fields: Partial<Leg> = {}): Leg => ({ environment, gates: [], ...fields });
const said = (one: Foreseen | undefined): readonly unknown[] =>
  one === undefined ? [] : [one.answer, 'at' in one ? one.at : one.why];

describe('when the times of a path are foreseen', () => {
  test('without gates everything is entered at once', () => {
    const seen = foresee([leg('dev'), leg('staging')], traveller);
    assert.deepEqual(seen.map(said), [
      ['earliest', AT],
      ['earliest', AT],
    ]);
  });

  test('a soak begins where the one before ends, all along the path', () => {
    const path = [
      leg('dev'),
      leg('test', { gates: [soak('dev', 30)] }),
      leg('staging', { gates: [soak('test', 45), soak('dev', 60)] }),
    ];
    assert.deepEqual(foresee(path, traveller).map(said), [
      ['earliest', AT],
      ['earliest', '2026-11-27T14:30:00.000Z'],
      ['earliest', '2026-11-27T15:15:00.000Z'],
    ]);
  });

  test('a soak that ends within a frozen weekend lasts until Monday, and the approval is asked for then', () => {
    const path = [leg('dev'), leg('production', { gates: [soak('dev', 90), weekend], approval })];
    const [, production] = foresee(path, traveller);
    assert.deepEqual(said(production), ['earliest', '2026-11-30T08:00:00.000Z']);
    assert.deepEqual(production?.asked, {
      whom: '2 of release-managers',
      from: '2026-11-30T08:00:00.000Z',
      until: '2026-11-30T20:00:00.000Z',
      then: 'refused',
    });
    assert.deepEqual(
      production?.holds.map((one) => one.gates.join()),
      ['soak', 'freeze'],
    );
  });

  test('what runs there already is not entered again, and its soak has begun', () => {
    const since = '2026-11-27T13:40:00.000Z';
    const running = { environment: 'dev', version: '2026.11.3', digest: DIGEST, since };
    const seen = foresee([leg('dev', { running }), leg('production', { gates: [soak('dev', 30)] })], traveller);
    assert.deepEqual(seen.map(said), [
      ['there', since],
      ['earliest', '2026-11-27T14:10:00.000Z'],
    ]);
  });

  test('the same version of another image, or the same image under another name, is entered', () => {
    const other = { environment: 'dev', version: '2026.11.3', digest: OTHER, since: AT };
    const named = { environment: 'dev', version: '2026.11.2', digest: DIGEST, since: AT };
    for (const running of [other, named]) {
      assert.equal(foresee([leg('dev', { running })], traveller)[0]?.answer, 'earliest');
    }
  });

  test('what an environment runs is compared there, not in the next one', () => {
    const running = { environment: 'staging', version: '2027.1.0', digest: OTHER, since: AT };
    const order: GateRule = { kind: 'order', name: 'order' };
    const seen = foresee(
      [leg('dev', { gates: [order] }), leg('staging', { gates: [order], running }), leg('production')],
      traveller,
    );
    assert.deepEqual(
      seen.map((one) => one.answer),
      ['earliest', 'never', 'never'],
    );
    assert.match(String(said(seen[1])[1]), /is older than 2027\.1\.0/);
    assert.match(String(said(seen[2])[1]), /would have to enter staging first/);
  });

  test('a plan that is refused is never entered, and says why', () => {
    const refusal = { code: 'tag-conflict', message: 'the tag means another digest' } as const;
    const seen = foresee([leg('dev', { refusal }), leg('production')], traveller);
    assert.deepEqual(said(seen[0]), ['never', 'the tag means another digest']);
    assert.equal(seen[1]?.answer, 'never');
  });

  test('gates that are never open together are never', () => {
    const hours: GateRule = {
      kind: 'hours',
      name: 'h',
      zone: 'Europe/Berlin',
      days: ['Sat'],
      from: '09:00',
      to: '12:00',
    };
    const [seen] = foresee([leg('production', { gates: [weekend, hours] })], traveller);
    assert.match(String(said(seen)[1]), /never open at the same time within 366 days/);
  });

  test('gates that open after the release has given up waiting are never for it, and say when they open', () => {
    const long = freezeOf(dated('2026-11-01T00:00', '2027-02-01T00:00'));
    const [seen] = foresee([leg('production', { gates: [long] })], traveller);
    assert.equal(seen?.answer, 'never');
    assert.match(String(said(seen)[1]), /open at 2027-01-31T23:00:00\.000Z.*gives up at 2026-12-27T14:00:00\.000Z/);
  });

  test('a soak where nothing will run is unknown, and so is all behind it', () => {
    const seen = foresee([leg('staging', { gates: [soak('elsewhere', 1)] }), leg('production')], traveller);
    assert.deepEqual(
      seen.map((one) => one.answer),
      ['unknown', 'unknown'],
    );
  });

  test('its turn comes after the people, and the gates are asked once more then', () => {
    const queue = { expectedAt: '2026-11-27T15:30:00.000Z' };
    const [seen] = foresee([leg('production', { gates: [weekend], queue, approval })], traveller);
    assert.deepEqual(said(seen), ['earliest', '2026-11-30T08:00:00.000Z']);
    assert.equal(seen?.asked?.from, AT);
    assert.deepEqual(
      seen?.holds.map((one) => [one.reason.replace(/ until .*/, ''), one.from, one.until]),
      [
        ['other releases take their turn first', AT, '2026-11-27T15:30:00.000Z'],
        ['freeze: freeze window', '2026-11-27T15:30:00.000Z', '2026-11-30T08:00:00.000Z'],
      ],
    );
    for (const expectedAt of ['2026-11-27T13:00:00.000Z', AT]) {
      const [free] = foresee([leg('production', { queue: { expectedAt } })], traveller);
      assert.deepEqual([said(free), free?.holds], [['earliest', AT], []]);
    }
  });

  test('a stop lasts until it ends, and a hold until somebody lifts it', () => {
    const gates = gatesOf({ ...environment, name: 'production' });
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', since: AT, until: '2026-11-27T16:00:00.000Z' } as const;
    const hold = { kind: 'hold', service: 'iam', by: 'grace', reason: 'rolled back', since: AT } as const;
    const [stopped] = foresee([leg('production', { gates, restraints: [stop] })], traveller);
    assert.deepEqual(said(stopped), ['earliest', '2026-11-27T16:00:00.000Z']);
    const [held] = foresee([leg('production', { gates, restraints: [stop, hold] })], traveller);
    assert.equal(held?.answer, 'unknown');
    assert.match(String(said(held)[1]), /grace holds iam: rolled back/);
    const [other] = foresee([leg('production', { gates, restraints: [{ ...hold, service: 'web' }] })], traveller);
    assert.deepEqual(said(other), ['earliest', AT]);
  });

  test('a ticket that is missing refuses where it is asked for', () => {
    const ticket: GateRule = { kind: 'ticket', name: 'ticket', pattern: 'OPS-[0-9]+' };
    const path = [leg('production', { gates: [ticket] })];
    assert.equal(foresee(path, traveller)[0]?.answer, 'never');
    assert.equal(foresee(path, { ...traveller, ticket: 'OPS-1' })[0]?.answer, 'earliest');
  });

  test('a question that is deferred says so', () => {
    const [seen] = foresee([leg('production', { approval: { ...approval, atDeadline: 'defer' } })], traveller);
    assert.equal(seen?.asked?.then, 'asked again');
  });

  test('a time that cannot be read is a mistake of the caller', () => {
    assert.throws(() => foresee([leg('dev')], { ...traveller, at: 'soon' }), RangeError);
    assert.throws(() => foresee([leg('dev', { queue: { expectedAt: 'soon' } })], traveller), RangeError);
  });
});
