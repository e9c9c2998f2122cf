import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderBoard } from '../../../src/cli/render/board.ts';
import { renderEnvironment } from '../../../src/cli/render/environment.ts';
import { renderList } from '../../../src/cli/render/list.ts';
import { renderError } from '../../../src/cli/render/error.ts';
import { renderEvent } from '../../../src/cli/render/watch-line.ts';
import { renderStatus } from '../../../src/cli/render/status.ts';
import { formatTime, withTimes } from '../../../src/cli/render/time.ts';
import type { PromotionPhase } from '../../../src/contract/status.ts';
import { NO_TURNS } from '../../../src/domain/turns.ts';
import { plain, tame } from '../../../src/cli/terminal.ts';
import { AT, DIGEST, PLAN, aPromotion, aRelease, aStep, aView } from '../client/views.ts';

const time = formatTime(AT);

describe('when a status is shown to people', () => {
  test('it says where the release is, why it waits, until when, and what to type', () => {
    const waiting = {
      reason: 'needs 1 approval',
      for: 'release-managers',
      since: AT,
      until: AT,
      then: 'refused',
      answer: ['sluice approve iam 1.0.0'],
    };
    const promotion = aPromotion({
      phase: 'waiting-for-approval',
      steps: [
        aStep('verify-source', 'done', {
          startedAt: AT,
          endedAt: '2026-11-23T08:00:00.250Z',
          summary: 'signed by the build',
        }),
        aStep('approval', 'running'),
      ],
      waiting,
      planDigest: PLAN,
      undoPlan: ['remove the copy'],
    });
    assert.deepEqual(renderStatus(aView({ promotions: [promotion] }), plain).split('\n'), [
      'iam 1.0.0  promoting',
      `  image      iam@${DIGEST}`,
      `  manifests  ${PLAN}`,
      `  started    ${time} by pipeline`,
      '',
      'dev  waiting-for-approval',
      '  ✓ verify-source      signed by the build  0.3 s',
      '  ▸ approval           do approval',
      `    waits  needs 1 approval; for release-managers, since ${time}, until ${time}, then: refused`,
      '    sluice approve iam 1.0.0',
      '    undo   remove the copy',
      '',
      'production  not begun',
    ]);
  });

  test('whoever is asked sees what changes in the manifests, and nobody else has to', () => {
    const changes = { against: '0.9.0', objects: [], same: 3, more: 0 };
    const text = (phase: PromotionPhase): string =>
      renderStatus(aView({ promotions: [aPromotion({ phase, changes })] }), plain);
    assert.match(text('waiting-for-approval'), /\n {4}manifests against 0\.9\.0: nothing changes\n/);
    assert.doesNotMatch(text('working'), /manifests against/);
  });

  test('what needs attention says expected, got and what to do', () => {
    const attention = {
      step: 'lock-image' as const,
      since: AT,
      code: 'registry-forbidden' as const,
      message: 'may not lock',
      expected: 'AcrPush',
      got: 'AcrPull',
      remedy: 'assign the role, then sluice retry',
    };
    const text = renderStatus(aView({ promotions: [aPromotion({ phase: 'needs-attention', attention })] }), plain);
    assert.match(
      text,
      /needs attention: may not lock \(registry-forbidden\)\n {6}expected {2}AcrPush\n {6}got {7}AcrPull\n {6}do {8}assign/,
    );
  });

  test('what was refused says so as well, once, with its code: there is nothing else to look it up by', () => {
    const refusal = { code: 'signature-missing', message: 'unsigned', got: 'none', remedy: 'sign the image' } as const;
    const outcome = { kind: 'refused', reason: 'unsigned', refusal } as const;
    const release = aRelease({ outcome, phase: 'finished' });
    const told =
      /\n {4}signature-missing\n {6}got {7}none\n {6}do {8}sign the image\n {6}docs\/errors\.md#signature-missing\n/;
    for (const promotions of [[], [aPromotion({ phase: 'finished', outcome })]]) {
      const text = renderStatus(aView({ release, promotions }), plain);
      assert.match(text, told);
      assert.equal(text.match(/sign the image/g)?.length, 1);
    }
  });

  test('it says who has answered and how many are missing, and what is not as they were shown it', () => {
    const answer = { approver: 'ada', decision: 'approve', planDigest: PLAN, at: AT } as const;
    const replacesNow = { what: 'what it replaces', was: '0.8.0', is: '0.9.0' };
    const approval = {
      planDigest: PLAN,
      required: 2,
      excluded: [],
      given: [answer],
      open: true,
      missing: 1,
      replacesNow,
    };
    const text = renderStatus(aView({ promotions: [aPromotion({ phase: 'waiting-for-approval', approval })] }), plain);
    assert.match(text, / {4}answers {2}ada: yes; 1 more needed\n/);
    assert.match(text, / {4}changed {2}it replaces 0\.9\.0 by now, and 0\.8\.0 when it was planned/);
  });

  test('retries stand under their environment', () => {
    const retrying = { environment: 'dev', activity: 'importImage', attempt: 4, since: AT, message: 'no route' };
    assert.match(
      renderStatus(aView({ retrying: [retrying] }), plain),
      /dev {2}working\n {4}retrying since .*, attempt 4: no route/,
    );
  });

  test('an outcome comes with its reason', () => {
    const outcome = { kind: 'refused', reason: 'unsigned' } as const;
    const text = renderStatus(aView({ release: aRelease({ outcome, phase: 'finished' }), promotions: [] }), plain);
    assert.match(text, /^iam 1\.0\.0 {2}refused: unsigned\n/);
  });
});

