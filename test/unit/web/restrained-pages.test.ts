import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { boardPage } from '../../../src/web/pages/board.ts';
import { environmentPage } from '../../../src/web/pages/environment.ts';
import type { Page } from '../../../src/web/pages/page.ts';
import { renderJourney } from '../../../src/web/pages/release.ts';
import { AT, aView } from '../client/views.ts';
import { NOW, noLink, places, stop, hold, desks, boardPlaces, speaker, textOf } from './drawn.ts';

describe('when something is stopped or held', () => {
  const flat = (page: Page): string => textOf(page).replace(/\s+/g, ' ');
  const SAID = 'stop: grace stopped every service: errors (incident INC-1), until 2026-11-23 08:00:00 UTC';

  test('the board says who, why and until when, who changes what, and who is the next', () => {
    const text = flat(boardPage(boardPlaces, desks, NOW));
    assert.ok(text.includes(SAID));
    assert.ok(text.includes('hold: linus holds iam: rolled back, until it is lifted'));
    assert.match(text, /<span aria-hidden="true">‖<\/span> stopped[\s\S]*held[\s\S]*1\.2\.0[\s\S]*changes it now/);
    assert.match(text, /No worker answers for prod-eu/);
  });

  test('the environment says what its desk has not read yet, and what was stopped or held before and how it ended', () => {
    const desk = desks.known[0];
    assert.ok(desk);
    const unread = { code: 'worker-missing', why: 'nobody answers' } as const;
    const past = [{ ...hold, end: { how: 'lifted', at: AT, by: 'ada', reason: 'repaired' } }] as const;
    const opened = { known: [{ ...desk, restraints: [], unread, past }], unanswered: [] };
    const text = flat(environmentPage('test', places, opened, speaker, NOW));
    assert.match(text, /Not known yet: test has not read yet what it remembers .*: nobody answers/);
    assert.doesNotMatch(text, /Nothing is stopped or held/);
    assert.match(text, /Stopped or held before[\s\S]*lifted by ada at .*: repaired/);
    assert.match(flat(boardPage(places, opened, NOW)), /Not known yet: test/);
  });

  test('the environment says it as well, with everybody who waits in the order in which they come', () => {
    const text = flat(environmentPage('test', places, desks, speaker, NOW));
    assert.ok(text.includes(SAID));
    assert.match(
      text,
      /changes it now[\s\S]*1\.2\.0[\s\S]*number 1, a hot-fix[\s\S]*1\.4\.0[\s\S]*number 2[\s\S]*1\.3\.0/,
    );
    assert.match(text, /value="thaw" data-service=""[\s\S]*Thaw the stop: grace[\s\S]*value="lift" data-service="iam"/);
    assert.match(text, /sluice thaw --environment test --reason[\s\S]*sluice hold lift iam --environment test/);
  });

  test('without a worker both are drawn, and say what they do not know', () => {
    const nobody = { known: [], unanswered: ['test'] };
    for (const page of [boardPage(places, nobody, NOW), environmentPage('test', places, nobody, speaker, NOW)]) {
      assert.match(flat(page), /No worker answers for test: stops, holds/);
    }
  });

  test('a journey names what is in its way, where it is in its way', () => {
    const view = aView({ restraints: [{ ...stop, environment: 'production' }] });
    assert.match(
      renderJourney(view, noLink).text,
      /id="leg-production"[\s\S]*stop: grace stopped every service: errors/,
    );
  });
});

describe('when the board says how well something is', () => {
  const [place] = places;
  const running = place?.running ?? assert.fail();
  const drawn = (health: Partial<typeof running>): readonly string[] => {
    const shown = [{ service: 'iam', environment: 'test', running: { ...running, ...health }, entering: [] }];
    const both = [boardPage(shown, desks, NOW), environmentPage('test', shown, desks, speaker, NOW)];
    return both.map((page) => textOf(page).replace(/\s+/g, ' '));
  };
  const by = 'promotion/iam/1.0.0/test';

  test('it says when and by what that was seen last, and that nobody has looked since', () => {
    for (const text of drawn({ health: { state: 'well', at: '2026-11-23T09:00:00Z', by, said: 'answered 200' } })) {
      assert.match(text, /title="promotion\/iam\/1\.0\.0\/test: answered 200"[^>]*>.*well <time[^>]*>3 h<\/time> ago/);
      assert.match(text, /nobody has looked since/);
    }
  });

  test('what nobody has looked at, or nobody has said, is not called well', () => {
    for (const text of drawn({ health: { state: 'not-looked-at', by, said: 'iam has no health address' } })) {
      assert.match(text, /health was not looked at/);
      assert.doesNotMatch(text, />\s*well/);
    }
    for (const text of drawn({})) {
      assert.match(text, /health: no worker has answered/);
      assert.doesNotMatch(text, />\s*well/);
    }
  });
});
