import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  MOST_SPENT,
  type Spent,
  spendable,
  spentAmong,
  type SpentStatement,
  withSpent,
} from '../../../src/domain/spent-statements.ts';

const T0 = Date.parse('2026-11-23T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const iso = (ms: number): string => new Date(ms).toISOString();
const statement = (jti: string, signedMs = T0, endsMs = signedMs + DAY): SpentStatement => ({
  jti,
  signedAt: iso(signedMs),
  expiresAt: iso(endsMs),
});

describe('signed statements that have let something in', () => {
  test('are spent, and others are not', () => {
    const spent = withSpent({}, [statement('one')], T0);
    assert.equal(spentAmong(spent, [statement('two'), statement('one')])?.jti, 'one');
    assert.equal(spentAmong(spent, [statement('two')]), undefined);
    assert.equal(spentAmong({}, [statement('one')]), undefined);
  });

  test('may be called anything that an object has already', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const read = (spent: Spent): Spent => JSON.parse(JSON.stringify(spent)) as Spent;
    assert.equal(
      spentAmong(
        read(withSpent({}, [], T0)),
        names.map((one) => statement(one)),
      ),
      undefined,
    );
    for (const name of names) {
      const spent = read(withSpent({}, [statement(name)], T0));
      assert.equal(spentAmong(spent, [statement(name)])?.jti, name);
    }
  });

  test('are forgotten once they have ended by every clock, not before', () => {
    const spent = withSpent({}, [statement('one', T0, T0 + DAY)], T0);
    assert.equal(withSpent(spent, [], T0 + DAY + HOUR / 2).spent?.length, 1);
    assert.deepEqual(withSpent(spent, [], T0 + DAY + HOUR), {});
  });

  test('that are too many to remember stay spent all the same: whatever is as old is refused', () => {
    const many = Array.from({ length: MOST_SPENT + 2 }, (_, at) => statement(`id ${at}`, T0 + at * 1_000));
    const spent = many.reduce<Spent>((all, one) => withSpent(all, [one], T0), {});
    assert.equal(spent.spent?.length, MOST_SPENT);
    for (const one of many) assert.equal(spentAmong(spent, [one])?.jti, one.jti);
    assert.equal(spentAmong(spent, [statement('never seen', T0)])?.jti, 'never seen');
    assert.equal(spentAmong(spent, [statement('new', T0 + 2_000)]), undefined);
    assert.equal(withSpent(spent, [], T0 + 10 * DAY).spentUntil, spent.spentUntil, 'which stays');
    const longest = many.map((one) => ({ ...one, jti: one.jti.padEnd(64) }));
    assert.ok(JSON.stringify(withSpent({}, longest, T0)).length < 256 * 1_024, 'and fit a ConfigMap');
  });

  test('come from proven answers only, each once', () => {
    const { jti, signedAt, expiresAt } = statement('one');
    const proven = { proof: 'key', jti, signedAt, expiresAt } as const;
    assert.deepEqual(spendable([proven, {}, proven]), [statement('one')]);
  });
});
