import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { slackMessage } from '../../../src/adapters/notifier/webhook/slack.ts';
import { teamsCard } from '../../../src/adapters/notifier/webhook/teams.ts';
import { renderBoard } from '../../../src/cli/render/board.ts';
import { renderStatus } from '../../../src/cli/render/status.ts';
import { formatTime } from '../../../src/cli/render/time.ts';
import { renderEvent } from '../../../src/cli/render/watch-line.ts';
import { plain } from '../../../src/cli/terminal.ts';
import type { ReleaseView } from '../../../src/client/index.ts';
import { eventsBetween } from '../../../src/client/watch-events.ts';
import { WAIT_KINDS, waitLine, waitParts } from '../../../src/domain/waiting.ts';
import { readAssets } from '../../../src/web/assets.ts';
import { boardPage } from '../../../src/web/pages/board.ts';
import { environmentPage } from '../../../src/web/pages/environment.ts';
import { momentText } from '../../../src/web/pages/moment.ts';
import { type Page, renderPage } from '../../../src/web/pages/page.ts';
import { questionPage } from '../../../src/web/pages/question.ts';
import { releasePage } from '../../../src/web/pages/release.ts';
import { promotionDetails, releaseDetails } from '../../../workflows/steps/details.ts';
import { anEvent } from '../../support/events.ts';
import { PLAN, aPromotion, aRelease, aView } from '../client/views.ts';
import { EXPECTED, SINCE, UNTIL, WAITS, type Waits } from './waits.ts';

const NOW = new Date('2026-11-23T12:00:00.000Z');

const assets = readAssets();

interface Surface {
  /** A moment as this surface writes it. */
  readonly written: (iso: string) => string;
  readonly shows: (waits: Waits) => string;
}

const iso = (text: string): string => text;

function viewOf({ phase, waiting }: Waits): ReleaseView {
  return aView({ promotions: [aPromotion({ phase, waiting, planDigest: PLAN })] });
}

function placesOf({ waitingFor, waiting }: Waits) {
  const entering = [{ version: '1.0.0', waitingFor, since: SINCE, waiting }];
  return [{ service: 'iam', environment: 'dev', entering }];
}

/** As a browser shows it, and a reader of the source does not. */
function readable(page: Page | undefined): string {
  assert.ok(page !== undefined);
  return textOf(renderPage(page, assets, {}).text);
}

function textOf(markup: string): string {
  const bare = markup.replaceAll(/<[^>]*>/g, ' ').replaceAll('&quot;', '"');
  return bare.replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}

const NO_DESKS = { known: [], unanswered: [] };
const NOBODY = { restraining: { kind: 'none' } } as const;

const SURFACES: Readonly<Record<string, Surface>> = {
  'sluice status': { written: formatTime, shows: (waits) => renderStatus(viewOf(waits), plain) },
  'sluice watch': {
    written: formatTime,
    shows: (waits) =>
      eventsBetween(undefined, { at: SINCE, view: viewOf(waits) })
        .filter(({ kind }) => kind === 'waiting')
        .map((event) => renderEvent(event, plain))
        .join('\n'),
  },
  'sluice board': { written: formatTime, shows: (waits) => renderBoard(placesOf(waits), plain) },
  "Temporal's own screen": {
    written: iso,
    shows: ({ phase, waiting }) => promotionDetails(aPromotion({ phase, waiting })),
  },
  'the page of a release': {
    written: momentText,
    shows: (waits) => readable(releasePage(viewOf(waits), () => undefined)),
  },
  'the board in a browser': {
    written: momentText,
    shows: (waits) => readable(boardPage(placesOf(waits), NO_DESKS, NOW)),
  },
  'the page of an environment': {
    written: momentText,
    shows: (waits) => readable(environmentPage('dev', placesOf(waits), NO_DESKS, NOBODY, NOW)),
  },
  Slack: {
    written: iso,
    shows: ({ waiting }) => JSON.stringify(slackMessage(anEvent({ waiting }))).replaceAll('\\"', '"'),
  },
  Teams: {
    written: iso,
    shows: ({ waiting }) => JSON.stringify(teamsCard(anEvent({ waiting }))).replaceAll(/\\+/g, ''),
  },
};

