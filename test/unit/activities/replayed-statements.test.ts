/** What people signed lets in what they were asked about, once: whoever finds it in an old history can do nothing with it. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { StepRequest } from '../../../src/contract/activities.ts';
import type { Admission } from '../../../src/contract/plan.ts';
import { aGuardedWorld, type GuardedWorld, signed } from '../../support/guarded-world.ts';
import type { Pushed } from '../../support/memory-world.ts';

const STEPS = ['importImage', 'copySignatures', 'lockImage', 'applyManifests', 'recordPromotion'] as const;

describe('signed statements from an old history', () => {
  let world: GuardedWorld;
  let one: Pushed;
  let two: Pushed;
  beforeEach(async () => {
    world = await aGuardedWorld();
    [one, two] = [await world.push('one'), await world.push('two')];
  });

  /** As the workflow of that name does it: let in, and everything done. */
  async function promoted(asked: StepRequest, from: string): Promise<void> {
    const request = await admitted(asked, from);
    for (const step of STEPS) assert.ok((await world.ask(step, request, from)).ok, step);
  }

  async function admitted(asked: StepRequest, from: string): Promise<StepRequest> {
    const answer = await world.ask('admit', asked, from);
    assert.ok(
      answer.ok && answer.planDigest === asked.planDigest && answer.closed === undefined,
      JSON.stringify(answer),
    );
    return { ...asked, baseline: answer.baseline };
  }

  async function refused(asked: StepRequest, from: string | { workflowId: string; runId: string }): Promise<void> {
    const before = [...world.clusters.staging.effects, ...world.registries.effects];
    const answer = await world.ask('admit', asked, from);
    assert.ok(!answer.ok && answer.refusal.code === 'approval-replayed', JSON.stringify(answer));
    assert.deepEqual([...world.clusters.staging.effects, ...world.registries.effects], before);
    assert.equal(world.audit.at(-1)?.['code'], 'approval-replayed');
  }

  async function admission(): Promise<Admission> {
    const { records } = world.zones.staging.ports;
    return JSON.parse((await records.read('admission', 'iam-staging', 'iam')) ?? 'null') as Admission;
  }

  it('do not bring an older version back that a newer one has replaced', async () => {
    const first = await world.approved(one, '1.0.0');
    await promoted(first, 'first');
    await promoted({ ...(await world.approved(two, '2.0.0')), fence: 2 }, 'second');
    await refused({ ...first, fence: 3 }, 'by hand');
    await refused({ ...first, fence: 3 }, 'first');
  });

  it('do not repeat a promotion that has just ended, not even as the workflow that it was', async () => {
    const request = await world.approved(one);
    await promoted(request, 'first');
    await refused(request, 'first');
    await refused(request, 'by hand');
  });

  it('do not let a promotion in that was aborted before it changed anything', async () => {
    const request = await world.approved(one);
    await admitted(request, 'aborted');
    await refused(request, 'by hand');
    await refused({ ...request, fence: 2 }, 'by hand');
  });

  it('do not let the promotion in again that a newer one has displaced', async () => {
    const request = await world.approved(one);
    await admitted(request, 'displaced');
    await admitted({ ...(await world.approved(two, '2.0.0')), fence: 2 }, 'newer');
    await refused({ ...request, fence: 3 }, 'displaced');
  });

  it('do not count beside a new one either', async () => {
    const request = await world.approved(one);
    await admitted(request, 'first');
    const fresh = await signed(world.people.bob, request);
    await refused({ ...request, approvals: [fresh, ...request.approvals], fence: 2 }, 'by hand');
    await admitted({ ...request, approvals: [fresh], fence: 2 }, 'by hand');
  });

  it('are spent as well where they were not needed', async () => {
    const request = await world.approved(one);
    const again = await signed(world.people.ada, request);
    await promoted({ ...request, approvals: [...request.approvals, again] }, 'first');
    await refused({ ...request, approvals: [again], fence: 2 }, 'by hand');
  });

  it('let the same run in twice: its first answer may have been lost', async () => {
    const request = await world.approved(one);
    await admitted(request, 'first');
    const before = await admission();
    await admitted(request, 'first');
    assert.deepEqual(await admission(), before);
    await promoted(request, 'first');
  });

  it('do not let another run of the same workflow in: a workflow’s id can be had by anybody', async () => {
    const request = await world.approved(one);
    await admitted(request, 'first');
    await refused(request, { workflowId: 'first', runId: 'after a reset' });
  });

  it('let in a run that was reset before it was let in', async () => {
    const request = await world.approved(one);
    assert.ok((await world.ask('checkGates', request, 'first')).ok);
    const answer = await world.ask('admit', request, { workflowId: 'first', runId: 'after a reset' });
    assert.ok(answer.ok, JSON.stringify(answer));
  });

  it('do not stand in the way of the same version on another plan, or of new answers to the same one', async () => {
    const request = await world.approved(one);
    await promoted(request, 'first');
    await admitted({ ...(await world.approved(one, '1.0.1')), fence: 2 }, 'second');
    await admitted({ ...(await world.approved(one)), fence: 3 }, 'third');
  });

  it('that passed a closed gate pass none again', async () => {
    const { people } = world;
    const request = await world.approved(one);
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', since: '2026-11-23T11:00:00Z' } as const;
    const restraints = [{ ...stop, until: '2026-11-23T23:00:00Z' }];
    await world.ask('writeRestraints', { environment: 'staging', restraints });
    const override = await signed(people.grace, request, { overrides: ['stop'], reason: 'it mends the incident' });
    await admitted({ ...request, overrides: [override] }, 'first');
    const fresh = [await signed(people.bob, request)];
    await refused({ ...request, approvals: fresh, overrides: [override], fence: 2 }, 'by hand');
  });

  it('are remembered until they end by themselves, and no longer', async () => {
    const request = await world.approved(one);
    await promoted(request, 'first');
    assert.equal((await admission()).spent?.length, 1);
    world.clock = new Date(world.clock.getTime() + 2 * 86_400_000);
    const later = await world.approved(two, '2.0.0');
    const fresh = [await signed(world.people.ada, later, {}, world.clock)];
    await admitted({ ...later, approvals: fresh, fence: 2 }, 'second');
    assert.equal((await admission()).spent?.length, 1);
    const stale = await world.ask('admit', { ...request, fence: 3 }, 'by hand');
    assert.ok(!stale.ok && stale.refusal.code === 'approval-stale', JSON.stringify(stale));
  });

  it('are spent once where two workflows come with the same ones at the same instant', async () => {
    const request = await world.approved(one);
    const answers = await Promise.all(['left', 'right'].map((from) => world.ask('admit', request, from)));
    assert.deepEqual(answers.map((one) => (one.ok ? 'let in' : one.refusal.code)).toSorted(), [
      'approval-replayed',
      'let in',
    ]);
  });
});