describe('when somebody else has worded a sentence', () => {
  test('its moments are written as all others, and what was typed stays as it was', () => {
    const at = '2026-11-30T16:07:43.551Z';
    assert.equal(withTimes(`it goes on at ${at} (dev)`), `it goes on at ${formatTime(at)} (dev)`);
    assert.equal(withTimes(`"${at}" is over`), `"${at}" is over`);
    assert.equal(withTimes('version 2026-11-30'), 'version 2026-11-30');
  });
});

describe('when lists are shown', () => {
  const row = {
    service: 'iam',
    version: '1.0.0',
    running: true,
    startedAt: AT,
    requestedBy: 'pipeline',
    waitingFor: 'approval',
  };

  test('columns are as wide as they must be', () => {
    const lines = renderList([row, { ...row, service: 'a-much-longer-name', outcome: 'released' }], plain).split('\n');
    assert.equal(lines.length, 3);
    const at = lines.map((line) => line.search(/version|1\.0\.0/));
    assert.equal(new Set(at).size, 1);
  });

  test('a roll-back that came to nothing has no version, and keeps its columns', () => {
    const { version: _, ...nothing } = row;
    const lines = renderList([row, { ...nothing, running: false, outcome: 'refused', rollback: true }], plain);
    const at = lines.split('\n').map((line) => line.search(/outcome|running|roll-back/));
    assert.equal(new Set(at).size, 1, lines);
  });

  test('what a line says when it is about a promotion is named so', () => {
    assert.match(renderList([row], plain), /waits for +started +by/);
    assert.match(renderList([row], plain, { started: 'started there' }), /waits for +started there +by/);
  });

  test('nothing is said in words', () => {
    assert.equal(renderList([], plain), 'no release');
    assert.equal(renderBoard([], plain), 'nothing has been released yet');
  });

  test('the board says what, since when, by whom and what comes', () => {
    const health = { state: 'well', at: AT, by: 'promotion/iam/1.0.0/production', said: 'answered 200' } as const;
    const running = {
      version: '1.0.0',
      digest: DIGEST,
      since: AT,
      requestedBy: 'pipeline',
      approvedBy: ['anna', 'ben'],
      health,
    };
    const entering = [{ version: '1.1.0', waitingFor: 'approval', since: AT }];
    const [head, row] = renderBoard([{ service: 'iam', environment: 'production', running, entering }], plain).split(
      '\n',
    );
    assert.match(head ?? '', / health, last seen /);
    assert.ok(row?.includes(`well ${time}  pipeline (yes: anna, ben)  1.1.0 (waits: approval)`), row);
  });

  test('the board says nothing of health that nobody has seen', () => {
    const running = { version: '1.0.0', since: AT, approvedBy: [] };
    const rows = (health: object): string =>
      renderBoard([{ service: 'iam', environment: 'dev', running: { ...running, ...health }, entering: [] }], plain);
    assert.doesNotMatch(rows({}), /well|not looked at/);
    const by = 'promotion/iam/1.0.0/dev';
    const skipped = { state: 'not-looked-at', by, said: 'iam has no health address' } as const;
    assert.match(rows({ health: skipped }), /not looked at/);
  });

  test('under the board stands why the first ones wait and what answers it, and where the others say it', () => {
    const waiting = { reason: 'wants 1 yes', for: 'release-managers', since: AT, answer: ['sluice approve iam 1.1.0'] };
    const entering = [
      { version: '1.1.0', waitingFor: 'approval', since: AT, waiting },
      { version: '1.2.0', waitingFor: 'turn', since: AT },
    ];
    const lines = renderBoard([{ service: 'iam', environment: 'dev', entering }], plain).split('\n');
    assert.deepEqual(lines.slice(2), [
      '',
      `iam 1.1.0 → dev waits  wants 1 yes; for release-managers, since ${time}`,
      '    sluice approve iam 1.1.0',
      '',
      'why 1 more waits: sluice status <service> <version>',
    ]);
  });

  test('the board begins with every stop and hold, and says of whom nobody could ask', () => {
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', incident: 'INC-1', since: AT } as const;
    const desk = { format: 1, kind: 'environment', environment: 'dev', running: {}, turns: NO_TURNS } as const;
    const desks = { known: [{ ...desk, restraints: [stop] }], unanswered: ['production'] };
    const lines = renderBoard([], plain, desks).split('\n');
    assert.deepEqual(lines, [
      'dev  stop: grace stopped every service: errors (incident INC-1), until it is lifted',
      'no worker answers for production: stops, holds and turns there are not known',
      'nothing has been released yet',
    ]);
  });

  test('the board says who changes a service now, and the place of who waits', () => {
    const entering = ['1.1.0', '1.2.0'].map((version) => ({ version, since: AT }));
    const turns = { changing: { version: '1.1.0', since: AT }, queue: [{ version: '1.2.0', since: AT }] };
    const text = renderBoard([{ service: 'iam', environment: 'dev', entering, ...turns }], plain);
    assert.match(text, /1\.1\.0 \(changing now\), 1\.2\.0 \(number 1\)$/);
  });

  test('the board says how many it leaves out', () => {
    const entering = [{ version: '1.1.0', since: AT }];
    const places = [{ service: 'iam', environment: 'dev', entering }];
    const said = '9000 older changes that are under way are not shown: name a service, or say --all';
    assert.equal(renderBoard(places, plain, { known: [], unanswered: [] }, 9_000).split('\n').at(-1), said);
    assert.doesNotMatch(renderBoard(places, plain), /not shown/);
  });

  test('an environment numbers who waits for each service by itself, hot-fixes first, as the status does', () => {
    const ask = { workflowId: 'w', policy: 'queue', priority: 'normal', passes: [] } as const;
    const queue = [
      { ...ask, service: 'iam', version: '1.1.0', runId: '1', askedAt: '2026-11-24T11:01:00Z' },
      { ...ask, service: 'billing', version: '7.0.0', runId: '2', askedAt: '2026-11-24T11:02:00Z' },
      { ...ask, service: 'iam', version: '1.2.0', runId: '3', askedAt: '2026-11-24T11:03:00Z', priority: 'hot-fix' },
    ] as const;
    const desk = { format: 1, kind: 'environment', environment: 'dev', running: {}, restraints: [] } as const;
    const text = renderEnvironment({ ...desk, turns: { fence: 1, held: [], queue } }, plain);
    const waiting = text.split('\n').filter((line) => line.startsWith('  waiting'));
    assert.deepEqual(
      waiting.map((line) => line.replace(/, since .*/, '')),
      [
        '  waiting for billing, number 1: 7.0.0',
        '  waiting for iam, number 1: 1.2.0, a hot-fix',
        '  waiting for iam, number 2: 1.1.0',
      ],
    );
  });

  test('an environment says what has not been read yet, and what was stopped or held before and how it ended', () => {
    const desk = { format: 1, kind: 'environment', environment: 'dev', running: {}, turns: NO_TURNS } as const;
    const unread = { code: 'cluster-forbidden', why: 'no right', services: ['iam'] } as const;
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', since: AT, until: AT } as const;
    const past = [
      { ...stop, end: { how: 'lifted', at: AT, by: 'ada', reason: 'it was the balancer' } },
      { ...stop, end: { how: 'by-itself', at: AT } },
    ] as const;
    const lines = renderEnvironment({ ...desk, restraints: [], unread, past }, plain).split('\n');
    assert.deepEqual(
      lines.filter((line) => /not known|before/.test(line)),
      [
        '  not known yet: dev has not read yet what it remembers of iam (stops, holds, who is inside): no right',
        `  before: stop: grace stopped every service: errors, from ${time}; lifted by ada at ${time}: it was the balancer`,
        `  before: stop: grace stopped every service: errors, from ${time}; ended by itself at ${time}`,
      ],
    );
    const board = renderBoard([], plain, { known: [{ ...desk, restraints: [], unread }], unanswered: [] });
    assert.match(board, /^not known yet: dev has not read yet/);
  });

  test('the status of a release names what is in its way, where it is', () => {
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', since: AT, environment: 'production' } as const;
    const text = renderStatus(aView({ restraints: [stop] }), plain);
    assert.match(text, /production  not begun\n    stop: grace stopped every service: errors, until it is lifted/);
  });
});

