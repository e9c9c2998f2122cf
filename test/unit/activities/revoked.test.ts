import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Signatures } from '../../../src/ports/signatures.ts';
import { letIn, planFor, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, requestFor, SIGNER } from '../../support/memory-world.ts';

/** A world in which the signer can be revoked at any time. */
async function aRevocableWorld(): Promise<{ world: MemoryWorld; revoked: Set<string> }> {
  const revoked = new Set<string>();
  return { world: await aWorld({ revoked }), revoked };
}

const BEFORE_APPLY = ['importImage', 'verifyDigest', 'copySignatures'] as const;

describe('what happens when a signer is revoked while a release is under way', () => {
  it('the source is refused with its own code, and the zone lets nothing in', async () => {
    const { world, revoked } = await aRevocableWorld();
    const request = requestFor(await planFor(world, await world.push('one'), '1.0.0'));
    revoked.add(SIGNER);
    const source = await run(world.zones.staging, 'verifySignatures', { ...request, at: 'source' });
    assert.ok(!source.ok && source.refusal.code === 'signer-revoked', JSON.stringify(source));
    const admitted = await run(world.zones.staging, 'admit', request);
    assert.ok(!admitted.ok && admitted.refusal.code === 'signer-revoked', JSON.stringify(admitted));
  });

  it('the copy is refused at the destination', async () => {
    const { world, revoked } = await aRevocableWorld();
    const zone = world.zones.staging;
    const request = await letIn(zone, requestFor(await planFor(world, await world.push('one'), '1.0.0')));
    for (const name of BEFORE_APPLY) await run(zone, name, request);
    revoked.add(SIGNER);
    const answer = await run(zone, 'verifySignatures', { ...request, at: 'destination' });
    assert.ok(!answer.ok && answer.refusal.code === 'signer-revoked', JSON.stringify(answer));
  });

  it('nothing is applied after the destination was verified, and the cluster is not touched', async () => {
    const { world, revoked } = await aRevocableWorld();
    const zone = world.zones.staging;
    const request = await letIn(zone, requestFor(await planFor(world, await world.push('one'), '1.0.0')));
    for (const name of BEFORE_APPLY) await run(zone, name, request);
    const verified = await run(zone, 'verifySignatures', { ...request, at: 'destination' });
    assert.ok(verified.ok);
    await run(zone, 'lockImage', request);
    const before = [...world.clusters.staging.effects];
    revoked.add(SIGNER);
    const answer = await run(zone, 'applyManifests', request);
    assert.ok(!answer.ok && answer.refusal.code === 'signer-revoked', JSON.stringify(answer));
    assert.match(answer.refusal.remedy ?? '', /sign the image anew/);
    assert.deepEqual(world.clusters.staging.effects, before);
  });

  it('what ran before can be put back all the same', async () => {
    const { world, revoked } = await aRevocableWorld();
    const zone = world.zones.staging;
    const request = await letIn(zone, requestFor(await planFor(world, await world.push('one'), '1.0.0')));
    for (const name of BEFORE_APPLY) await run(zone, name, request);
    await run(zone, 'applyManifests', request);
    revoked.add(SIGNER);
    const undone = await run(zone, 'restoreManifests', request);
    assert.ok(undone.ok, JSON.stringify(undone));
  });

  it('where nobody can be revoked nothing is asked again before the manifests are applied', async () => {
    const world = await aWorld();
    const { staging } = world.zones;
    let asked = 0;
    const { signatures } = staging.ports;
    const counting: Signatures = {
      ...signatures,
      verify(registry, image, wanted) {
        asked += 1;
        return signatures.verify(registry, image, wanted);
      },
    };
    const zone = { ...staging, ports: { ...staging.ports, signatures: counting } };
    const request = await letIn(zone, requestFor(await planFor(world, await world.push('one'), '1.0.0')));
    for (const name of BEFORE_APPLY) await run(zone, name, request);
    const before = asked;
    assert.ok((await run(zone, 'applyManifests', request)).ok);
    assert.equal(asked, before);
  });
});
