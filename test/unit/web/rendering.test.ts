import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { WAIT_KINDS } from '../../../src/domain/waiting.ts';
import { html } from '../../../src/web/html.ts';
import { temporalLink } from '../../../src/web/links.ts';
import { boardPage, environmentsOf } from '../../../src/web/pages/board.ts';
import { environmentPage } from '../../../src/web/pages/environment.ts';
import type { Page } from '../../../src/web/pages/page.ts';
import { releasePage } from '../../../src/web/pages/release.ts';
import { releasesPage } from '../../../src/web/pages/releases.ts';
import { troublePage } from '../../../src/web/pages/trouble.ts';
import { AT, aRelease, aView } from '../client/views.ts';
import {
  HOSTILE,
  NOW,
  noLink,
  poisoned,
  attention,
  full,
  places,
  listed,
  asked,
  EVERYBODY,
  aQuestion,
  desks,
  boardPlaces,
  speaker,
  textOf,
} from './drawn.ts';

describe('when a page is drawn', () => {
  const pages: readonly (readonly [string, Page])[] = [
    ['board', boardPage(boardPlaces, desks, NOW)],
    ['environment', environmentPage('test', places, desks, speaker, NOW)],
    ['releases', releasesPage({}, { releases: [listed], next: 'abc' })],
    ['release', releasePage(full, temporalLink('https://temporal.example.test/', 'default'))],
    ['question', aQuestion()],
    ['question to anybody', aQuestion(asked, { kind: 'unproven' })],
    ['question that is over', aQuestion(aView())],
    ['trouble', troublePage({ title: 'No', message: 'away', since: AT, remedy: 'start it', code: 'x' })],
  ];
  for (const [name, page] of pages) {
    test(`the ${name} has one h1, landmarks, a language, a way past the navigation, and nothing inline`, () => {
      const text = textOf(page);
      assert.equal([...text.matchAll(/<h1>/g)].length, 1);
      for (const part of ['<html lang="en">', '<main id="main"', '<nav aria-label', 'href="#main"', '<title>']) {
        assert.ok(text.includes(part), part);
      }
      assert.doesNotMatch(text, / style="|<style|<script(?![^>]* src=)| on[a-z]+="/);
      assert.doesNotMatch(text, /(?:src|href)="https?:\/\/(?!temporal\.example\.test)/);
      const ids = [...text.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
      assert.equal(new Set(ids).size, ids.length, 'every id is used once');
    });
  }

  test('text from elsewhere stays text, wherever it stands', () => {
    const hostile = [
      boardPage(poisoned(boardPlaces), poisoned(desks), NOW),
      environmentPage(HOSTILE, poisoned(places), poisoned(desks), speaker, NOW),
      releasesPage(
        { service: HOSTILE, environment: HOSTILE, waiting: HOSTILE, after: HOSTILE },
        { releases: [poisoned(listed)], next: HOSTILE },
      ),
      releasePage(poisoned(full), (id) => `https://temporal.example.test/${encodeURIComponent(id)}`),
      releasePage(
        poisoned(aView({ release: aRelease({ outcome: { kind: 'refused', reason: '', refusal: attention } }) })),
        noLink,
      ),
      aQuestion(poisoned(asked), EVERYBODY, HOSTILE),
      troublePage(poisoned({ title: '', message: '', code: '', expected: '', remedy: '', since: '' })),
    ];
    for (const page of hostile) {
      const text = textOf(page);
      assert.doesNotMatch(text, /<img|<script>|onclick='/);
      assert.ok(!text.includes('\u202e'), 'no character turns the direction of writing');
      const open = [...text.matchAll(/<[a-z][^>]*>/g)]
        .map(([tag]) => tag)
        .filter((tag) => /onerror|alert/.test(tag.replace(/"[^"]*"/g, '')));
      assert.deepEqual(open, []);
    }
  });

  test('only what the template made is taken for HTML, not what looks like it', () => {
    const fake = JSON.parse('{"text":"<b>"}') as string;
    assert.equal(
      html`<i>${fake}</i>${html`<b></b>`}${undefined}${false}${['<', 1]}`.text,
      '<i>[object Object]</i><b></b>&lt;1',
    );
  });
});

describe('when more is under way than a page can show', () => {
  test('the board says how many it leaves out, and where they are', () => {
    const text = textOf(boardPage(boardPlaces, desks, NOW, 9_000)).replace(/\s+/g, ' ');
    assert.match(text, /9000 older changes that are under way are not on this page: .*\/releases\?waiting=any/);
    assert.doesNotMatch(textOf(boardPage(boardPlaces, desks, NOW)), /not on this page/);
  });
});

describe('when releases are looked for by what they wait for', () => {
  test('whatever the engine waits for can be chosen, and stands there when it is', () => {
    for (const waiting of [...WAIT_KINDS, true] as const) {
      const text = textOf(releasesPage({ waiting }, { releases: [] }));
      const kind = waiting === true ? 'any' : waiting;
      assert.match(text, new RegExp(`<option value="${kind}"\\s+selected>${kind}</option>`));
    }
  });
});

describe('when releases are looked for by where they are', () => {
  test('the list is of the promotions into that environment, and says when those have started and ended', () => {
    const listed = { service: 'iam', version: '1.0.0', running: true, startedAt: AT };
    assert.match(textOf(releasesPage({}, { releases: [listed] })), />Started<[^]*>Ended</);
    const there = textOf(releasesPage({ environment: 'dev' }, { releases: [listed] }));
    assert.match(there, />Started there<[^]*>Ended there</);
  });
});

test('environments stand in the order of the path, not of the alphabet', () => {
  assert.deepEqual(environmentsOf(places), ['test', 'prod-eu']);
});

describe('when colours are measured', () => {
  const css = readFileSync(new URL('../../../src/web/assets/style.css', import.meta.url), 'utf8');
  const [light = '', dark = ''] = [...css.matchAll(/:root \{([^}]*)\}/g)].map((match) => match[1]);
  for (const [name, block] of [
    ['light', light],
    ['dark', dark],
  ] as const) {
    test(`every ${name} colour of text has a contrast of at least 4.5 on paper and on panels`, () => {
      const colours = Object.fromEntries(
        [...block.matchAll(/--([a-z]+): (#[0-9a-f]{6})/g)].map(([, key, value]) => [key, value]),
      );
      for (const ink of ['ink', 'muted', 'link', 'good', 'bad', 'warn', 'busy']) {
        for (const ground of ['paper', 'panel']) {
          const ratio = contrast(colours[ink] ?? '', colours[ground] ?? '');
          assert.ok(ratio >= 4.5, `${ink} on ${ground}: ${ratio.toFixed(2)}`);
        }
      }
    });
  }
});

/** WCAG 2.2, relative luminance. */
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [a, b].map(luminance).toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