describe('when something is written to a terminal', () => {
  test('text from elsewhere cannot steer it', () => {
    const hostile = { text: '\u001b[2Jgone\u0007\u009b31m\u202e', list: ['a\rb', 'tab\tand\nline stay'] };
    assert.deepEqual(tame(hostile), { text: '·[2Jgone··31m·', list: ['a·b', 'tab\tand\nline stay'] });
  });

  test('an event is one line, and the commands that answer it follow', () => {
    const event = {
      at: AT,
      kind: 'step',
      environment: 'dev',
      step: 'import',
      state: 'done',
      text: 'imported',
      tookMs: 1_500,
    } as const;
    assert.match(renderEvent(event, plain), /^\d\d:\d\d:\d\d {2}dev +done +import +imported {2}1\.5 s$/);
    const asked = renderEvent({ at: AT, kind: 'waiting', text: 'asks', answer: ['sluice approve a 1'] }, plain);
    assert.equal(asked.split('\n').length, 2);
  });

  test('an error names code, expected, got, remedy and where to read on; several problems are listed', () => {
    const error = {
      code: 'version-taken',
      message: 'taken',
      expected: 'a',
      got: 'b',
      remedy: 'do it',
      problems: [],
    } as const;
    assert.deepEqual(renderError(error, plain).split('\n'), [
      'error version-taken: taken',
      '  expected  a',
      '  got       b',
      '  do        do it',
      '  docs/errors.md#version-taken',
    ]);
    const many = renderError(
      { code: 'config-invalid', message: '', problems: [{ where: 'x:1:2', message: 'bad', remedy: 'good' }] },
      plain,
    );
    assert.match(many, /one problem\n {2}x:1:2\n {4}bad\n {4}good\n/);
  });
});
