import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventsBetween as between } from '../../../src/client/watch-events.ts';
import type { PromotionPlan } from '../../../src/contract/plan.ts';
import type { ReleaseView, WatchEvent } from '../../../src/client/index.ts';
import { AT, DIGEST, aPromotion, aRelease, aStep, aView } from './views.ts';

const NOW = '2026-11-23T09:00:00.000Z';

/** Two looks, an hour after it began unless said otherwise. */
function eventsBetween(
  before: ReleaseView | undefined,
  after: ReleaseView,
  now: string,
  then = AT,
): readonly WatchEvent[] {
  return between(before === undefined ? undefined : { at: then, view: before }, { at: now, view: after });
}

describe('when a release is looked at twice', () => {
  test('a stop in its way is told once, again when it is moved, and that it is over', () => {
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', since: AT, environment: 'production' } as const;
    const told = (before: ReleaseView['restraints'], after: ReleaseView['restraints']): readonly string[] => {
      const view = (restraints: ReleaseView['restraints']): ReleaseView =>
        aView(restraints === undefined ? {} : { restraints });
      const events = eventsBetween(view(before), view(after), NOW);
      return events.map((event) => `${event.at} ${event.environment} ${event.kind} ${event.text}`);
    };
    const said = 'production restraint stop: grace stopped every service: errors, until';
    assert.deepEqual(told([], [stop]), [`${AT} ${said} it is lifted`]);
    assert.deepEqual(told([stop], [stop]), []);
    assert.deepEqual(told([stop], [{ ...stop, since: NOW, until: NOW }]), [`${NOW} ${said} ${NOW}`]);
    assert.deepEqual(told([stop], []), [`${NOW} production restraint over: grace stopped every service: errors`]);
    assert.deepEqual(told([stop], undefined), [], 'when nobody can say, it is not over');
    assert.deepEqual(told([{ ...stop, environment: 'passed' }], []), [], 'what lies behind it is no news');
  });

  test('the first look tells everything that has happened', () => {
    const view = aView({ promotions: [aPromotion({ steps: [aStep('import', 'done'), aStep('health', 'pending')] })] });
    const events = eventsBetween(undefined, view, NOW);
    assert.deepEqual(
      events.map((event) => [event.kind, event.step]),
      [
        ['release', undefined],
        ['release', undefined],
        ['promotion', undefined],
        ['step', 'import'],
      ],
    );
    assert.match(events[1]?.text ?? '', new RegExp(DIGEST));
  });

  test('nothing new is no event', () => {
    const view = aView({ promotions: [aPromotion({ steps: [aStep('import', 'done')] })] });
    assert.deepEqual(eventsBetween(view, structuredClone(view), NOW), []);
  });

  test('a step that began and ended in between is told once, with the time it took', () => {
    const before = aView({ promotions: [aPromotion({ steps: [aStep('import', 'pending')] })] });
    const ended = aStep('import', 'done', { startedAt: AT, endedAt: '2026-11-23T08:00:01.500Z', summary: 'imported' });
    const events = eventsBetween(before, aView({ promotions: [aPromotion({ steps: [ended] })] }), NOW);
    assert.deepEqual(events, [
      {
        at: '2026-11-23T08:00:01.500Z',
        kind: 'step',
        environment: 'dev',
        step: 'import',
        state: 'done',
        text: 'imported',
        tookMs: 1_500,
      },
    ]);
  });

  test('a running step is announced once, when it has run for a while', () => {
    const view = aView({ promotions: [aPromotion({ steps: [aStep('import', 'running', { startedAt: AT })] })] });
    const soon = '2026-11-23T08:00:00.900Z';
    const later = '2026-11-23T08:00:01.000Z';
    assert.deepEqual(eventsBetween(aView(), view, soon), []);
    assert.deepEqual(
      eventsBetween(view, view, later, soon).map((event) => event.state),
      ['running'],
    );
    assert.deepEqual(eventsBetween(view, view, NOW, later), []);
  });

  test('a step that was not needed says why, in its place', () => {
    const steps = [
      aStep('verify-source', 'done', { startedAt: AT, endedAt: '2026-11-23T08:00:01.000Z' }),
      aStep('import', 'skipped'),
      aStep('health', 'done', { startedAt: AT, endedAt: '2026-11-23T08:00:02.000Z' }),
    ];
    const plan = {
      steps: [{ step: 'import', does: 'a', undo: 'b', skipped: 'it was pushed here' }],
    } as unknown as PromotionPlan;
    const events = eventsBetween(aView(), aView({ promotions: [aPromotion({ steps, plan })] }), NOW);
    assert.deepEqual(
      events.map((event) => [event.step, event.at]),
      [
        ['verify-source', '2026-11-23T08:00:01.000Z'],
        ['import', '2026-11-23T08:00:01.000Z'],
        ['health', '2026-11-23T08:00:02.000Z'],
      ],
    );
    assert.equal(events[1]?.text, 'it was pushed here');
  });

  test('a question is told once with the commands that answer it, and again when it is another', () => {
    const waiting = {
      reason: 'needs 1 approval',
      for: 'release-managers',
      since: AT,
      answer: ['sluice approve iam 1.0.0'],
    };
    const asked = aView({ promotions: [aPromotion({ waiting })] });
    const [event] = eventsBetween(aView(), asked, NOW);
    assert.equal(event?.kind, 'waiting');
    assert.deepEqual(event?.answer, ['sluice approve iam 1.0.0']);
    assert.deepEqual(eventsBetween(asked, asked, NOW), []);
    const again = aView({ promotions: [aPromotion({ waiting: { ...waiting, since: NOW } })] });
    assert.equal(eventsBetween(asked, again, NOW).length, 1);
  });

  test('a wait is told anew when anything of it has changed: its place, its end, whom it is for, a reminder, a command', () => {
    const waiting = {
      reason: 'number 2 for dev',
      for: 'iam 0.9.0',
      since: AT,
      until: NOW,
      then: 'over',
      answer: ['a'],
    };
    const before = aView({ promotions: [aPromotion({ waiting })] });
    for (const changed of [
      { reason: 'number 1 for dev' },
      { for: 'iam 0.9.0, now also on-call' },
      { until: '2026-11-23T10:00:00.000Z' },
      { then: 'asked again' },
      { expectedAt: NOW },
      { answer: ['a', 'b'] },
    ]) {
      const after = aView({ promotions: [aPromotion({ waiting: { ...waiting, ...changed } })] });
      const [event, ...more] = eventsBetween(before, after, NOW);
      assert.deepEqual([event?.kind, event?.at, more.length], ['waiting', NOW, 0], JSON.stringify(changed));
      for (const text of Object.values(changed).flat()) {
        assert.ok(
          [event?.text, ...(event?.answer ?? [])].some((one) => one?.includes(text)),
          text,
        );
      }
      assert.match(event?.text ?? '', new RegExp(`since ${AT}`));
    }
    assert.deepEqual(eventsBetween(before, structuredClone(before), NOW), []);
  });

  test('a wait that goes on after something else is told at the moment in which that was seen, not when it began', () => {
    const waiting = { reason: 'hours: closed', for: 'the gate to open', since: AT, answer: [] };
    const asked = aView({ promotions: [aPromotion({ waiting })] });
    const at = (before: ReleaseView | undefined): string | undefined =>
      eventsBetween(before, asked, NOW, '2026-11-23T08:30:00.000Z').find(({ kind }) => kind === 'waiting')?.at;
    assert.equal(at(aView()), NOW, 'the gates were being asked again in between');
    assert.equal(at(undefined), AT);
  });

  test('what the release itself waits for, between its promotions, is told as well', () => {
    const waiting = { reason: 'otto paused it', for: 'an operator', since: AT, answer: ['sluice resume iam 1.0.0'] };
    const paused = aView({ release: aRelease({ phase: 'paused', waiting }), promotions: [] });
    const [event, ...more] = eventsBetween(aView({ promotions: [] }), paused, NOW);
    assert.deepEqual([event?.kind, event?.environment, more.length], ['waiting', undefined, 0]);
    assert.deepEqual(eventsBetween(paused, paused, NOW), []);
  });

  test('each attempt is told once: since when, how often, why', () => {
    const retrying = {
      environment: 'dev',
      activity: 'importImage',
      attempt: 4,
      since: AT,
      code: 'registry-unreachable',
      message: 'no route',
    };
    const view = aView({ retrying: [retrying] });
    const [event] = eventsBetween(aView(), view, NOW);
    assert.equal(event?.text, `retrying since ${AT}, attempt 4: no route (registry-unreachable)`);
    assert.deepEqual(eventsBetween(view, view, NOW), []);
    assert.equal(eventsBetween(view, aView({ retrying: [{ ...retrying, attempt: 5 }] }), NOW).length, 1);
  });

  test('an answer that did not count is told to whoever watches', () => {
    const refused = { approver: 'anna', code: 'approval-duplicate', message: 'twice', at: AT };
    const [event] = eventsBetween(aView(), aView({ promotions: [aPromotion({ refusedAnswers: [refused] })] }), NOW);
    assert.match(event?.text ?? '', /anna not counted: twice/);
  });

  test('an answer that did not count is news also when the status forgets an older one for it', () => {
    const answers = Array.from({ length: 21 }, (_, index) => ({
      approver: `p${index}`,
      code: 'approval-other-plan',
      message: `no ${index}`,
      at: AT,
    }));
    const view = (from: number): ReleaseView =>
      aView({ promotions: [aPromotion({ refusedAnswers: answers.slice(from, from + 20) })] });
    const told = eventsBetween(view(0), view(1), NOW).map(({ text }) => text);
    assert.deepEqual(told, ['answer of p20 not counted: no 20']);
    assert.deepEqual(eventsBetween(view(1), view(1), NOW), []);
  });

  test('the outcome comes last', () => {
    const outcome = { kind: 'rolled-back', reason: 'health failed in dev' } as const;
    const view = aView({
      release: aRelease({ outcome, phase: 'finished' }),
      promotions: [aPromotion({ outcome, phase: 'finished' })],
    });
    const events = eventsBetween(undefined, view, NOW);
    assert.equal(events.at(-1)?.kind, 'outcome');
    assert.equal(events.at(-1)?.text, 'rolled-back: health failed in dev');
  });

  test('an outcome has the time at which it ended, not the one of the last step before a wait', () => {
    const outcome = { kind: 'refused', reason: 'nobody answered' } as const;
    const ended = { outcome, phase: 'finished', endedAt: '2026-11-23T08:00:15.000Z' } as const;
    const steps = [aStep('plan', 'done', { endedAt: '2026-11-23T08:00:01.000Z' })];
    const view = aView({ release: aRelease(ended), promotions: [aPromotion({ ...ended, steps })] });
    const told = eventsBetween(undefined, view, NOW).filter(({ text }) => text.startsWith('refused'));
    assert.deepEqual(
      told.map(({ kind, at }) => [kind, at]),
      [
        ['promotion', ended.endedAt],
        ['outcome', ended.endedAt],
      ],
    );
  });
});
