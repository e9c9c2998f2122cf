import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Answering, answeringAt } from '../../../src/web/answering/answering.ts';
import { closedGates } from '../../../src/web/pages/closed-gates.ts';
import { questionPage } from '../../../src/web/pages/question.ts';
import { renderJourney } from '../../../src/web/pages/release.ts';
import { PLAN, aPromotion, aView } from '../client/views.ts';
import { noLink, waiting, plan, full, asked, door, EVERYBODY, aQuestion, stop, hold, textOf } from './drawn.ts';

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
