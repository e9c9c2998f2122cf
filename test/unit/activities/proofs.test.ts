/** What an environment wants stated is asked before people are, at the door, and where the image has arrived. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stateAttestation, stateSignature } from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import type { EnvironmentRules } from '../../../src/domain/rulebook.ts';
import type { ProofRules } from '../../../src/domain/proof.ts';
import { letIn, planFor, promote, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, type Pushed, requestFor, SIGNER } from '../../support/memory-world.ts';
import { github, V1 } from '../policy/proofs/provenances.ts';
import { COSIGN, trivy } from '../policy/proofs/reports.ts';

const DAY_MS = 86_400_000;
const PROOFS: ProofRules = {
  signatures: { need: 'any', of: ['signatures'] },
  provenance: { by: ['signatures'], sources: ['https://github.com/org/repo'] },
  vulnerabilities: { by: ['signatures'], noOlderThanMs: DAY_MS, most: { critical: 0 }, exceptions: [] },
};

async function proving(): Promise<MemoryWorld & { clock: Date }> {
  const clock = { now: new Date('2026-11-30T12:00:00Z') };
  const world = await aWorld({
    now: () => clock.now,
    rulebook: (rulebook) => {
      const staging = rulebook.environments['staging'] as EnvironmentRules;
      return { ...rulebook, environments: { ...rulebook.environments, staging: { ...staging, proofs: PROOFS } } };
    },
  });
  return {
    ...world,
    get clock() {
      return clock.now;
    },
    set clock(now) {
      clock.now = now;
    },
  };
}

async function attest(
  { registries }: MemoryWorld,
  { digest }: Pushed,
  type: string,
  predicate: Readonly<Record<string, unknown>>,
  at: 'dev' | 'staging' = 'dev',
): Promise<string> {
  const stated = stateAttestation(digest, SIGNER, type, predicate);
  await registries.registry(at).publisher.publish('iam', stated);
  return stated.manifestDigest;
}

async function attested(world: MemoryWorld, pushed: Pushed): Promise<void> {
  await attest(world, pushed, V1, github());
  await attest(world, pushed, COSIGN, trivy('2026-11-30T10:00:00Z'));
}

describe('an environment that wants something stated', () => {
  it('says in the plan what it will ask, and other rules are another plan', async () => {
    const world = await proving();
    const { plan } = await planFor(world, await world.push('one'), '1.0.0');
    const verify = plan.steps.find((one) => one.step === 'verify-source');
    assert.match(
      verify?.does ?? '',
      /verify the signatures of iam@.* in dev, and what is stated: provenance, vulnerabilities$/,
    );
  });

  it('refuses before anybody is asked, with the rule that comes first and the names of the others', async () => {
    const world = await proving();
    const request = requestFor(await planFor(world, await world.push('one'), '1.0.0'));
    const answer = await run(world.zones.staging, 'verifySignatures', { ...request, at: 'source' });
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.code, 'statement-missing');
    assert.match(answer.refusal.message, /provenance of iam@.*also refused by: vulnerabilities/);
  });

  it('leaves as evidence what was found, and in which statements', async () => {
    const world = await proving();
    const pushed = await world.push('one');
    await attested(world, pushed);
    const request = requestFor(await planFor(world, pushed, '1.0.0'));
    const answer = await run(world.zones.staging, 'verifySignatures', { ...request, at: 'source' });
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.equal(answer.summary, 'signed by build, provenance, vulnerabilities');
    assert.match(answer.facts['provenance'] ?? '', /github.com\/org\/repo/);
    assert.match(answer.facts['provenance stated in'] ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.match(answer.facts['vulnerabilities'] ?? '', /0 critical/);
  });

  it('asks its own rules, not those of the environment that the image comes from', async () => {
    const world = await proving();
    const request = requestFor(await planFor(world, await world.push('one'), '1.0.0'));
    const plan = { ...request.plan, environment: 'dev', source: 'dev' };
    assert.ok((await run(world.zones.dev, 'verifySignatures', { ...request, plan, at: 'source' })).ok);
  });

  it('asks again where the image has arrived: what did not travel proves nothing there', async () => {
    const world = await proving();
    const pushed = await world.push('one');
    await attested(world, pushed);
    const request = await letIn(world.zones.staging, requestFor(await planFor(world, pushed, '1.0.0')));
    await run(world.zones.staging, 'importImage', request);
    await world.registries.registry('staging').publisher.publish('iam', stateSignature(pushed.digest, SIGNER));
    const before = await run(world.zones.staging, 'verifySignatures', { ...request, at: 'destination' });
    assert.ok(!before.ok && before.refusal.code === 'statement-missing', JSON.stringify(before));
    assert.match(before.refusal.message, /in staging\.example\.test/);
    await attest(world, pushed, V1, github(), 'staging');
    await attest(world, pushed, COSIGN, trivy('2026-11-30T10:00:00Z'), 'staging');
    assert.ok((await run(world.zones.staging, 'verifySignatures', { ...request, at: 'destination' })).ok);
  });

  it('brings what is stated along with the image, and finds it where it has arrived', async () => {
    const world = await proving();
    const pushed = await world.push('one');
    await attested(world, pushed);
    const answers = await promote(world, requestFor(await planFor(world, pushed, '1.0.0')));
    assert.ok(
      answers.every((one) => one.ok),
      JSON.stringify(answers),
    );
  });

  it('does not let in what has grown too old while people were asked, and says what to do', async () => {
    const world = await proving();
    const pushed = await world.push('one');
    await attested(world, pushed);
    const request = requestFor(await planFor(world, pushed, '1.0.0'));
    assert.ok((await run(world.zones.staging, 'verifySignatures', { ...request, at: 'source' })).ok);
    world.clock = new Date('2026-12-01T10:00:01Z');
    const answer = await run(world.zones.staging, 'admit', request);
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.code, 'vulnerabilities-refused');
    assert.match(answer.refusal.remedy ?? '', /scan it again and attest the report/);
  });

  it('lets in what a newer report speaks for', async () => {
    const world = await proving();
    const pushed = await world.push('one');
    await attested(world, pushed);
    world.clock = new Date('2026-12-01T10:00:01Z');
    await attest(world, pushed, COSIGN, trivy('2026-12-01T09:00:00Z'));
    const answer = await run(world.zones.staging, 'admit', requestFor(await planFor(world, pushed, '1.0.0')));
    assert.ok(answer.ok, JSON.stringify(answer));
  });

  it('applies nothing once the report has grown too old after it was looked at, though nobody can be revoked', async () => {
    const world = await proving();
    const pushed = await world.push('one');
    await attested(world, pushed);
    const { staging } = world.zones;
    const request = await letIn(staging, requestFor(await planFor(world, pushed, '1.0.0')));
    for (const name of ['importImage', 'verifyDigest', 'copySignatures'] as const)
      assert.ok((await run(staging, name, request)).ok);
    assert.ok((await run(staging, 'verifySignatures', { ...request, at: 'destination' })).ok);
    const before = [...world.clusters.staging.effects];
    world.clock = new Date('2026-12-01T10:00:01Z');
    const answer = await run(staging, 'applyManifests', request);
    assert.ok(!answer.ok && answer.refusal.code === 'vulnerabilities-refused', JSON.stringify(answer));
    assert.deepEqual(world.clusters.staging.effects, before);
  });

  it('asks no report of a roll-back, and where it comes from all the same', async () => {
    const world = await proving();
    const pushed = await world.push('one');
    const request = requestFor(await planFor(world, pushed, '1.0.0'));
    const back = { ...request, plan: { ...request.plan, rollback: true as const } };
    const before = await run(world.zones.staging, 'verifySignatures', { ...back, at: 'source' });
    assert.ok(
      !before.ok && before.refusal.code === 'statement-missing' && !/vulnerabilities/.test(before.refusal.message),
    );
    await attest(world, pushed, V1, github());
    assert.ok((await run(world.zones.staging, 'verifySignatures', { ...back, at: 'source' })).ok);
  });
});
