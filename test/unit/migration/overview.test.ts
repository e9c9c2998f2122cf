/** States, waves, and who goes on together. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { furthestBehind, overview } from '../../../src/migration/overview.ts';
import {
  faultOfGoingBack,
  isAtLeast,
  MEANING,
  nextOf,
  STATES,
  type State,
  WAY,
} from '../../../src/migration/states.ts';
import { aPlace, facts, GOOD, NOW, readIt, serviceIn } from './support.ts';

const inState = (state: State, name: string = state) => ({ ...serviceIn(GOOD), name, state });

describe('states', () => {
  test('follow one another until legacy may go, and who went back begins to compare anew', () => {
    assert.deepEqual(
      STATES.map((one) => nextOf(one)),
      ['comparing', 'adopted', 'managed', 'done', undefined, 'comparing'],
    );
  });
  test('are further on than the ones before them; who went back has got nowhere', () => {
    for (const [index, one] of WAY.entries())
      assert.deepEqual(
        WAY.map((other) => isAtLeast(one, other)),
        WAY.map((_, at) => at <= index),
      );
    assert.equal(isAtLeast('reverted', 'comparing'), false);
  });
  test('let Sluice deploy from "managed" on, and never before', () => {
    assert.deepEqual(
      STATES.filter((one) => MEANING[one].deploys === 'Sluice'),
      ['managed', 'done'],
    );
  });
  test('have a way back from when something has begun until legacy is gone', () => {
    assert.deepEqual(
      STATES.filter((one) => faultOfGoingBack(one) === undefined),
      ['comparing', 'adopted', 'managed', 'reverted'],
    );
  });
});

test('of a wave those go on together that are furthest behind, without those that are done or went back', () => {
  const names = (...states: readonly State[]) =>
    furthestBehind(states.map((one) => inState(one))).map(({ name }) => name);
  assert.deepEqual(names('managed', 'adopted', 'done', 'reverted'), ['adopted']);
  assert.deepEqual(names('done', 'reverted'), []);
  const twice = [inState('legacy', 'a'), inState('comparing', 'b'), inState('legacy', 'c')];
  assert.deepEqual(
    furthestBehind(twice).map(({ name }) => name),
    ['a', 'c'],
  );
});

describe('a wave', () => {
  const statesOf = (text: string) => overview(readIt(text).migration, () => facts(), NOW).map(({ state }) => state);
  const LATER = /(wave: rest\n {4}state: )legacy/;
  test('is open when its gates are met, closed before, and done when all of it is', () => {
    assert.deepEqual(statesOf(GOOD), ['open', 'closed']);
    assert.deepEqual(statesOf(GOOD.replace('state: legacy ', 'state: managed ')), ['open', 'open']);
    assert.deepEqual(statesOf(GOOD.replace('state: legacy ', 'state: done ')), ['done', 'open']);
  });
  test('of which something has begun is open, whatever its gates say now', () => {
    assert.deepEqual(statesOf(GOOD.replace(LATER, '$1comparing')), ['open', 'open']);
  });
});

test('one that went back is broken wherever no hold of it is in force', () => {
  const text = GOOD.replace('state: legacy ', 'state: reverted ');
  const hold = { kind: 'hold', service: 'iam', by: 'grace', reason: 'back', since: '2026-12-01T00:00:00Z' } as const;
  const dev = { ok: true, value: aPlace({ restraints: [hold] }) } as const;
  const stopped = { ...hold, kind: 'stop', until: '2027-01-01T00:00:00Z' } as const;
  for (const [production, answers] of [
    [dev, []],
    [{ ok: true, value: aPlace() }, ['unmet']],
    [{ ok: true, value: aPlace({ restraints: [stopped] }) }, ['unmet']],
    [{ ok: false, why: 'no worker' }, ['unknown']],
  ] as const) {
    const [pilot] = overview(readIt(text).migration, () => facts({ places: { dev, production } }), NOW);
    assert.deepEqual(
      pilot?.services[0]?.broken.map(({ answer }) => answer),
      answers,
    );
  }
});
