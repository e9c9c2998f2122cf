/** Roll-backs with everything that decides about them: the real workflows and the real activities, over registries and clusters in memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RollbackResult } from '../../../src/contract/rollback-workflow.ts';
import type { EnvironmentRules, Rulebook } from '../../../src/domain/rulebook.ts';
import { clientsOfSuite, engineOfSuite } from '../../support/engine.ts';
import { aWorld, type MemoryWorld, PATH } from '../../support/memory-world.ts';
import { until } from '../../support/releases.ts';
import { worldActivities } from '../../support/world-activities.ts';

const HERE = 'staging';
const OURS = { service: 'iam', environment: HERE } as const;

describe('going back in a world of one worker', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');
  const clients = clientsOfSuite(engine, 'grace', 'hans');

  const inWorld = async (
    work: (world: MemoryWorld) => Promise<void>,
    rulebook = (same: Rulebook): Rulebook => same,
  ) => {
    const world = await aWorld({ rulebook });
    await engine.during(worldActivities(world), () => work(world), PATH);
  };

  async function release(world: MemoryWorld, version: string): Promise<void> {
    const { digest, manifests } = await world.push(version);
    await clients.grace.startRelease({ service: 'iam', version, image: `iam@${digest}`, manifests });
    if (world.zones.staging.rulebook.environments[HERE]?.approval !== undefined) await approve(version);
    assert.equal((await clients.grace.wait({ service: 'iam', version })).outcome.kind, 'released');
  }

  async function approve(version: string): Promise<void> {
    await until(engine.env.client, version, HERE, (one) => one.phase === 'waiting-for-approval');
    await clients.hans.approve({ service: 'iam', version, environment: HERE });
  }

  async function goBack(to?: string): Promise<RollbackResult> {
    await clients.grace.startRollback({ ...OURS, reason: 'errors', ...(to === undefined ? {} : { to }) });
    return clients.grace.waitForRollback(OURS.service, HERE);
  }

  const running = async (): Promise<string | undefined> =>
    (await clients.grace.environment(HERE)).running['iam']?.version;

  it('twice in a row never brings back what was rolled back from; the third has nowhere to go', async () => {
    await inWorld(async (world) => {
      for (const version of ['1.0.0', '2.0.0', '3.0.0']) await release(world, version);
      for (const version of ['2.0.0', '1.0.0']) {
        const { outcome, to } = await goBack();
        assert.equal(outcome.kind, 'released', outcome.reason);
        assert.equal(to, version);
        assert.equal(await running(), version);
      }
      const { outcome } = await goBack();
      assert.equal(outcome.refusal?.code, 'rollback-impossible');
      assert.equal(await running(), '1.0.0');
      const named = await goBack('3.0.0');
      assert.equal(named.outcome.kind, 'released', named.outcome.reason);
      assert.match(named.rolledBackAt ?? '', /^20/);
      await clients.grace.liftHold(OURS);
    });
  });

  const rule = { required: 1, from: ['release-managers'], notRequester: true, deadlineMs: 60_000 };
  const asking = (rulebook: Rulebook): Rulebook => {
    const staging = rulebook.environments[HERE] as EnvironmentRules;
    return { ...rulebook, environments: { ...rulebook.environments, [HERE]: { ...staging, approval: rule } } };
  };

  it('asks the people whom every promotion there asks, passes a stop by their word, and says which one', async () => {
    await inWorld(async (world) => {
      for (const version of ['5.0.0', '5.1.0']) await release(world, version);
      await clients.grace.stop({ ...OURS, reason: 'errors everywhere', incident: '4711', forMs: 3_600_000 });
      await clients.grace.startRollback({ ...OURS, reason: 'errors' });
      const before = world.clusters.staging.effects.filter((one) => one.kind === 'applied').length;
      const asked = await until(
        engine.env.client,
        '5.0.0',
        HERE,
        (one) => one.rollback !== undefined && one.phase === 'waiting-for-approval',
      );
      assert.equal(world.clusters.staging.effects.filter((one) => one.kind === 'applied').length, before);
      assert.equal(asked.rollback?.reason, 'errors');
      await assert.rejects(clients.grace.approve({ service: 'iam', version: '5.0.0', environment: HERE }), {
        code: 'approval-excluded',
      });
      await approve('5.0.0');
      const { outcome, promotion } = await clients.grace.waitForRollback('iam', HERE);
      assert.equal(outcome.kind, 'released', outcome.reason);
      const door = promotion?.evidence.find((one) => one.step === 'admit');
      assert.match(door?.summary ?? '', /passes .*grace stopped iam: errors everywhere \(incident 4711\)/);
      assert.equal(await running(), '5.0.0');
      await clients.grace.thaw(OURS);
      await clients.grace.liftHold(OURS);
    }, asking);
  });

  it('is refused by their no, leaves what runs, and keeps the hold', async () => {
    await inWorld(async (world) => {
      for (const version of ['6.0.0', '6.1.0']) await release(world, version);
      await clients.grace.startRollback({ ...OURS, reason: 'errors' });
      await until(
        engine.env.client,
        '6.0.0',
        HERE,
        (one) => one.rollback !== undefined && one.phase === 'waiting-for-approval',
      );
      await clients.hans.reject({ service: 'iam', version: '6.0.0', environment: HERE, reason: 'we mend it' });
      const { outcome } = await clients.grace.waitForRollback('iam', HERE);
      assert.equal(outcome.refusal?.code, 'approval-rejected');
      assert.equal(await running(), '6.1.0');
      assert.equal((await clients.grace.environment(HERE)).restraints[0]?.kind, 'hold');
      await clients.grace.liftHold(OURS);
    }, asking);
  });

  it('never goes one too far because another version came in meanwhile', async () => {
    const world = await aWorld();
    const door = Promise.withResolvers<void>();
    const acts = worldActivities(world);
    const slow: typeof acts = {
      ...acts,
      checkPullable: async (request) => {
        if (request.plan.version === '9.2.0' && request.plan.environment === HERE) await door.promise;
        return acts.checkPullable(request);
      },
    };
    await engine.during(
      slow,
      async () => {
        for (const version of ['9.0.0', '9.1.0']) await release(world, version);
        const { digest, manifests } = await world.push('9.2.0');
        await clients.grace.startRelease({ service: 'iam', version: '9.2.0', image: `iam@${digest}`, manifests });
        await until(engine.env.client, '9.2.0', HERE, (one) => one.step === 'pullable');
        const { outcome } = await goBack();
        assert.equal(outcome.refusal?.code, 'command-not-possible', outcome.reason);
        assert.match(outcome.reason, /promotion\/iam\/9\.2\.0\/staging is under way/);
        door.resolve();
        assert.equal((await clients.grace.wait({ service: 'iam', version: '9.2.0' })).outcome.kind, 'released');
        assert.equal((await goBack()).to, '9.1.0');
        assert.equal(await running(), '9.1.0');
        await clients.grace.liftHold(OURS);
      },
      PATH,
    );
  });

  const SOAK = { kind: 'soak', name: 'soak', in: 'dev', forMs: 24 * 3_600_000 } as const;
  const soaking = (rulebook: Rulebook): Rulebook => {
    const staging = rulebook.environments[HERE] as EnvironmentRules;
    return { ...rulebook, environments: { ...rulebook.environments, [HERE]: { ...staging, gates: [SOAK] } } };
  };

  it('in one environment keeps what is taken away there out of the next one, where it waits to have been healthy for long enough', async () => {
    await inWorld(async (world) => {
      const first = await world.push('7.0.0');
      const good = { service: 'iam', version: '7.0.0', image: `iam@${first.digest}`, manifests: first.manifests };
      await clients.grace.startRelease({ ...good, until: 'dev' });
      assert.equal((await clients.grace.wait(good)).outcome.kind, 'released');
      const { digest, manifests } = await world.push('8.0.0');
      await clients.grace.startRelease({ service: 'iam', version: '8.0.0', image: `iam@${digest}`, manifests });
      const waits = await until(engine.env.client, '8.0.0', HERE, (one) => one.phase === 'waiting-for-gate');
      assert.match(waits.waiting?.reason ?? '', /soak: healthy since /);

      await clients.grace.startRollback({ service: 'iam', environment: 'dev', reason: 'errors' });
      assert.equal((await clients.grace.waitForRollback('iam', 'dev')).outcome.kind, 'released');
      await clients.grace.retry({ service: 'iam', version: '8.0.0', environment: HERE });
      const { outcome } = await clients.grace.wait({ service: 'iam', version: '8.0.0' });
      assert.equal(outcome.refusal?.code, 'gate-closed', outcome.reason);
      assert.match(outcome.reason, /dev runs 7\.0\.0 since .*: 8\.0\.0 was rolled back there at /);
      await clients.grace.liftHold({ service: 'iam', environment: 'dev' });
    }, soaking);
  });
});
