/**
 * An attacker with every right on the Temporal namespace can put any request on a zone's task queue. What stands between that and
 * the environment is what the zone checks by itself.
 */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { StepRequest } from '../../../src/contract/activities.ts';
import { digestOfJson } from '../../../src/content/digest-of.ts';
import type { EnvironmentRules } from '../../../src/domain/rulebook.ts';
import { advance, isFailure, letIn, planFor, promote, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, type Pushed, requestFor } from '../../support/memory-world.ts';

const ACTING = [
  'importImage',
  'copySignatures',
  'lockImage',
  'applyManifests',
  'recordPromotion',
  'unlockImage',
  'removeImage',
  'restoreManifests',
] as const;

describe('when somebody asks a zone for something by hand', () => {
  let world: MemoryWorld;
  let pushed: Pushed;
  beforeEach(async () => {
    world = await aWorld({
      rulebook: (rulebook) => {
        const staging = rulebook.environments['staging'] as EnvironmentRules;
        const approval = { required: 1, from: ['release-managers'], notRequester: true, deadlineMs: 1_000 };
        const overrides = { stop: { from: ['incident-managers'] } };
        return {
          ...rulebook,
          environments: { ...rulebook.environments, staging: { ...staging, approval, overrides } },
        };
      },
    });
    pushed = await world.push('one');
  });

  function untouched(): void {
    assert.deepEqual(world.clusters.staging.effects, []);
    const copies = world.registries.effects.filter((effect) => JSON.stringify(effect).includes('"staging"'));
    assert.deepEqual(copies, []);
  }

  async function approved(given: Pushed = pushed, version = '1.0.0'): Promise<StepRequest> {
    const planned = await planFor(world, given, version);
    const at = '2026-11-23T12:00:00Z';
    const approvals = [{ decision: 'approve', approver: 'ada', planDigest: planned.planDigest, at } as const];
    return { ...requestFor(planned), approvals };
  }

  for (const name of ACTING) {
    it(`${name} refuses what was never let in`, async () => {
      await assert.rejects(run(world.zones.staging, name, await approved()), isFailure('not-admitted', true));
      untouched();
    });
  }

  it('nothing is let in without the approvals that the zone itself asks for', async () => {
    const request = await approved();
    const [yes] = request.approvals;
    assert.ok(yes);
    const forged: Readonly<Record<string, StepRequest['approvals']>> = {
      'approval-unproven': [],
      'approval-other-plan': [{ ...yes, planDigest: digestOfJson('another plan') }],
      'approval-rejected': [{ ...yes, decision: 'reject', reason: 'no' }],
      'approval-excluded': [{ ...yes, approver: request.requestedBy }],
      'approval-duplicate': [yes, yes],
    };
    for (const [code, approvals] of Object.entries(forged)) {
      const answer = await run(world.zones.staging, 'admit', { ...request, approvals });
      assert.ok(!answer.ok && answer.refusal.code === code, `${code}: ${JSON.stringify(answer)}`);
    }
    untouched();
  });

  it('nothing is let in without a lease, or with one that a later one has followed', async () => {
    const { fence: _, ...without } = await approved();
    const none = await run(world.zones.staging, 'admit', without);
    assert.ok(!none.ok && none.refusal.code === 'not-admitted', JSON.stringify(none));
    const tomorrow = Date.parse('2026-11-25T12:00:00Z');
    const ahead = await run(world.zones.staging, 'admit', { ...(await approved()), fence: tomorrow });
    assert.ok(!ahead.ok && ahead.refusal.code === 'not-admitted', JSON.stringify(ahead));
    untouched();
    await letIn(world.zones.staging, { ...(await approved(await world.push('two'), '2.0.0')), fence: 7 });
    const late = await run(world.zones.staging, 'admit', { ...(await approved()), fence: 6 });
    assert.ok(!late.ok && late.refusal.code === 'turn-lost', JSON.stringify(late));
  });

  it('nothing is let in while the environment remembers a stop or a hold, unless one of its groups said so', async () => {
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', since: '2026-11-23T11:00:00Z' } as const;
    const restrained = (until: string) =>
      run(world.zones.staging, 'writeRestraints', { environment: 'staging', restraints: [{ ...stop, until }] });
    const request = await approved();
    const said = { decision: 'approve', approver: 'linus', planDigest: request.planDigest, at: stop.since } as const;
    const override = { ...said, overrides: ['stop'], reason: 'it mends the incident' };

    await restrained('2026-11-23T13:00:00Z');
    const closed = await run(world.zones.staging, 'admit', request);
    assert.ok(closed.ok && closed.closed === true, JSON.stringify(closed));
    const byRequester = { ...override, approver: request.requestedBy };
    const forged = await run(world.zones.staging, 'admit', { ...request, overrides: [byRequester] });
    assert.ok(forged.ok && forged.closed === true, 'whoever started it opens no gate');
    const passed = await run(world.zones.staging, 'admit', { ...request, overrides: [override] });
    assert.ok(passed.ok && passed.closed === undefined, JSON.stringify(passed));

    await restrained('2026-11-23T11:59:00Z');
    const thawed = await run(world.zones.staging, 'admit', request);
    assert.ok(thawed.ok && thawed.closed === undefined, 'a stop ends by itself');
  });

  it('a plan that asks for no approval is answered with the one that the zone makes, and is not let in', async () => {
    const request = await approved();
    const { approval: _, ...plan } = request.plan;
    const answer = await run(world.zones.staging, 'admit', {
      ...request,
      plan,
      planDigest: digestOfJson(plan),
      approvals: [],
    });
    assert.ok(answer.ok && answer.planDigest === request.planDigest, JSON.stringify(answer));
    const forged = { ...request, plan, planDigest: digestOfJson(plan) };
    await assert.rejects(run(world.zones.staging, 'importImage', forged), isFailure('not-admitted', true));
    untouched();
  });

  it('an image that nobody trusted has signed is not let in, however well it is approved', async () => {
    const answer = await run(
      world.zones.staging,
      'admit',
      await approved(await world.push('two', { signer: 'mallory' })),
    );
    assert.ok(!answer.ok && answer.refusal.code === 'signature-untrusted', JSON.stringify(answer));
    untouched();
  });

  it('a plan that was changed after it was let in, or a way back of somebody else, changes nothing', async () => {
    const request = await letIn(world.zones.staging, await approved());
    const other = await world.push('two', { signer: 'mallory' });
    const image = { repository: 'iam', digest: other.digest };
    const plan = { ...request.plan, image };
    const current = { ...request.plan, format: 1, image, objects: [], since: '', workflowId: '', approvedBy: [] };
    const forged: readonly StepRequest[] = [
      { ...request, plan },
      { ...request, plan, planDigest: digestOfJson(plan) },
      { ...request, baseline: { ...request.baseline, current: { ...current, format: 1, requestedBy: 'mallory' } } },
    ];
    for (const one of forged)
      for (const name of ACTING)
        await assert.rejects(run(world.zones.staging, name, one), isFailure('not-admitted', true));
    assert.deepEqual(
      world.clusters.staging.effects.map((effect) => effect.kind),
      ['admitted'],
    );
  });

  it('a promotion that has ended can be neither repeated nor undone by its own words', async () => {
    const { request } = await advance(world, await approved());
    assert.ok((await run(world.zones.staging, 'recordPromotion', request)).ok);
    const effects = world.clusters.staging.effects.length + world.registries.effects.length;
    for (const name of ACTING.filter((one) => one !== 'recordPromotion'))
      await assert.rejects(run(world.zones.staging, name, request), isFailure('not-admitted', true));
    assert.ok((await run(world.zones.staging, 'recordPromotion', request)).ok, 'the last step may run twice');
    assert.equal(world.clusters.staging.effects.length + world.registries.effects.length, effects);
  });

  it('a promotion that was displaced by a newer one changes nothing any more', async () => {
    const { request: older } = await advance(world, await approved());
    await promote(world, await approved(await world.push('two'), '2.0.0'));
    for (const name of ACTING)
      await assert.rejects(run(world.zones.staging, name, older), isFailure('not-admitted', true));
  });
});
