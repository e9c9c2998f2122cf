/** A roll-back on the pages: it belongs to no journey, and people have to find and answer it all the same. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BoardPlace, ListedRelease, ReleaseView, RollbackRun } from '../../../src/client/index.ts';
import { neverOpened } from '../../../src/client/desks.ts';
import type { EnvironmentStatus } from '../../../src/contract/environment-workflow.ts';
import { NO_TURNS } from '../../../src/domain/turns.ts';
import type { Answering } from '../../../src/web/answering/answering.ts';
import { readAssets } from '../../../src/web/assets.ts';
import { temporalLink } from '../../../src/web/links.ts';
import { boardPage } from '../../../src/web/pages/board.ts';
import { environmentPage } from '../../../src/web/pages/environment.ts';
import { type Page, renderPage } from '../../../src/web/pages/page.ts';
import { questionPage } from '../../../src/web/pages/question.ts';
import { releasePage } from '../../../src/web/pages/release.ts';
import { releasesPage } from '../../../src/web/pages/releases.ts';
import { aPromotion, aRelease, AT, aView, PLAN } from '../client/views.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const KEYS: Answering = { kind: 'proven', keys: 'offered' };
const HREF = 'href="/releases/iam/1.0.0/dev/answer"';

const finished = { kind: 'released', reason: 'dev runs it' } as const;
const own = aPromotion({ phase: 'finished', outcome: finished });
const answer = ['sluice approve iam 1.0.0 --environment dev --plan x'];
const back: RollbackRun = {
  ...aPromotion({ phase: 'waiting-for-approval', requestedBy: 'grace', rollback: { reason: 'sessions are lost' } }),
  planDigest: PLAN,
  approval: { planDigest: PLAN, required: 1, excluded: [], given: [], open: true },
  waiting: { reason: 'dev wants 1 yes', for: 'release-managers', since: AT, answer },
  runId: 'later',
};
const legs = [
  { environment: 'dev', workflowId: 'promotion/iam/1.0.0/dev', state: 'finished', outcome: finished },
] as const;
const release = aRelease({ legs, phase: 'finished', outcome: finished });

function viewWith(...rollbacks: readonly RollbackRun[]): ReleaseView {
  return aView({ release, promotions: [own], ...(rollbacks.length === 0 ? {} : { rollbacks }) });
}

const assets = readAssets();
const textOf = (page: Page | undefined): string => {
  assert.ok(page !== undefined);
  return renderPage(page, assets, {}).text;
};

describe('a roll-back that waits for people', () => {
  test('stands on the journey of its version, which is followed again while it is under way', () => {
    const text = textOf(releasePage(viewWith(back), temporalLink(undefined, 'default')));
    for (const part of [
      'Brought back to dev',
      'sessions are lost',
      'dev wants 1 yes',
      answer[0] ?? '',
      HREF,
      'data-events=',
    ])
      assert.ok(text.includes(part), part);
    const ended = { ...back, outcome: { kind: 'refused', reason: 'rejected by ada' } } as const;
    const { waiting: _, approval: __, ...over } = ended;
    const after = textOf(releasePage(viewWith(over), temporalLink(undefined, 'default')));
    assert.ok(after.includes('rejected by ada') && !after.includes('data-events='), after);
  });

  test('is asked about on the page of its question, where the finished promotion of the release was', () => {
    const text = textOf(questionPage(viewWith(back), 'dev', KEYS));
    for (const part of [
      'A roll-back: dev goes back to 1.0.0, for grace: sessions are lost',
      'Your answer to plan',
      answer[0] ?? '',
    ])
      assert.ok(text.includes(part), part);
    assert.ok(textOf(questionPage(viewWith(), 'dev', KEYS)).includes('Nobody is asked here'));
  });

  test('is offered no stop to pass: it passes stops anyway', () => {
    const { waiting: _, approval: __, ...turn } = { ...back, phase: 'waiting-for-turn' as const };
    const restraints = [{ kind: 'stop', by: 'grace', reason: 'errors', since: AT, environment: 'dev' }] as const;
    const text = textOf(questionPage({ ...viewWith(turn), restraints }, 'dev', KEYS));
    assert.ok(!text.includes('Let it pass'), text);
  });

  test('is marked in the list, on the board and on the page of its environment, with the way to its question', () => {
    const listed: ListedRelease = {
      ...{ service: 'iam', version: '1.0.0', environment: 'dev', waitingFor: 'approval', startedAt: AT },
      running: true,
      rollback: true,
    };
    const entering = [{ version: '1.0.0', waitingFor: 'approval', since: AT, rollback: true }] as const;
    const places: readonly BoardPlace[] = [{ service: 'iam', environment: 'dev', position: 0, entering }];
    const desks = { known: [], unanswered: [] };
    const speaker = { restraining: { kind: 'none' } } as const;
    const pages = [
      releasesPage({}, { releases: [listed] }),
      boardPage(places, desks, NOW),
      environmentPage('dev', places, desks, speaker, NOW),
    ];
    for (const page of pages) {
      const text = textOf(page);
      assert.ok(text.includes('roll-back') && text.includes(HREF), page.title);
    }
  });

  test('that came to nothing leads nowhere from the list', () => {
    const common = { service: 'iam', environment: 'dev', outcome: 'refused', startedAt: AT, running: false } as const;
    const text = textOf(releasesPage({}, { releases: [{ ...common, rollback: true }] }));
    assert.match(text, /roll-back/);
    assert.doesNotMatch(text, /href="\/releases\/iam/);
  });

  test('whose turn it is leads to its question, not to a release that may be forgotten', () => {
    const turn = { service: 'iam', workflowId: 'promotion/iam/1.0.0/dev', runId: 'later', askedAt: AT, passes: [] };
    const asked = { ...turn, policy: 'queue', priority: 'normal' } as const;
    const desk: EnvironmentStatus = {
      ...neverOpened('dev'),
      turns: {
        ...NO_TURNS,
        held: [{ ...asked, version: '1.0.0', fence: 1, since: AT }],
        queue: [{ ...asked, version: '2.0.0' }],
      },
    };
    const entering = [
      { version: '1.0.0', since: AT, rollback: true },
      { version: '2.0.0', since: AT },
    ] as const;
    const places = [{ service: 'iam', environment: 'dev', entering }];
    const speaker = { restraining: { kind: 'none' } } as const;
    const text = textOf(environmentPage('dev', places, { known: [desk], unanswered: [] }, speaker, NOW));
    const [, turns = ''] = text.split('Whose turn it is in dev');
    assert.ok(turns.includes(`<a ${HREF}>1.0.0</a>`), turns);
    assert.ok(turns.includes('<a href="/releases/iam/2.0.0#leg-dev">2.0.0</a>'), turns);
  });
});
