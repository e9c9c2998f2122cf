import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { type Calls, CALL_TIMING, createCalls } from '../../../src/worker/calls.ts';

const { quietMs, longestMs, gapMs, longestGapMs } = CALL_TIMING;
const MINUTE = 60_000;

describe('when changes are told to guardians', () => {
  let calls: Calls;
  let made: [name: string, atMs: number][];
  let isHeard: boolean;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    [made, isHeard] = [[], true];
    calls = createCalls(async (name) => {
      made.push([name, Date.now()]);
      return isHeard;
    });
  });
  afterEach(() => {
    calls.close();
    mock.timers.reset();
  });

  /** The clock goes on, and whoever was woken by it gets its turn. */
  async function pass(ms: number, eachMs = 50): Promise<void> {
    for (let left = ms; left > 0; left -= eachMs) {
      mock.timers.tick(Math.min(left, eachMs));
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
  }
  async function changing(name: string, ms: number, everyMs: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += everyMs) {
      calls.changed(name);
      await pass(everyMs, everyMs);
    }
  }
  const distances = (): number[] => made.slice(1).map(([, at], index) => at - (made[index]?.[1] ?? 0));

  test('many within a moment are one call, when they have ended', async () => {
    for (let nth = 0; nth < 100; nth += 1) calls.changed('iam');
    await pass(quietMs - 50);
    assert.deepEqual(made, []);
    await pass(MINUTE);
    assert.deepEqual(made, [['iam', quietMs]]);
  });

  test('one that does not end is not waited for', async () => {
    await changing('iam', longestMs + 500, 500);
    assert.deepEqual(made, [['iam', longestMs]]);
  });

  test('while they go on, calls come at growing distances, up to the longest', async () => {
    await changing('iam', 60 * MINUTE, 500);
    const found = distances();
    assert.deepEqual(
      found.slice(0, 5),
      [1, 2, 4, 8, 16].map((times) => times * gapMs),
    );
    assert.ok(
      found.slice(5).every((ms) => ms === longestGapMs),
      found.join(' '),
    );
    assert.ok(made.length < 20, String(made.length));
  });

  test('the last one is always followed by a call', async () => {
    calls.changed('iam');
    await pass(quietMs);
    calls.changed('iam');
    await pass(gapMs);
    assert.deepEqual(distances(), [gapMs]);
    await pass(10 * MINUTE);
    assert.equal(made.length, 2);
  });

  test('after a calm while the next one is told soon again', async () => {
    await changing('iam', 10 * MINUTE, 500);
    await pass(3 * longestGapMs, 500);
    const before = made.length;
    calls.changed('iam');
    await pass(quietMs);
    assert.equal(made.length, before + 1);
    calls.changed('iam');
    await pass(gapMs);
    assert.equal(made.length, before + 2);
  });

  test('one does not wait for another, and of many each is told, one after the other', async () => {
    const names = Array.from({ length: 100 }, (_, nth) => `service-${nth}`);
    names.forEach((name) => calls.changed(name));
    await pass(MINUTE);
    assert.deepEqual(
      made.map(([name]) => name),
      names,
    );
    assert.equal(new Set(made.map(([, at]) => at)).size, names.length);
  });

  test('what was not heard is told again, at growing distances', async () => {
    isHeard = false;
    calls.changed('iam');
    await pass(MINUTE);
    assert.deepEqual(distances().slice(0, 2), [gapMs, 2 * gapMs]);
    isHeard = true;
    await pass(2 * MINUTE);
    const before = made.length;
    await pass(30 * MINUTE, 500);
    assert.equal(made.length, before);
  });

  test('nobody is told after the end', async () => {
    calls.changed('iam');
    calls.close();
    calls.changed('iam');
    await pass(MINUTE);
    assert.deepEqual(made, []);
  });
});
