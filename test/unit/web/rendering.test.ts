import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type BoardPlace, type DeskReport, type ListedRelease, withDesks } from '../../../src/client/index.ts';
import { type Answering, answeringAt } from '../../../src/web/answering/answering.ts';
import { WAIT_KINDS } from '../../../src/domain/waiting.ts';
import { readAssets } from '../../../src/web/assets.ts';
import { html } from '../../../src/web/html.ts';
import { temporalLink } from '../../../src/web/links.ts';
import { boardPage, environmentsOf } from '../../../src/web/pages/board.ts';
import { environmentPage } from '../../../src/web/pages/environment.ts';
import { type Page, renderPage } from '../../../src/web/pages/page.ts';
import { closedGates } from '../../../src/web/pages/closed-gates.ts';
import type { Speaker } from '../../../src/web/pages/restrain-form.ts';
import { questionPage } from '../../../src/web/pages/question.ts';
import { releasePage, renderJourney } from '../../../src/web/pages/release.ts';
import { releasesPage } from '../../../src/web/pages/releases.ts';
import { troublePage } from '../../../src/web/pages/trouble.ts';
import { AT, DIGEST, PLAN, aPromotion, aRelease, aStep, aView } from '../client/views.ts';

const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(2)</script>' onclick='x \u202e`;
const NOW = new Date('2026-11-23T12:00:00Z');
const noLink = temporalLink(undefined, 'default');

/** Every string of a value is hostile, whatever the engine would let pass. */
function poisoned<Value>(value: Value): Value {
  if (typeof value === 'string') return HOSTILE as Value;
  if (Array.isArray(value)) return value.map(poisoned) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, poisoned(inner)])) as Value;
}

const waiting = {
  reason: 'production asks for 1 approval',
  for: 'release-managers',
  since: AT,
  until: '2026-11-26T08:00:00.000Z',
  then: 'it is refused',
  answer: ['sluice approve iam 1.0.0 --plan x'],
};
const attention = {
  step: 'lock-image',
  code: 'registry-forbidden',
  message: 'no right to lock',
  expected: 'the role',
  got: 'none',
  remedy: 'assign it',
  since: AT,
} as const;
const plan = {
  format: 1,
  service: 'iam',
  version: '1.0.0',
  environment: 'dev',
  source: 'dev',
  sourceRegistry: 'dev.example.test',
  targetRegistry: 'dev.example.test',
  image: { repository: 'iam', digest: DIGEST },
  manifests: PLAN,
  namespace: 'iam',
  workloads: ['deployment/iam'],
  lockImages: true,
  firstRelease: 'remove',
  approval: { required: 2, from: ['release-managers'], notRequester: true, deadlineMs: 1 },
  rollOutTimeoutMs: 300_000,
  steps: [
    { step: 'import', does: 'import the image', undo: 'remove the copy' },
    { step: 'lock-image', does: 'lock', undo: 'unlock', skipped: 'the rules ask for no lock' },
    { step: 'health', does: 'ask', undo: 'nothing to undo: it only looks' },
  ],
  policyVersion: 'rules 7',
} as const;
const current = {
  format: 1,
  service: 'iam',
  version: '0.9.0',
  image: { repository: 'iam', digest: PLAN },
  manifests: PLAN,
  objects: [],
  since: AT,
  workflowId: 'promotion/iam/0.9.0/dev',
  approvedBy: ['carla'],
  requestedBy: 'ben',
} as const;
const where = { apiVersion: 'v1', namespace: 'iam', name: 'iam' };
const changes = {
  against: '0.9.0',
  objects: [
    {
      ref: { ...where, apiVersion: 'apps/v1', kind: 'Deployment' },
      change: 'changed',
      values: [
        { path: '/spec/replicas', before: '2', after: '3' },
        { path: '/spec/template/spec/containers/0/env/1', after: '{"name":"LEVEL","value":"info"}' },
      ],
      more: 4,
    },
    {
      ref: { ...where, kind: 'Secret' },
      change: 'changed',
      values: [{ path: '/data/password', hidden: true }],
      more: 0,
    },
    {
      ref: { ...where, kind: 'ConfigMap' },
      change: 'changed',
      values: [{ path: '/data/app.yaml', line: 7, before: 'level: info' }],
      more: 0,
    },
    { ref: { ...where, kind: 'Service' }, change: 'added', values: [], more: 0 },
    { ref: { ...where, kind: 'Job' }, change: 'removed', values: [], more: 0 },
  ],
  same: 2,
  more: 6,
} as const;
const full = aView({
  release: aRelease({ waiting }),
  promotions: [
    aPromotion({
      phase: 'waiting-for-approval',
      waiting,
      attention,
      plan,
      planDigest: PLAN,
      baseline: { current, imagePresent: true, tagPresent: false, imageLocked: false, existing: [] },
      changes,
      approval: {
        planDigest: PLAN,
        required: 2,
        excluded: [{ name: 'pipeline', because: 'it asked for the release' }],
        given: [{ decision: 'approve', approver: 'anna', reason: 'looked at it', planDigest: PLAN, at: AT }],
        open: true,
      },
      refusedAnswers: [{ approver: 'mallory', code: 'approval-duplicate', message: 'counts once', at: AT }],
      undoPlan: ['remove the copy'],
      steps: [
        aStep('import', 'done', {
          startedAt: AT,
          endedAt: '2026-11-23T08:00:03.000Z',
          summary: 'imported',
          facts: { bytes: '12' },
        }),
        aStep('health', 'pending'),
      ],
    }),
  ],
  retrying: [{ environment: 'dev', activity: 'importImage', attempt: 3, message: 'registry away', since: AT }],
});
const places: readonly BoardPlace[] = [
  {
    service: 'iam',
    environment: 'prod-eu',
    position: 1,
    running: {
      version: '1.0.0',
      digest: DIGEST,
      since: '2026-11-23T09:00:00Z',
      requestedBy: 'ben',
      approvedBy: ['anna'],
    },
    entering: [{ version: '1.1.0', waitingFor: 'approval', since: '2026-11-23T11:55:00Z' }],
  },
  { service: 'iam', environment: 'test', position: 0, entering: [{ version: '1.2.0', since: AT }] },
];
const listed: ListedRelease = {
  service: 'iam',
  version: '1.0.0',
  environment: 'test',
  waitingFor: 'attention',
  digest: DIGEST,
  requestedBy: 'ben',
  running: true,
  startedAt: AT,
  endedAt: AT,
};
const gates = aStep('gates', 'done', {
  facts: { office: 'wait: opens on Monday', soak: 'yes: an hour', freeze: 'no: frozen' },
});
const asked = aView({
  promotions: full.promotions.map((one) => ({ ...one, steps: [...one.steps, gates] })),
});
const door = { issuer: 'https://issuer.example.test', begin: never, finish: never };
const EVERYBODY: Answering = { kind: 'proven', keys: 'offered', identity: door };
function never(): Promise<never> {
  return Promise.reject(new Error('nobody signs in here'));
}
function aQuestion(view = asked, answering = EVERYBODY, environment = 'dev'): Page {
  const page = questionPage(view, environment, answering);
  assert.ok(page !== undefined);
  return page;
}
const stop = { kind: 'stop', by: 'grace', reason: 'errors', incident: 'INC-1', since: AT, until: AT } as const;
const hold = { kind: 'hold', service: 'iam', by: 'linus', reason: 'rolled back', since: AT } as const;
const lease = {
  service: 'iam',
  version: '1.2.0',
  workflowId: 'promotion/iam/1.2.0/test',
  runId: 'r1',
  askedAt: AT,
  policy: 'queue',
  priority: 'normal',
  passes: [],
} as const;
const desks: DeskReport = {
  known: [
    {
      format: 1,
      kind: 'environment',
      environment: 'test',
      turns: {
        fence: 1,
        held: [{ ...lease, fence: 1, since: AT }],
        queue: [
          { ...lease, version: '1.3.0', runId: 'r2' },
          { ...lease, version: '1.4.0', runId: 'r3', priority: 'hot-fix' },
        ],
      },
      restraints: [stop, hold],
      running: {},
    },
  ],
  unanswered: ['prod-eu'],
};
const BEFORE = Date.parse(AT) - 1;
const boardPlaces = withDesks(places, desks, BEFORE);
const speaker: Speaker = {
  restraining: { kind: 'signed-in', issuer: 'https://issuer.example.test' },
  person: { subject: 'ada' },
};
const assets = readAssets();
const person = { subject: HOSTILE, expiresAt: AT };
const textOf = (page: Page): string => renderPage(page, assets, { person, token: HOSTILE }).text;

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

describe('when a release waits for people', () => {
  const text = renderJourney(full, noLink).text.replace(/\s+/g, ' ');

  test('the question, for whom, until when, what then and the command that answers are in view, and no button', () => {
    for (const part of [
      'production asks for 1 approval',
      'release-managers',
      '2026-11-26 08:00:00 UTC',
      'it is refused',
      'sluice approve iam 1.0.0 --plan x',
    ]) {
      assert.ok(text.includes(part), part);
    }
    assert.ok(!text.includes('<button'));
  });

  test('the plan is open, with what it replaces, what it does, and its undo in reverse', () => {
    assert.match(text, /<details id="plan-dev" ?open/);
    for (const part of [
      '0.9.0',
      DIGEST,
      'changed',
      'same',
      'import the image',
      'import: remove the copy',
      'the rules ask for no lock',
    ]) {
      assert.ok(text.includes(part), part);
    }
    assert.ok(!text.includes('health: nothing to undo'));
  });

  test('what changes in the manifests is in view, where they answer as well, value by value and without secrets', () => {
    for (const shown of [text, textOf(aQuestion()).replace(/\s+/g, ' ')]) {
      for (const part of [
        'against 0.9.0: of the objects 3 change, 1 is new, 1 is stated no more and stays in the cluster, 6 more are not listed; 2 stay as they are',
        '<code>deployment/iam</code> changes',
        '<code>/spec/replicas</code></th> <td role="cell" data-label="Now"><code>2</code></td><td role="cell" data-label="Then"><code>3</code>',
        'nothing</span></td><td role="cell" data-label="Then"><code>{&quot;name&quot;:&quot;LEVEL&quot;',
        'And 4 more.',
        'a secret',
        '<code>/data/app.yaml</code> line 7',
        '<code>service/iam</code> is new',
        '<code>job/iam</code> is stated no more',
      ]) {
        assert.ok(shown.includes(part), `${part}\n${shown}`);
      }
      assert.match(shown, /<details id="change-dev-0" open> <summary id="change-dev-0-open">/);
    }
  });

  test('what changes in the cluster says whose work it takes back, and what could not be found out', () => {
    const { objects, ...rest } = changes;
    const [deployment, , , service] = objects;
    const [replicas, variable] = deployment.values;
    const foreign = { by: 'kubectl-edit', at: AT };
    const values = [
      { ...replicas, foreign },
      { ...variable, foreign: {} },
    ];
    const inCluster = {
      ...rest,
      inCluster: AT,
      notes: ['the manifests of 0.9.0 are gone'],
      objects: [
        { ...deployment, foreign: true, values },
        { ...service, foreign: true },
      ],
    } as const;
    const promotions = full.promotions.map((one) => ({ ...one, changes: inCluster }));
    const shown = renderJourney(aView({ promotions }), noLink).text.replace(/\s+/g, ' ');
    for (const part of [
      '<p class="box">The manifests of 0.9.0 are gone</p>',
      /<p> ?In the cluster, where 0\.9\.0 runs, as of <time [^>]*>[^<]+ UTC<\/time>: of the objects 1 changes, 1 is new/,
      'in 2 of them it takes back what others have done there.',
      /<code>2<\/code>, set by kubectl-edit, which last wrote [^<]+ UTC/,
      'nothing</span>, taken away by somebody else',
      '<code>service/iam</code> is gone, and comes back',
    ])
      assert.ok(typeof part === 'string' ? shown.includes(part) : part.test(shown), `${part}\n${shown}`);
  });

  test('manifests that nobody could compare are said to be so, and an older engine says nothing', () => {
    const drawn = (fields: object): string => {
      const promotions = full.promotions.map(({ changes: _, ...one }) => ({ ...one, ...fields }));
      return renderJourney(aView({ promotions }), noLink).text.replace(/\s+/g, ' ');
    };
    const unknown = { against: '0.9.0', unknown: 'the registry has none', objects: [], same: 0, more: 0 };
    assert.match(
      drawn({ changes: unknown }),
      /What changes in the manifests against 0\.9\.0 is not known: the registry has none/,
    );
    assert.doesNotMatch(drawn({}), /The manifests|not known/);
  });

  test('answers that count, answers that do not, attention and retries are told', () => {
    for (const part of [
      'anna',
      'looked at it',
      '1 of 2',
      'mallory',
      'counts once',
      'no right to lock',
      'assign it',
      'attempt 3',
      'registry away',
      'pipeline may not answer',
    ]) {
      assert.ok(text.includes(part), part);
    }
  });

  test('every step has its state as a word, its undo, its evidence and how long it took', () => {
    for (const part of ['done', 'pending', 'undo import', '3.0 s', 'bytes', '12']) assert.ok(text.includes(part), part);
  });

  test('the same view gives the same text, so that only changes are sent', () => {
    assert.equal(renderJourney(full, noLink).text, renderJourney(structuredClone(full), noLink).text);
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

describe('when a gate is closed that somebody may let a release pass', () => {
  const closed = aPromotion({
    phase: 'waiting-for-gate',
    planDigest: PLAN,
    waiting: {
      ...waiting,
      answer: ['sluice override iam 1.0.0 --gate freeze'],
      passable: [{ gate: 'freeze', said: 'frozen', groups: ['on-call'] }],
    },
  });
  const page = (promotion = closed, restraints = {}): string =>
    textOf(aQuestion(aView({ promotions: [promotion], ...restraints }))).replace(/\s+/g, ' ');

  test('the gates that may be passed are offered with who may, and a yes is all that can be said', () => {
    assert.match(page(), /data-kind="override"/);
    assert.match(page(), /value="freeze" \/> freeze <span class="muted" ?>frozen \(may be passed by: on-call\)/);
    assert.match(page(), /type="hidden" name="decision" value="approve"/);
    assert.doesNotMatch(page(), /type="radio"/);
    assert.match(page(), /sluice override iam 1\.0\.0 --gate freeze/);
  });

  test('a gate that nobody may pass, or a promotion without a plan, is not offered', () => {
    for (const one of [
      { ...closed, waiting: { ...waiting, passable: [] } },
      aPromotion({ phase: 'waiting-for-gate', waiting: closed.waiting ?? waiting }),
      aPromotion({ phase: 'working', planDigest: PLAN }),
    ]) {
      assert.doesNotMatch(page(one), /data-kind|<form/);
    }
  });

  test('while it waits for its turn, the stop and the hold in its way are what it may pass', () => {
    const waits = aPromotion({ phase: 'waiting-for-turn', planDigest: PLAN, waiting: { ...waiting, answer: [] } });
    const text = page(waits, {
      restraints: [
        { ...stop, environment: 'dev' },
        { ...hold, environment: 'other' },
      ],
    });
    assert.match(text, /value="stop" \/> stop <span class="muted" ?>grace stopped every service/);
    assert.doesNotMatch(text, /value="hold"/);
    assert.match(text, /sluice override iam 1\.0\.0 --environment dev --gate stop/);
    assert.doesNotMatch(page(waits), /data-kind/);
  });

  test('where a stop has paused it, and in its turn, the promotion itself says who may let it pass', () => {
    const passable = [{ gate: 'stop', said: 'grace stopped every service', groups: ['on-call'] }];
    for (const phase of ['stopped', 'waiting-for-turn'] as const) {
      const text = page(aPromotion({ phase, planDigest: PLAN, waiting: { ...waiting, passable } }));
      assert.match(
        text,
        /value="stop" \/> stop <span class="muted" ?>grace stopped every service \(may be passed by: on-call\)/,
      );
    }
    const kept = aPromotion({ phase: 'waiting-for-turn', planDigest: PLAN, waiting: { ...waiting, passable: [] } });
    assert.doesNotMatch(page(kept, { restraints: [{ ...stop, environment: 'dev' }] }), /data-kind/);
  });

  test('the journey leads there', () => {
    assert.match(renderJourney(aView({ promotions: [closed] }), noLink).text, /Let it pass closed gates of dev/);
  });
});

describe('when people are asked on a page of their own', () => {
  const text = textOf(aQuestion()).replace(/\s+/g, ' ');

  test('what they decide on is in view: question, difference, who approved what runs there, plan, undo', () => {
    for (const part of [
      'Asked: production asks for 1 approval',
      '2026-11-26 08:00:00 UTC',
      'it is refused',
      'Replaces 0.9.0',
      'asked for by ben, approved by carla',
      'What changes.',
      'If it fails, this is undone, last step first',
      'anna',
    ]) {
      assert.ok(text.includes(part), part);
    }
  });

  test('the form knows exactly what is signed, and is hidden until a script can sign it', () => {
    assert.match(text, /<section id="answer" aria-labelledby="answer-head" hidden/);
    const [, facts = ''] = /data-facts="([^"]*)"/.exec(text) ?? [];
    assert.deepEqual(JSON.parse(facts.replaceAll('&quot;', '"')), {
      release: 'release/iam/1.0.0',
      service: 'iam',
      version: '1.0.0',
      environment: 'dev',
      planDigest: PLAN,
    });
  });

  test('gates that did not say yes can be passed, the others are not offered', () => {
    assert.deepEqual(
      closedGates(asked.promotions[0] ?? aPromotion()).map(({ name }) => name),
      ['office', 'freeze'],
    );
    assert.match(text, /name="override" value="office" \/> office <span class="muted">wait: opens on Monday/);
    assert.doesNotMatch(text, /value="soak"/);
    assert.doesNotMatch(textOf(aQuestion(full)), /name="override"/);
  });

  test('there is only what can prove who somebody is', () => {
    assert.doesNotMatch(textOf(aQuestion(asked, { kind: 'proven', keys: 'none', identity: door })), /type="file"/);
    assert.doesNotMatch(textOf(aQuestion(asked, { kind: 'proven', keys: 'offered' })), /id="sign-in"/);
  });

  test("a key of one's own is asked for only by a server on one's own machine", () => {
    for (const own of ['http://127.0.0.1:8088', 'http://localhost:8088', 'http://[::1]:8088']) {
      assert.equal(answeringAt(own, EVERYBODY), EVERYBODY, own);
    }
    const elsewhere = answeringAt('https://sluice.example.com', EVERYBODY);
    const both = textOf(aQuestion(asked, elsewhere));
    assert.doesNotMatch(both, /type="file"/);
    assert.match(both, /id="sign-in"[\s\S]*belongs\s+on no page of another machine/);
    const { identity: _, ...keysOnly } = elsewhere as Extract<Answering, { kind: 'proven' }>;
    const page = aQuestion(asked, keysOnly);
    assert.equal(page.runs, undefined);
    assert.match(textOf(page), /On yours, type:[\s\S]*sluice approve iam 1\.0\.0/);
    const trusting: Answering = { kind: 'unproven' };
    assert.equal(answeringAt('https://sluice.example.com', trusting), trusting);
  });

  test('several groups are told with how they belong together', () => {
    const further = [{ required: 1, from: ['owners'], notRequester: true }];
    const promotions = asked.promotions.map((one) => ({
      ...one,
      plan: { ...plan, approval: { ...plan.approval, further, order: 'in-order' as const } },
    }));
    assert.ok(textOf(aQuestion(aView({ promotions }))).includes('2 of release-managers, then 1 of owners'));
  });

  test('who made the image is told where they may not approve it', () => {
    const promotions = asked.promotions.map((one) => ({
      ...one,
      plan: { ...plan, approval: { ...plan.approval, notAuthor: true as const }, authors: ['zoe'] },
    }));
    const text = textOf(aQuestion(aView({ promotions })));
    assert.ok(text.includes('2 of release-managers (not whoever made the image)'), text);
    assert.ok(text.includes('zoe'));
  });

  test('there is no question to a promotion that has not begun', () => {
    assert.equal(questionPage(asked, 'production', EVERYBODY), undefined);
  });
});

test('environments stand in the order of the path, not of the alphabet', () => {
  assert.deepEqual(environmentsOf(places), ['test', 'prod-eu']);
});

test('an ended release is not followed', () => {
  const ended = aView({ release: aRelease({ outcome: { kind: 'released', reason: 'all done' } }) });
  assert.ok(!textOf(releasePage(ended, noLink)).includes('data-events'));
  assert.ok(textOf(releasePage(full, noLink)).includes('data-events="/releases/iam/1.0.0/events"'));
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