/** Everything that issue and reader want to know. */
function wanted({ waiting }: Waits, written: Surface['written']): readonly string[] {
  const { reason, for: whom, since, until, then, expectedAt, answer } = waiting;
  const moments = [since, until, expectedAt].filter((one) => one !== undefined).map(written);
  return [reason, whom, ...moments, ...(then === undefined ? [] : [then]), ...answer];
}

describe('when something waits', () => {
  test('it is for one of the kinds that are looked at here, and for no other', () => {
    const kinds = new Set(Object.values(WAITS).map((one) => one.waitingFor));
    assert.deepEqual([...kinds].toSorted(), WAIT_KINDS.toSorted());
  });

  for (const [surface, { shows, written }] of Object.entries(SURFACES)) {
    test(`${surface} says of every kind why, for whom, since, until, what then, and which command answers`, () => {
      for (const [kind, waits] of Object.entries(WAITS)) {
        const text = flat(shows(waits));
        for (const part of wanted(waits, written)) assert.ok(text.includes(flat(part)), `${kind}: ${part} in ${text}`);
      }
    });
  }

  test('the page that asks a question says it as well', () => {
    const given = { planDigest: PLAN, required: 2, excluded: [], given: [], open: true };
    for (const kind of ['approval', 'gate'] as const) {
      const waits = WAITS[kind] ?? assert.fail();
      const [promotion] = viewOf(waits).promotions;
      assert.ok(promotion !== undefined);
      const asked = kind === 'gate' ? promotion : { ...promotion, approval: given };
      const text = flat(readable(questionPage(aView({ promotions: [asked] }), 'dev', { kind: 'none' })));
      for (const part of wanted(waits, momentText)) assert.ok(text.includes(flat(part)), `${kind}: ${part} in ${text}`);
    }
  });

  test('a wait of the release itself is told by status, watch, page and Temporal in the same words', () => {
    const { waiting, ...waits } = WAITS['pause'] ?? assert.fail();
    const release = aRelease({ phase: 'paused', waiting });
    const view = aView({ release, promotions: [] });
    const all = { waiting, ...waits };
    const told = eventsBetween(undefined, { at: SINCE, view }).map((event) => renderEvent(event, plain));
    for (const [text, written] of [
      [renderStatus(view, plain), formatTime],
      [told.join('\n'), formatTime],
      [readable(releasePage(view, () => undefined)), momentText],
      [releaseDetails(release), iso],
    ] as const) {
      for (const part of wanted(all, written)) assert.ok(flat(text).includes(flat(part)), `${part} in ${text}`);
    }
  });

  test("the release's own details point to the promotion under way, which knows", () => {
    const text = releaseDetails(aRelease());
    assert.match(text, /\| dev \| running; .*`promotion\/iam\/1\.0\.0\/dev`, or `sluice status iam 1\.0\.0` \|/);
    assert.match(text, /\| production \| pending \|/);
  });

  test('the sentence names its parts in one order, and leaves out what nobody has said', () => {
    const { turn, 'turn that a hold keeps': held } = WAITS;
    assert.ok(turn !== undefined && held !== undefined);
    const { reason, for: whom } = turn.waiting;
    assert.equal(
      waitLine(turn.waiting),
      `${reason}; for ${whom}, since ${SINCE}, expected ${EXPECTED}, until ${UNTIL}, then: it is refused as too late`,
    );
    assert.deepEqual(
      waitParts(held.waiting).map(({ label, isMoment }) => [label, isMoment]),
      [
        ['For', false],
        ['Since', true],
      ],
    );
  });
});

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
