/** What the tests of pages draw, and how they draw it. */
import assert from 'node:assert/strict';
import { type BoardPlace, type DeskReport, type ListedRelease, withDesks } from '../../../src/client/index.ts';
import type { Answering } from '../../../src/web/answering/answering.ts';
import { readAssets } from '../../../src/web/assets.ts';
import { temporalLink } from '../../../src/web/links.ts';
import { type Page, renderPage } from '../../../src/web/pages/page.ts';
import type { Speaker } from '../../../src/web/pages/restrain-form.ts';
import { questionPage } from '../../../src/web/pages/question.ts';
import { AT, DIGEST, PLAN, aPromotion, aRelease, aStep, aView } from '../client/views.ts';

export const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(2)</script>' onclick='x \u202e`;
export const NOW = new Date('2026-11-23T12:00:00Z');
export const noLink = temporalLink(undefined, 'default');

/** Every string of a value is hostile, whatever the engine would let pass. */
export function poisoned<Value>(value: Value): Value {
  if (typeof value === 'string') return HOSTILE as Value;
  if (Array.isArray(value)) return value.map(poisoned) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, poisoned(inner)])) as Value;
}

export const waiting = {
  reason: 'production asks for 1 approval',
  for: 'release-managers',
  since: AT,
  until: '2026-11-26T08:00:00.000Z',
  then: 'it is refused',
  answer: ['sluice approve iam 1.0.0 --plan x'],
};
export const attention = {
  step: 'lock-image',
  code: 'registry-forbidden',
  message: 'no right to lock',
  expected: 'the role',
  got: 'none',
  remedy: 'assign it',
  since: AT,
} as const;
export const plan = {
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
export const changes = {
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
export const full = aView({
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
export const places: readonly BoardPlace[] = [
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
    drift: {
      service: 'iam',
      environment: 'prod-eu',
      lookedAt: AT,
      reaction: { kind: 'hold', at: AT, because: 'nobody may go back' },
      findings: [
        {
          about: 'locks',
          what: 'tag 1.0.0',
          code: 'image-unlocked',
          since: AT,
          message: 'tag 1.0.0 is not locked any more',
          remedy: 'lock it again',
        },
      ],
    },
  },
  { service: 'iam', environment: 'test', position: 0, entering: [{ version: '1.2.0', since: AT }] },
];
export const listed: ListedRelease = {
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
export const asked = aView({
  promotions: full.promotions.map((one) => ({ ...one, steps: [...one.steps, gates] })),
});
export const door = { issuer: 'https://issuer.example.test', begin: never, finish: never };
export const EVERYBODY: Answering = { kind: 'proven', keys: 'offered', identity: door };
function never(): Promise<never> {
  return Promise.reject(new Error('nobody signs in here'));
}
export function aQuestion(view = asked, answering = EVERYBODY, environment = 'dev'): Page {
  const page = questionPage(view, environment, answering);
  assert.ok(page !== undefined);
  return page;
}
export const stop = { kind: 'stop', by: 'grace', reason: 'errors', incident: 'INC-1', since: AT, until: AT } as const;
export const hold = { kind: 'hold', service: 'iam', by: 'linus', reason: 'rolled back', since: AT } as const;
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
export const desks: DeskReport = {
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
export const boardPlaces = withDesks(places, desks, BEFORE);
export const speaker: Speaker = {
  restraining: { kind: 'signed-in', issuer: 'https://issuer.example.test' },
  person: { subject: 'ada' },
};
const assets = readAssets();
const person = { subject: HOSTILE, expiresAt: AT };
export const textOf = (page: Page): string => renderPage(page, assets, { person, token: HOSTILE }).text;
