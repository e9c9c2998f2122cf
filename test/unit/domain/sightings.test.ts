import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MOST_SEEN, seenFirst, type Sightings, withSighting } from '../../../src/domain/sightings.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const at = (ms: number): string => new Date(NOW + ms).toISOString();
const HOUR = 3_600_000;

function seen(...all: readonly (readonly [digest: string, atMs: number, endsMs?: number])[]): Sightings {
  const list = all.map(([digest, atMs, endsMs = 24 * HOUR]) => ({ digest, at: at(atMs), expiresAt: at(endsMs) }));
  return { format: 1, seen: list };
}

const digests = (known: Sightings | undefined) => known?.seen.map((one) => one.digest);

describe('when an environment saw an answer', () => {
  test('nothing is known at first', () => assert.equal(seenFirst(undefined, 'a'), undefined));

  test('the first time counts, however often it comes', () => {
    const [one] = seen(['a', 0]).seen;
    const known = withSighting(undefined, one as never, NOW);
    assert.deepEqual(seenFirst(known, 'a'), new Date(NOW));
    const [again] = seen(['a', HOUR]).seen;
    assert.equal(withSighting(known, again as never, NOW + HOUR), undefined);
  });

  test('what has ended by itself is forgotten, an hour later for other clocks', () => {
    const known = seen(['over', -9 * HOUR, -HOUR - 1], ['just over', -8 * HOUR, -HOUR + 1], ['good', -7 * HOUR]);
    const [fresh] = seen(['fresh', 0]).seen;
    assert.deepEqual(digests(withSighting(known, fresh as never, NOW)), ['just over', 'good', 'fresh']);
  });

  test('of too many the ones that came first are forgotten', () => {
    const many = seen(...Array.from({ length: MOST_SEEN }, (_, index) => [`${index}`, index] as const));
    const [fresh] = seen(['fresh', HOUR]).seen;
    const known = withSighting(many, fresh as never, NOW);
    assert.equal(known?.seen.length, MOST_SEEN);
    assert.deepEqual([seenFirst(known, '0'), seenFirst(known, '1')], [undefined, new Date(NOW + 1)]);
  });
});
