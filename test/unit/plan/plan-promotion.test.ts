import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOfJson } from '../../../src/content/digest-of.ts';
import { STEPS } from '../../../src/domain/step.ts';
import { planPromotion, type PromotionAsked } from '../../../src/plan/plan-promotion.ts';
import { aRulebook } from '../../support/memory-world.ts';

const { environments, services } = aRulebook();
const ASKED = {
  service: services['iam'],
  version: '1.0.0',
  target: environments['staging'],
  source: environments['dev'],
  image: { repository: 'iam', digest: `sha256:${'1'.repeat(64)}` },
  manifests: `sha256:${'2'.repeat(64)}`,
  policyVersion: 'test',
} as PromotionAsked;
const APPROVAL = { required: 2, from: ['release-managers'], notRequester: true, deadlineMs: 1 };

describe('the plan of a promotion', () => {
  it('names every step once, in the order of the journey, each with its undo', () => {
    const { steps } = planPromotion(ASKED);
    assert.deepEqual(
      steps.map((one) => one.step),
      STEPS,
    );
    assert.ok(steps.every((one) => one.does !== '' && one.undo !== ''));
  });

  it('takes turns as the environment says, except on the way back, which no newer version supersedes', () => {
    const target = { ...ASKED.target, turns: 'latest' } as const;
    assert.equal(planPromotion({ ...ASKED, target }).turns, 'latest');
    assert.equal(planPromotion({ ...ASKED, target, rollback: {} }).turns, 'queue');
    assert.equal(planPromotion(ASKED).turns, 'queue');
  });

  it('is the same value for the same question, and survives JSON', () => {
    const plan = planPromotion(ASKED);
    assert.deepEqual(planPromotion(ASKED), plan);
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
  });

  for (const [title, changed] of [
    ['image', { image: { repository: 'iam', digest: `sha256:${'3'.repeat(64)}` } }],
    ['manifests', { manifests: `sha256:${'3'.repeat(64)}` }],
    ['version', { version: '1.0.1' }],
    ['policy', { policyVersion: 'another' }],
    ['approval rule', { target: { ...environments['staging'], approval: APPROVAL } }],
    ['namespace', { service: { ...services['iam'], namespaces: { staging: 'elsewhere' } } }],
  ] as const) {
    it(`has another digest when the ${title} changes`, () => {
      const other = planPromotion({ ...ASKED, ...changed } as PromotionAsked);
      assert.notEqual(digestOfJson(other), digestOfJson(planPromotion(ASKED)));
    });
  }

  it('skips, with a reason, what has nothing to do', () => {
    const skipped = (asked: PromotionAsked) =>
      planPromotion(asked)
        .steps.filter((one) => one.skipped !== undefined)
        .map((one) => one.step);
    assert.deepEqual(skipped(ASKED), ['gates', 'approval']);
    const home = { ...ASKED, target: ASKED.source };
    assert.deepEqual(skipped(home), [
      'gates',
      'approval',
      'import',
      'verify-digest',
      'copy-signatures',
      'verify-destination',
      'lock-image',
    ]);
    const { health: _, ...silent } = ASKED.service;
    assert.deepEqual(skipped({ ...ASKED, service: silent }), ['gates', 'approval', 'health']);
  });

  it('says whom it will ask', () => {
    const plan = planPromotion({ ...ASKED, target: { ...ASKED.target, approval: APPROVAL } });
    assert.equal(plan.steps.find((one) => one.step === 'approval')?.does, 'wait for 2 approvals from release-managers');
  });
});
