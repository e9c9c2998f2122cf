import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isVersion } from '../../../src/domain/names.ts';
import { compareVersions } from '../../../src/domain/version-order.ts';
import { calendarVersion } from '../../../src/versions/calendar.ts';
import { lineOf, RELEASE_LINES } from '../../../src/versions/line.ts';
import { commitName, historyOf } from './histories.ts';

const MAIN = { name: 'main' };
const at = (said: string, moment: string) => ({ said, at: moment });

describe('when a version follows from the calendar', () => {
  test('it counts the commits of the month in UTC, whatever zone they were made in', () => {
    const history = historyOf([
      at('a', '2026-10-31T23:59:59Z'),
      at('b', '2026-11-01T01:00:00+02:00'),
      at('c', '2026-10-31T20:00:00-04:00'),
      at('d', '2026-11-30T23:59:59Z'),
    ]);
    // b was made on the 31st of October in UTC, c on the 1st of November
    assert.equal(calendarVersion(history, MAIN), `2026.11.2-${commitName('d').slice(0, 12)}`);
  });

  test('what a merge brought is not counted: the line of the branch is', () => {
    const history = historyOf([
      'a',
      { said: 'side', after: ['a'] },
      { said: 'side 2', after: ['side'] },
      { said: 'Merge', after: ['a', 'side 2'] },
    ]);
    assert.equal(calendarVersion(history, MAIN), `2026.11.2-${commitName('Merge').slice(0, 12)}`);
  });

  test('a branch has its name before the commit', () => {
    const line = { name: 'feature/login', label: 'feature-login', because: 'x' };
    assert.equal(calendarVersion(historyOf(['a']), line), `2026.11.1-feature-login-${commitName('a').slice(0, 12)}`);
  });

  test('whatever the branch is called, it is a tag and a label, and each commit has its own, newer on its line', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
    // times of a line do not run backwards from month to month
    const gaps = fc.array(fc.integer({ min: 0, max: 40 * 86_400 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(name, gaps, (ref, steps) => {
        const facts = { pullRequest: false, fork: false, releaseLines: RELEASE_LINES, isVersionTag: () => true };
        const line = lineOf({ ...facts, ref });
        let time = Date.UTC(2026, 0, 15);
        const told = steps.map((gap, index) => {
          time += gap * 1_000;
          return at(`commit ${index}`, new Date(time).toISOString());
        });
        const versions = told.map((_, index) => calendarVersion(historyOf(told.slice(0, index + 1)), line));
        for (const [index, version] of versions.entries()) {
          assert.ok(isVersion(version) && version.length <= 63, version);
          assert.match(version, /^[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]$/);
          if (index > 0) assert.equal(compareVersions(version, versions[index - 1] ?? ''), 'newer');
        }
        assert.equal(new Set(versions).size, told.length);
      }),
      { numRuns: 60 },
    );
  });
});
