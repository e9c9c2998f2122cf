import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../../src/config/duration.ts';

describe('when a duration is read', () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['500ms', 500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['3d', 259_200_000],
    ['0s', undefined],
    ['-1s', undefined],
    ['1.5h', undefined],
    ['1h30m', undefined],
    ['10', undefined],
    ['10 m', undefined],
    ['10M', undefined],
    ['', undefined],
    ['9999999999d', undefined],
  ];
  for (const [text, ms] of cases) test(`"${text}" is ${ms ?? 'none'}`, () => assert.equal(parseDuration(text), ms));

  test('every duration that is printed reads back as the same', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 999_999_999 }), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});
