/** What an environment says of a version that is to have been healthy there, and what the next one's soak gate makes of it. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { GateRule, Soaked } from '../../../src/domain/gate.ts';
import { planFor, promote, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, type Pushed, requestFor } from '../../support/memory-world.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-23T00:00:00Z');
const at = (hours: number): string => new Date(START + hours * HOUR).toISOString();

describe('an environment in which something is to have been healthy', () => {
  let world: MemoryWorld;
  let hours = 0;
  let fence = 0;
  beforeEach(async () => {
    hours = 0;
    world = await aWorld({ now: () => new Date(START + hours * HOUR) });
  });

  async function release(version: string, pushed?: Pushed): Promise<Pushed> {
    const image = pushed ?? (await world.push(version));
    fence += 1;
    await promote(world, { ...requestFor(await planFor(world, image, version)), fence });
    return image;
  }

  async function goBack(to: string): Promise<void> {
    const zone = world.zones.staging;
    const answer = await run(zone, 'findKnownGood', { service: 'iam', environment: 'staging', to });
    assert.ok(answer.ok, JSON.stringify(answer));
    const { version, image, manifests } = answer.known;
    const where = { environment: 'staging', source: 'staging', manifestsPublished: true, rollback: true } as const;
    const planned = await run(zone, 'planPromotion', { service: 'iam', version, image, manifests, ...where });
    assert.ok(planned.ok, JSON.stringify(planned));
    fence += 1;
    const asked = { ...requestFor(planned), fence };
    assert.ok((await run(zone, 'admit', asked)).ok);
    await run(zone, 'applyManifests', asked);
    await run(zone, 'recordPromotion', asked);
  }

  const soaked = (version: string, { digest }: Pushed): Promise<Soaked> =>
    run(world.zones.staging, 'findSoaked', { service: 'iam', environment: 'staging', version, digest });

  it('says that nothing runs there when nothing does', async () => {
    assert.deepEqual(await soaked('1.0.0', await world.push('1.0.0')), { environment: 'staging' });
  });

  it('says since when the version runs there, and the same when it is asked twice', async () => {
    const pushed = await release('1.0.0');
    hours = 5;
    const running = { environment: 'staging', version: '1.0.0', digest: pushed.digest, since: at(0) };
    assert.deepEqual(await soaked('1.0.0', pushed), { environment: 'staging', running, since: at(0) });
    assert.deepEqual(await soaked('1.0.0', pushed), await soaked('1.0.0', pushed));
  });

  it('says when something newer followed', async () => {
    const pushed = await release('1.0.0');
    hours = 7;
    await release('1.1.0');
    hours = 9;
    await release('1.2.0');
    const { running, since, followedAt, rolledBackAt } = await soaked('1.0.0', pushed);
    assert.deepEqual([running?.version, since, followedAt, rolledBackAt], ['1.2.0', at(0), at(7), undefined]);
  });

  it('says that it was rolled back, and what runs instead', async () => {
    await release('1.0.0');
    hours = 1;
    const bad = await release('2.0.0');
    hours = 2;
    await goBack('1.0.0');
    const { running, rolledBackAt } = await soaked('2.0.0', bad);
    assert.deepEqual([running?.version, running?.since, rolledBackAt], ['1.0.0', at(2), at(2)]);
  });

  it('counts what was brought back from then on, also when something newer has followed', async () => {
    await release('1.0.0');
    hours = 1;
    const pushed = await release('2.0.0');
    hours = 2;
    await goBack('1.0.0');
    hours = 20;
    await goBack('2.0.0');
    assert.equal((await soaked('2.0.0', pushed)).since, at(20));
    hours = 22;
    await release('2.1.0');
    const { since, followedAt } = await soaked('2.0.0', pushed);
    assert.deepEqual([since, followedAt], [at(20), at(22)]);
  });

  it('knows nothing of the same version with another image', async () => {
    await release('1.0.0');
    const { running, since, followedAt } = await soaked('1.0.0', await world.push('another'));
    assert.deepEqual([running?.version, since, followedAt], ['1.0.0', undefined, undefined]);
  });

  it('says of a service that it does not know that it cannot say', async () => {
    const asked = {
      service: 'billing',
      environment: 'staging',
      version: '1.0.0',
      digest: (await world.push('x')).digest,
    };
    assert.match((await run(world.zones.staging, 'findSoaked', asked)).unknown ?? '', /billing/);
  });
});

describe('a zone with a soak gate', () => {
  const gates: readonly GateRule[] = [
    { kind: 'soak', name: 'soak', in: 'dev', forMs: HOUR },
    { kind: 'soak', name: 'far', in: 'elsewhere', forMs: HOUR },
  ];

  it('says with the plan whom to ask about it, and only environments through which the service comes', async () => {
    const world = await aWorld({
      rulebook: ({ environments, ...rest }) => ({
        ...rest,
        environments: Object.fromEntries(
          Object.entries(environments).map(([name, rules]) => [name, name === 'staging' ? { ...rules, gates } : rules]),
        ),
      }),
    });
    const image = await world.push('1.0.0');
    assert.deepEqual((await planFor(world, image, '1.0.0')).soaksIn, ['dev']);
    assert.equal((await planFor(world, image, '1.0.0', 'dev')).soaksIn, undefined);
  });

  it('believes what the environment says now, and not what the release has said of it before', async () => {
    const soak: readonly GateRule[] = [{ kind: 'soak', name: 'soak', in: 'dev', forMs: HOUR }];
    const world = await aWorld({
      rulebook: ({ environments, ...rest }) => ({
        ...rest,
        environments: { ...environments, staging: { ...environments['staging'], gates: soak } as never },
      }),
    });
    const planned = await planFor(world, await world.push('1.0.0'), '1.0.0');
    const { digest } = planned.plan.image;
    const passed = [{ environment: 'dev', version: '1.0.0', digest, since: at(0) }];
    const ask = (soaked?: readonly Soaked[]) =>
      run(world.zones.staging, 'checkGates', {
        ...requestFor(planned),
        entry: { passed, ...(soaked === undefined ? {} : { soaked }) },
      });
    assert.partialDeepStrictEqual(await ask(), { ok: true, answer: 'yes' });
    const [running] = [{ environment: 'dev', version: '0.9.0', digest: planned.plan.manifests, since: at(2) }];
    const taken = await ask([{ environment: 'dev', running, since: at(0), rolledBackAt: at(2) }]);
    assert.ok(!taken.ok);
    assert.match(taken.refusal.message, /dev runs 0\.9\.0 since .*: 1\.0\.0 was rolled back there/);
    assert.partialDeepStrictEqual(await ask([{ environment: 'dev', unknown: 'no worker' }]), {
      ok: true,
      answer: 'wait',
    });
  });
});
