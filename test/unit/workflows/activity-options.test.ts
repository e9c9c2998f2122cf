import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attemptsWithin } from '../../../workflows/steps/activity-options.ts';

describe('the number of tries of a long step', () => {
  for (const [ms, attempts] of [
    [1, 2],
    [499, 2],
    [500, 3],
    [1_500, 4],
    [600_000, 26],
  ] as const) {
    it(`fills ${ms} ms of back-off with ${attempts}, and never less than one retry`, () => {
      assert.equal(attemptsWithin(ms), attempts);
    });
  }
});
