/** Where a roll-back may go, from the zone's own memory of what ran well there and of what was taken away again. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { KnownGoodAnswer } from '../../../src/contract/activities.ts';
import type { KnownGood, PlannedPromotion } from '../../../src/contract/plan.ts';
import { planFor, promote, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, type Pushed, requestFor, YAML } from '../../support/memory-world.ts';

describe('when an environment goes back to what ran well there', () => {
  let world: MemoryWorld;
  beforeEach(async () => {
    world = await aWorld();
  });

  let fence = 0;
  async function release(version: string, pushed?: Pushed): Promise<Pushed> {
    const image = pushed ?? (await world.push(version));
    fence += 1;
    await promote(world, { ...requestFor(await planFor(world, image, version)), fence });
    return image;
  }

  const find = (to?: string): Promise<KnownGoodAnswer> =>
    run(world.zones.staging, 'findKnownGood', {
      ...{ service: 'iam', environment: 'staging' },
      ...(to === undefined ? {} : { to }),
    });

  async function found(to?: string): Promise<KnownGood> {
    const answer = await find(to);
    assert.ok(answer.ok, JSON.stringify(answer));
    return answer.known;
  }

  async function planBack({ version, image, manifests }: Omit<KnownGood, 'since'>, awayFrom?: string) {
    const where = { environment: 'staging', source: 'staging', manifestsPublished: true, rollback: true } as const;
    const away = awayFrom === undefined ? {} : { awayFrom };
    return run(world.zones.staging, 'planPromotion', { service: 'iam', version, image, manifests, ...where, ...away });
  }

  async function goBack(to?: string): Promise<PlannedPromotion> {
    const planned = await planBack(await found(to));
    assert.ok(planned.ok, JSON.stringify(planned));
    const zone = world.zones.staging;
    fence += 1;
    const asked = { ...requestFor(planned), fence };
    const admitted = await run(zone, 'admit', asked);
    assert.ok(admitted.ok, JSON.stringify(admitted));
    const request = { ...asked, baseline: admitted.baseline };
    await run(zone, 'applyManifests', request);
    await run(zone, 'recordPromotion', request);
    return planned;
  }

  it('says what it leads away from, and who was let in and has not ended well', async () => {
    for (const version of ['1.0.0', '2.0.0']) await release(version);
    const settled = await find();
    assert.ok(settled.ok);
    assert.deepEqual([settled.current, settled.inside], ['2.0.0', undefined]);
    fence += 1;
    const planned = await planFor(world, await world.push('3.0.0'), '3.0.0');
    assert.ok((await run(world.zones.staging, 'admit', { ...requestFor(planned), fence })).ok);
    const during = await find();
    assert.ok(during.ok);
    assert.deepEqual([during.current, during.known.version, during.inside?.fence], ['2.0.0', '1.0.0', fence]);
    assert.equal((await find('4.0.0')).inside?.fence, fence, 'also where there is nothing to go back to');
  });

  it('that does not name where it goes leads away from what ran when it was asked for, or nowhere', async () => {
    for (const version of ['1.0.0', '2.0.0']) await release(version);
    const known = await found();
    const planned = await planBack(known, '2.0.0');
    assert.ok(planned.ok, JSON.stringify(planned));
    assert.equal(planned.plan.awayFrom, '2.0.0');
    assert.match(planned.plan.steps[0]?.does ?? '', /back to staging, away from 2\.0\.0$/);
    assert.equal((await planBack(known)).ok, true, 'one that names it goes there from wherever it is');
    await release('3.0.0');
    fence += 1;
    const late = [
      await planBack(known, '2.0.0'),
      await run(world.zones.staging, 'admit', { ...requestFor(planned), fence }),
    ];
    for (const answer of late) {
      assert.ok(!answer.ok);
      assert.equal(answer.refusal.code, 'command-not-possible');
      assert.match(answer.refusal.message, /staging runs iam 3\.0\.0 by now, .* away from 2\.0\.0/);
      assert.match(answer.refusal.remedy ?? '', /--to 1\.0\.0/);
    }
  });

  it('goes one further back each time, and never to what was rolled back from', async () => {
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) await release(version);
    assert.equal((await goBack()).plan.version, '2.0.0');
    assert.equal((await goBack()).plan.version, '1.0.0');
    const answer = await find();
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.code, 'rollback-impossible');
    assert.match(answer.refusal.expected ?? '', /2\.0\.0 \(rolled back before\)/);
  });

  it('goes back to what ran before a newer version came, whatever was taken away in between', async () => {
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) await release(version);
    await goBack('1.0.0');
    await release('4.0.0');
    assert.equal((await found()).version, '1.0.0');
  });

  it('goes to what was rolled back before when it is named, and says so in the answer and in the plan', async () => {
    await release('1.0.0');
    await release('2.0.0');
    await goBack();
    assert.equal((await found('2.0.0')).rolledBackAt, '2026-11-23T12:00:00.000Z');
    const { plan } = await goBack('2.0.0');
    assert.match(plan.steps[0]?.does ?? '', /it was rolled back there at 2026-11-23/);
  });

  it('takes what was brought back by name for good again, and what it took away for bad', async () => {
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) await release(version);
    await goBack();
    await goBack('3.0.0');
    assert.equal((await found('2.0.0')).rolledBackAt, '2026-11-23T12:00:00.000Z');
    assert.equal((await goBack()).plan.version, '1.0.0');
  });

  it('goes back also where only the manifests were changed', async () => {
    const image = await release('1.0.0');
    const scaled = await world.push('1.0.0', { yaml: YAML.replace('replicas: 2', 'replicas: 1') });
    assert.equal(scaled.digest, image.digest);
    await release('1.0.1', scaled);
    assert.equal((await found()).version, '1.0.0');
  });

  it('remembers what runs however many versions were tried on top of it and taken away', async () => {
    await release('1.0.0');
    for (let minor = 1; minor <= 11; minor += 1) {
      await release(`1.${minor}.0`);
      await goBack();
    }
    await release('2.0.0');
    assert.equal((await found()).version, '1.0.0');
  });

  it('remembers the ten newest that nobody took away', async () => {
    for (let major = 1; major <= 11; major += 1) await release(`${major}.0.0`);
    assert.equal((await found('2.0.0')).version, '2.0.0');
    const forgotten = await find('1.0.0');
    assert.ok(!forgotten.ok && forgotten.refusal.code === 'rollback-impossible');
  });

  it('refuses what runs there, what never ran there, and where nothing ran', async () => {
    const nothing = await find();
    assert.ok(!nothing.ok && nothing.refusal.got === 'nothing runs there', JSON.stringify(nothing));
    await release('1.0.0');
    for (const [to, message] of [
      [undefined, /^nothing else ran well in staging that iam could go back to$/],
      ['1.0.0', /^1\.0\.0 is what runs in staging$/],
      ['9.9.9', /^9\.9\.9 of iam is not known to have run well in staging$/],
    ] as const) {
      const answer = await find(to);
      assert.ok(!answer.ok && answer.refusal.code === 'rollback-impossible', JSON.stringify(answer));
      assert.match(answer.refusal.message, message);
    }
  });

  it('says of a version with the same content as the present one that there is nothing to bring back', async () => {
    const pushed = await release('1.0.0');
    await release('1.0.1', pushed);
    const answer = await find('1.0.0');
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.message, '1.0.0 is what runs in staging: 1.0.1 has the same image and manifests');
  });

  it('remembers the same when what ends it is done twice', async () => {
    await release('1.0.0');
    await release('2.0.0');
    const { plan, planDigest, baseline } = await goBack();
    const before = await world.clusters.staging.records.read('history', 'iam-staging', 'iam');
    await run(world.zones.staging, 'recordPromotion', { ...requestFor({ plan, planDigest, baseline }), fence });
    assert.equal(await world.clusters.staging.records.read('history', 'iam-staging', 'iam'), before);
  });

  it('plans nothing that only calls itself a roll-back', async () => {
    await release('1.0.0');
    const { digest, manifests } = await world.push('other');
    const known = await found('1.0.0').catch(() => undefined);
    assert.equal(known, undefined, 'it runs there');
    const image = { repository: 'iam', digest };
    for (const version of ['1.0.0', '6.6.6']) {
      const answer = await planBack({ version, image, manifests });
      assert.ok(!answer.ok && answer.refusal.code === 'rollback-impossible', JSON.stringify(answer));
    }
  });
});
