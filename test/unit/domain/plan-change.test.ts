import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { baselineChange, changesInWords, planChanges, replacesInWords } from '../../../src/domain/plan-change.ts';
import type { ApprovalRule } from '../../../src/domain/rulebook.ts';

const APPROVAL: ApprovalRule = { required: 1, from: ['release-managers'], notRequester: true, deadlineMs: 1_000 };
const STEPS = [
  { step: 'gates', does: 'pass the gates of production: freeze' },
  { step: 'apply-manifests', does: 'apply the manifests' },
];

function aPlan(fields: object = {}, current?: string) {
  const plan = { manifests: 'sha256:a', policyVersion: 'one', approval: APPROVAL, steps: STEPS, ...fields };
  return { plan, baseline: current === undefined ? {} : { current: { version: current } } };
}

const words = (fields: object, current?: string): string =>
  changesInWords(planChanges(aPlan(), aPlan(fields, current)));

describe('what has changed between two plans', () => {
  it('is nothing when nothing has', () => {
    assert.deepEqual(planChanges(aPlan(), aPlan()), []);
  });

  it('is said field by field, with what was and what is', () => {
    assert.deepEqual(planChanges(aPlan(), aPlan({ manifests: 'sha256:b' })), [
      { what: 'manifests', was: 'sha256:a', is: 'sha256:b' },
    ]);
    assert.equal(words({ policyVersion: 'two' }), 'version of the rules: one → two');
    assert.equal(words({ authors: ['ada'] }), 'who made the image: nothing → ["ada"]');
  });

  it('names who is asked now, and also another rule for the same people', () => {
    assert.equal(
      words({ approval: { ...APPROVAL, required: 2 } }),
      'who is asked: 1 of release-managers → 2 of release-managers',
    );
    assert.equal(words({ approval: undefined }), 'who is asked: 1 of release-managers → nobody');
    assert.equal(
      words({ approval: { ...APPROVAL, deadlineMs: 2 } }),
      'who is asked: {"deadlineMs":1000} → {"deadlineMs":2}',
    );
  });

  it('names gates that were added or taken away', () => {
    const steps = [{ step: 'gates', does: 'pass the gates of production: freeze, order' }, STEPS[1]];
    assert.equal(
      words({ steps }),
      'gates: pass the gates of production: freeze → pass the gates of production: freeze, order',
    );
  });

  it('names what it would replace, by its version or by what the plan says of it', () => {
    assert.equal(words({}, '1.0.0'), 'what it replaces: nothing → 1.0.0');
    const [before, after] = [aPlan({ onTopOf: 'a (1)' }, '1.0.0'), aPlan({ onTopOf: 'b (2)' }, '1.0.0')];
    assert.equal(changesInWords(planChanges(before, after)), 'what it replaces: a (1) → b (2)');
    const [replaces] = baselineChange(aPlan({}, '1.0.0'), aPlan({}, '1.1.0'));
    assert.ok(replaces);
    assert.equal(replacesInWords(replaces), 'it replaces 1.1.0 by now, and 1.0.0 when it was planned');
  });

  it('falls back to the steps where nothing else explains it', () => {
    const steps = [STEPS[0], { step: 'apply-manifests', does: 'apply them twice' }];
    assert.equal(
      words({ steps, policyVersion: 'two' }),
      'version of the rules: one → two; steps: apply the manifests → apply them twice',
    );
    assert.equal(words({ steps, manifests: 'sha256:b' }), 'manifests: sha256:a → sha256:b');
  });

  it('is short, whatever a plan says', () => {
    assert.ok(words({ namespace: 'x'.repeat(10_000) }).length < 300);
  });
});
