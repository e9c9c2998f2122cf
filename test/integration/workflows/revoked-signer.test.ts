/** A signer is revoked while a release is under way: the real workflows and activities, over registries and clusters in memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Activities } from '../../../src/contract/activities.ts';
import { clientsOfSuite, engineOfSuite } from '../../support/engine.ts';
import { aWorld, type MemoryWorld, PATH, SIGNER } from '../../support/memory-world.ts';
import { worldActivities } from '../../support/world-activities.ts';

const HERE = 'staging';

describe('when a signer is revoked while a release is under way', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');
  const clients = clientsOfSuite(engine, 'grace');

  async function start(world: MemoryWorld, version: string): Promise<string> {
    const { digest, manifests } = await world.push(version);
    await clients.grace.startRelease({ service: 'iam', version, image: `iam@${digest}`, manifests });
    return digest;
  }

  it('it ends before the cluster is changed, what it brought is taken away, and what ran before goes on', async () => {
    const revoked = new Set<string>();
    const world = await aWorld({ revoked });
    const real = worldActivities(world);
    // after the copy was verified, and before anything is applied
    const lockImage: Activities['lockImage'] = async (request) => {
      const answer = await real.lockImage(request);
      if (request.plan.version === '2.0.0') revoked.add(SIGNER);
      return answer;
    };
    await engine.during(
      { ...real, lockImage },
      async () => {
        await start(world, '1.0.0');
        assert.equal((await clients.grace.wait({ service: 'iam', version: '1.0.0' })).outcome.kind, 'released');
        const digest = await start(world, '2.0.0');
        const { outcome, promotions } = await clients.grace.wait({ service: 'iam', version: '2.0.0' });
        assert.equal(outcome.kind, 'refused', outcome.reason);
        assert.equal(outcome.refusal?.code, 'signer-revoked');
        const steps = promotions.find((one) => one.environment === HERE)?.evidence.map((one) => one.step) ?? [];
        assert.ok(steps.includes('verify-destination'), steps.join());
        assert.equal((await clients.grace.environment(HERE)).running['iam']?.version, '1.0.0');
        const { reader } = world.registries.registry(HERE);
        assert.equal(await reader.manifest('iam', { tag: '2.0.0' }), undefined);
        const applied = world.clusters.staging.effects.filter((one) => JSON.stringify(one).includes(digest));
        assert.deepEqual(applied, []);
      },
      PATH,
    );
  });
});
