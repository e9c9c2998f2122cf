import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PromotionPhase } from '../../../src/contract/status.ts';
import { releasePage, renderJourney } from '../../../src/web/pages/release.ts';
import { AT, DIGEST, aPromotion, aRelease, aView } from '../client/views.ts';
import { changes, noLink, full, aQuestion, textOf } from './drawn.ts';

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

  test('while it is undone a promotion has no next step', () => {
    const journey = (phase: PromotionPhase): string => {
      const promotions = [aPromotion({ phase, next: 'record 1.0.0' })];
      return renderJourney(aView({ promotions }), noLink).text.replace(/\s+/g, ' ');
    };
    assert.match(journey('working'), /next: record/);
    assert.doesNotMatch(journey('undoing'), /next: record/);
    assert.doesNotMatch(journey('undo-stuck'), /next: record/);
  });

  test('the same view gives the same text, so that only changes are sent', () => {
    assert.equal(renderJourney(full, noLink).text, renderJourney(structuredClone(full), noLink).text);
  });
});

test('an ended release is not followed', () => {
  const ended = aView({ release: aRelease({ outcome: { kind: 'released', reason: 'all done' } }) });
  assert.ok(!textOf(releasePage(ended, noLink)).includes('data-events'));
  assert.ok(textOf(releasePage(full, noLink)).includes('data-events="/releases/iam/1.0.0/events"'));
});
