import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventsBetween } from '../../../src/client/watch-events.ts';
import { AT, DIGEST, aPromotion, aRelease, aStep, aView } from './views.ts';

const NOW = '2026-11-23T09:00:00.000Z';

describe('when a release is looked at twice', () => {
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
});
