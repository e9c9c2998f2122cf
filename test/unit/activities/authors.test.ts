/** Whoever made an image does not approve it where the rules say so: read from signed provenance, bound to the plan, checked by the zone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stateAttestation } from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import type { ApprovalStatement } from '../../../src/domain/approval.ts';
import type { EnvironmentRules } from '../../../src/domain/rulebook.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { isFailure, planFor, promote, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, type Pushed, requestFor, SIGNER } from '../../support/memory-world.ts';

const TYPE = 'https://slsa.dev/provenance/v1';

function guarded(isGuarded = true): Promise<MemoryWorld> {
  return aWorld({
    rulebook: (rulebook) => {
      const staging = rulebook.environments['staging'] as EnvironmentRules;
      const group = { required: 1, from: [], notRequester: true, deadlineMs: 1_000 };
      const approval = isGuarded ? { ...group, notAuthor: true as const } : group;
      const authors = [{ predicateType: TYPE, at: ['/build/actor'] }];
      return { ...rulebook, authors, environments: { ...rulebook.environments, staging: { ...staging, approval } } };
    },
  });
}

async function attest({ registries }: MemoryWorld, { digest }: Pushed, actor: string, by = SIGNER): Promise<string> {
  const stated = stateAttestation(digest, by, TYPE, { build: { actor } });
  await registries.registry('dev').publisher.publish('iam', stated);
  return stated.manifestDigest;
}

async function asked(world: MemoryWorld, pushed: Pushed, environment: 'dev' | 'staging' = 'staging') {
  return run(world.zones[environment], 'planPromotion', {
    ...{ service: 'iam', version: '1.0.0', environment, source: 'dev', manifestsPublished: true },
    image: { repository: 'iam', digest: pushed.digest },
    manifests: pushed.manifests,
  });
}

async function answered(world: MemoryWorld, pushed: Pushed, approver: string) {
  const planned = await planFor(world, pushed, '1.0.0');
  const yes: ApprovalStatement = { decision: 'approve', approver, planDigest: planned.planDigest };
  return { ...requestFor(planned), approvals: [{ ...yes, at: '2026-11-23T12:00:00Z' }] };
}

describe('an environment where who made an image may not approve it', () => {
  it('has the authors in the plan, and another author is another plan', async () => {
    const world = await guarded();
    const pushed = await world.push('one');
    await attest(world, pushed, 'zoe');
    const { plan, planDigest } = await planFor(world, pushed, '1.0.0');
    assert.deepEqual(plan.authors, ['zoe']);
    await attest(world, pushed, 'ada');
    const again = await planFor(world, pushed, '1.0.0');
    assert.deepEqual(again.plan.authors, ['ada', 'zoe']);
    assert.notEqual(again.planDigest, planDigest);
  });

  it('knows them before a release starts, when the image is only where its path begins', async () => {
    const world = await guarded();
    const pushed = await world.push('one');
    await attest(world, pushed, 'zoe');
    const foreseen = await run(world.zones.staging, 'planPromotion', {
      ...{ service: 'iam', version: '1.0.0', environment: 'staging', source: 'staging', manifestsPublished: false },
      image: { repository: 'iam', digest: pushed.digest },
      manifests: pushed.manifests,
    });
    assert.ok(foreseen.ok, JSON.stringify(foreseen));
    assert.deepEqual(foreseen.plan.authors, ['zoe']);
  });

  it('looks ahead without them where it has no right to look yet, and not where the image is next door', async () => {
    const world = await guarded();
    const pushed = await world.push('one');
    const closed = async (): Promise<never> => {
      throw new PortError('registry-forbidden', 'no right there', { retry: 'no' });
    };
    const { dev } = world.zones.staging.ports.sources;
    assert.ok(dev);
    const sources = { dev: { ...dev, manifest: closed, referrers: closed } };
    const zone = { ...world.zones.staging, ports: { ...world.zones.staging.ports, sources } };
    const plan = (source: string, manifestsPublished: boolean) =>
      run(zone, 'planPromotion', {
        ...{ service: 'iam', version: '1.0.0', environment: 'staging', source, manifestsPublished },
        ...{ image: { repository: 'iam', digest: pushed.digest }, manifests: pushed.manifests },
      });
    const foreseen = await plan('staging', false);
    assert.ok(foreseen.ok, JSON.stringify(foreseen));
    assert.equal(foreseen.plan.authors, undefined);
    await assert.rejects(plan('dev', false), isFailure('registry-forbidden', true));
    await assert.rejects(plan('staging', true));
  });

  it('refuses an image of which nobody trusted says who made it', async () => {
    const world = await guarded();
    const pushed = await world.push('one');
    for (const prepare of [() => Promise.resolve(''), () => attest(world, pushed, 'zoe', 'a stranger')]) {
      await prepare();
      const answer = await asked(world, pushed);
      assert.ok(!answer.ok);
      assert.equal(answer.refusal.code, 'author-unknown');
    }
  });

  it('does not let in what its author approved, whatever the workflow says, and lets in what somebody else did', async () => {
    const world = await guarded();
    const pushed = await world.push('one');
    await attest(world, pushed, 'zoe');
    const answer = await run(world.zones.staging, 'admit', await answered(world, pushed, 'Zoe'));
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.code, 'approval-excluded');
    assert.ok((await run(world.zones.staging, 'admit', await answered(world, pushed, 'ada'))).ok);
  });

  it('does not admit a plan from which the authors were left out', async () => {
    const world = await guarded();
    const pushed = await world.push('one');
    await attest(world, pushed, 'zoe');
    const honest = await answered(world, pushed, 'zoe');
    const { authors: _, ...plan } = honest.plan;
    const answer = await run(world.zones.staging, 'admit', { ...honest, plan });
    assert.ok(!answer.ok);
  });

  it('has the provenance beside the image afterwards, so that the next environment reads it too', async () => {
    const world = await guarded();
    const pushed = await world.push('one');
    const digest = await attest(world, pushed, 'zoe');
    await promote(world, await answered(world, pushed, 'ada'));
    const referrers = await world.registries.registry('staging').reader.referrers('iam', pushed.digest);
    assert.ok(referrers.some((one) => one.digest === digest));
  });

  it('asks nothing where no group minds', async () => {
    const world = await guarded(false);
    const pushed = await world.push('one');
    assert.equal((await planFor(world, pushed, '1.0.0')).plan.authors, undefined);
    assert.ok((await asked(world, pushed, 'dev')).ok);
  });
});
