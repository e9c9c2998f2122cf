/** What makes a given answer worthless while a promotion waits: another content always, another baseline where the rule says so. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EnvironmentRules } from '../../../src/domain/rulebook.ts';
import { planFor, promote, run } from '../../support/activity-runs.ts';
import { aWorld, requestFor } from '../../support/memory-world.ts';

/** The plan of 2.0.0 is approved; then 1.0.0 enters before it. */
async function overtaken(voidOn: readonly ('content' | 'baseline')[]) {
  const world = await aWorld({
    rulebook: (rulebook) => {
      const staging = rulebook.environments['staging'] as EnvironmentRules;
      const approval = { required: 1, from: [], notRequester: true, deadlineMs: 1_000, voidOn };
      return { ...rulebook, environments: { ...rulebook.environments, staging: { ...staging, approval } } };
    },
  });
  const approved = async (pushed: Parameters<typeof planFor>[1], version: string) => {
    const planned = await planFor(world, pushed, version);
    const yes = {
      decision: 'approve',
      approver: 'ada',
      planDigest: planned.planDigest,
      at: '2026-11-23T12:00:00Z',
    } as const;
    return { ...requestFor(planned), approvals: [yes] };
  };
  const [one, two] = [await world.push('one'), await world.push('two')];
  const waiting = await approved(two, '2.0.0');
  await promote(world, await approved(one, '1.0.0'));
  const admitted = () => world.clusters.staging.effects.filter((effect) => effect.kind === 'admitted').length;
  const before = admitted();
  const answer = await run(world.zones.staging, 'admit', { ...waiting, fence: 2 });
  assert.ok(answer.ok, JSON.stringify(answer));
  return { waiting, answer, letIn: admitted() - before };
}

describe('an approved plan that was overtaken by another version', () => {
  it('is let in as it is where only content voids, with the way back that holds now', async () => {
    const { waiting, answer, letIn } = await overtaken(['content']);
    assert.equal(letIn, 1);
    assert.equal(answer.planDigest, waiting.planDigest);
    assert.equal(waiting.baseline.current, undefined);
    assert.equal(answer.baseline.current?.version, '1.0.0');
  });

  it('is another plan, and not let in, where the baseline voids as well', async () => {
    const { waiting, answer, letIn } = await overtaken(['content', 'baseline']);
    assert.equal(letIn, 0);
    assert.notEqual(answer.planDigest, waiting.planDigest);
    assert.equal(waiting.plan.onTopOf, 'nothing');
    assert.match(answer.plan.onTopOf ?? '', /^promotion\/iam\/1\.0\.0\/staging \(sha256:/);
  });
});
