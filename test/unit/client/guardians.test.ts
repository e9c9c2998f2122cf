import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BoardPlace, GuardianView } from '../../../src/client/index.ts';
import { withDrifts } from '../../../src/client/guardians.ts';
import { renderBoard } from '../../../src/cli/render/board.ts';
import { renderCheck, renderGuardians } from '../../../src/cli/render/guardian.ts';
import { plain } from '../../../src/cli/terminal.ts';
import { boardPage } from '../../../src/web/pages/board.ts';
import { environmentPage } from '../../../src/web/pages/environment.ts';
import { AT } from './views.ts';

const PLACE: BoardPlace = { service: 'iam', environment: 'production', entering: [] };
const GUARDED = { version: '1.0.0', digest: 'sha256:a', since: AT, workflowId: 'promotion/iam', requestedBy: 'ada' };
const DRIFTED: GuardianView = {
  ...{ service: 'iam', environment: 'production', guarded: GUARDED, lookedAt: AT },
  reaction: { kind: 'hold', at: AT },
  findings: [
    {
      ...{ about: 'locks', what: 'tag 1.0.0', code: 'image-unlocked', since: AT },
      ...{ message: 'tag 1.0.0 is not locked any more', remedy: 'lock it again' },
    },
  ],
};
const NOW = new Date('2026-11-30T12:00:00Z');

describe('the board with what guardians have found', () => {
  test('says it where it is, and leaves every other place as it was', () => {
    const other = { ...PLACE, service: 'shop' };
    assert.deepEqual(withDrifts([PLACE, other], [DRIFTED]), [{ ...PLACE, drift: DRIFTED }, other]);
  });

  test('has a place also for what runs where it remembers no promotion', () => {
    assert.deepEqual(withDrifts([], [DRIFTED]), [{ ...PLACE, drift: DRIFTED }]);
  });

  test('says so in a terminal: beside the version, and what and what to do under the table', () => {
    const text = renderBoard([{ ...PLACE, drift: DRIFTED }], plain);
    assert.match(text, /iam +production +\(drifted\)/);
    assert.match(text, /iam 1\.0\.0 in production drifted since/);
    assert.match(text, /locks tag 1\.0\.0: tag 1\.0\.0 is not locked any more \(docs\/errors\.md#image-unlocked\)/);
    assert.match(text, /do +lock it again/);
    assert.match(text, /done about it: hold at/);
  });

  test('says so on the board in a browser and on the page of the environment', () => {
    const places = [{ ...PLACE, drift: DRIFTED }];
    const desks = { known: [], unanswered: [] };
    const environment = environmentPage('production', places, desks, { restraining: { kind: 'none' } }, NOW);
    for (const page of [boardPage(places, desks, NOW), environment]) {
      assert.match(page.main.text, /drifted for/);
      assert.match(page.main.text, /tag 1\.0\.0 is not locked any more/);
      assert.match(page.main.text, /lock it again/);
    }
    assert.doesNotMatch(boardPage([PLACE], { known: [], unanswered: [] }, NOW).main.text, /drifted/);
  });
});

describe('the list of guardians', () => {
  test('says what each looks after, how that is, and when it looked', () => {
    const fine: GuardianView = { ...DRIFTED, service: 'shop', findings: [] };
    const [head, ...rows] = renderGuardians([DRIFTED, fine], plain).split('\n');
    assert.match(head ?? '', /^environment +service +version +state +looked +looks next$/);
    assert.match(rows[0] ?? '', /^production +iam +1\.0\.0 +1 found +2026-/);
    assert.match(rows[1] ?? '', /^production +shop +1\.0\.0 +as it was left +2026-/);
  });

  test('says how one comes to be where there is none', () =>
    assert.match(renderGuardians([], plain), /^no guardian: /));

  test('that has just been asked says what was seen, with what to do', () => {
    const status = { format: 1, kind: 'guardian', environment: 'production', service: 'iam', findings: [] } as const;
    const { findings: seen } = DRIFTED;
    assert.match(renderCheck({ message: 'not as it was', status, seen }, plain), /^not as it was\n {2}✗ locks tag/);
    assert.equal(renderCheck({ message: 'as it was', status, seen: [] }, plain), 'as it was');
  });
});
