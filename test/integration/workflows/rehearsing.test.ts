/** Rehearsals of the way back: the real workflows and the real activities, over registries and clusters in memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RehearsalStatus } from '../../../src/contract/rehearsal-workflow.ts';
import type { EnvironmentRules, Rulebook } from '../../../src/domain/rulebook.ts';
import { clientsOfSuite, engineOfSuite } from '../../support/engine.ts';
import { aWorld, type MemoryWorld, PATH } from '../../support/memory-world.ts';
import { until } from '../../support/releases.ts';
import { worldActivities } from '../../support/world-activities.ts';

const HERE = 'staging';
const OURS = { service: 'iam', environment: HERE } as const;

describe('rehearsing the way back in a world of one worker', { timeout: 300_000 }, () => {
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
    if (world.zones.staging.rulebook.environments[HERE]?.approval !== undefined) await approve(version, false);
    assert.equal((await clients.grace.wait({ service: 'iam', version })).outcome.kind, 'released');
  }

  async function approve(version: string, back: boolean): Promise<void> {
    await until(
      engine.env.client,
      version,
      HERE,
      (one) => (one.rollback !== undefined) === back && one.phase === 'waiting-for-approval',
    );
    await clients.hans.approve({ service: 'iam', version, environment: HERE });
  }

  async function ended(forReal: boolean): Promise<RehearsalStatus> {
    const watching = clients.grace.watchRehearsal({ ...OURS, forReal });
    for (;;) {
      const next = await watching.next();
      if (next.done !== true) continue;
      assert.ok(next.value);
      return next.value;
    }
  }

  async function rehearse(): Promise<RehearsalStatus> {
    await clients.grace.startRehearsal({ ...OURS, forReal: { reason: 'before wave 2' } });
    return ended(true);
  }

  async function look(): Promise<RehearsalStatus> {
    await clients.grace.startRehearsal(OURS);
    return ended(false);
  }

  const holds = async () => (await clients.grace.environment(HERE)).restraints;
  const failedOf = ({ checks }: RehearsalStatus): readonly string[] =>
    checks.filter(({ ok }) => !ok).map(({ check }) => check);
  const effects = ({ clusters }: MemoryWorld): number =>
    clusters.staging.effects.filter(({ kind }) => kind === 'applied').length;

  it('goes back and forward again, measures both ways, and leaves neither a hold nor a version that is not good any more', async () => {
    await inWorld(async (world) => {
      for (const version of ['1.0.0', '1.1.0']) await release(world, version);
      const before = (await clients.grace.environment(HERE)).running['iam'];
      const done = await rehearse();
      assert.deepEqual(failedOf(done), [], done.said);
      assert.equal(done.ok, true, done.said);
      assert.equal(done.kind, 'rollback-rehearsal');
      assert.deepEqual([done.from?.version, done.to?.version], ['1.1.0', '1.0.0']);
      assert.ok((done.backMs ?? -1) >= 0 && (done.forwardMs ?? -1) >= 0, JSON.stringify(done));
      const after = (await clients.grace.environment(HERE)).running['iam'];
      assert.deepEqual([after?.version, after?.digest], [before?.version, before?.digest]);
      assert.deepEqual(await holds(), []);
      // the way back is as open as it was: nothing was marked as taken away
      const again = await look();
      assert.deepEqual(failedOf(again), [], again.said);
      assert.equal(again.to?.version, '1.0.0');
      assert.equal(again.kind, 'rollback-check');
    });
  });

  it('that only looks changes nothing, and names everything that is wrong at once', async () => {
    await inWorld(async (world) => {
      for (const version of ['2.0.0', '2.1.0']) await release(world, version);
      const before = effects(world);
      const well = await look();
      assert.equal(well.ok, true, well.said);
      assert.ok(
        (well.undo ?? []).some((one) => one.startsWith('apply-manifests: put back')),
        well.undo?.join(),
      );
      await clients.grace.hold({ ...OURS, reason: 'by hand' });
      const held = await look();
      assert.deepEqual(failedOf(held), ['in the way']);
      assert.match(held.checks.find(({ ok }) => !ok)?.remedy ?? '', /sluice hold lift iam --environment staging/);
      // for real it is refused, and the hold is still that of whoever set it
      const refused = await rehearse();
      assert.equal(refused.ok, false);
      assert.equal(refused.back, undefined);
      assert.equal((await holds())[0]?.reason, 'by hand');
      await clients.grace.liftHold(OURS);
      assert.equal(effects(world), before);
    });
  });

  it('with nowhere to go says so', async () => {
    await inWorld(async (world) => {
      await release(world, '3.0.0');
      const { ok, checks } = await look();
      assert.equal(ok, false);
      const known = checks.find(({ check }) => check === 'known good');
      assert.equal(known?.ok, false, known?.said);
    });
  });

  const rule = { required: 1, from: ['release-managers'], notRequester: true, deadlineMs: 60_000 };
  const asking = (rulebook: Rulebook): Rulebook => {
    const staging = rulebook.environments[HERE] as EnvironmentRules;
    return { ...rulebook, environments: { ...rulebook.environments, [HERE]: { ...staging, approval: rule } } };
  };

  it('asks the people for each of the two ways, and one that is started meanwhile is the same one', async () => {
    await inWorld(async (world) => {
      for (const version of ['4.0.0', '4.1.0']) await release(world, version);
      const first = await clients.grace.startRehearsal({ ...OURS, forReal: { reason: 'before wave 2' } });
      const second = await clients.hans.startRehearsal({ ...OURS, forReal: { reason: 'me too' } });
      assert.deepEqual([first.how, second.how], ['started', 'attached']);
      for (const version of ['4.0.0', '4.1.0']) await approve(version, true);
      const done = await ended(true);
      assert.equal(done.ok, true, done.said);
      assert.match(done.asks ?? '', /1 approval from release-managers/);
    }, asking);
  });

  it('that cannot come forward leaves its hold, says what is left, and is finished by one command', async () => {
    await inWorld(async (world) => {
      for (const version of ['5.0.0', '5.1.0']) await release(world, version);
      await clients.grace.startRehearsal({ ...OURS, forReal: { reason: 'before wave 2' } });
      await approve('5.0.0', true);
      await until(
        engine.env.client,
        '5.1.0',
        HERE,
        (one) => one.rollback !== undefined && one.phase === 'waiting-for-approval',
      );
      await clients.hans.reject({ service: 'iam', version: '5.1.0', environment: HERE, reason: 'not now' });
      const stuck = await ended(true);
      assert.equal(stuck.ok, false);
      assert.match(stuck.left?.state ?? '', /went back to 5\.0\.0/);
      assert.deepEqual(stuck.left?.todo.at(-1), 'sluice rehearse rollback iam --environment staging --finish');
      assert.match((await holds())[0]?.reason ?? '', /rehearsal: before wave 2/);
      assert.equal((await clients.grace.environment(HERE)).running['iam']?.version, '5.0.0');

      await clients.hans.finishRehearsal(OURS);
      await until(
        engine.env.client,
        '5.1.0',
        HERE,
        (one) => one.outcome === undefined && one.phase === 'waiting-for-approval',
      );
      await clients.grace.approve({ service: 'iam', version: '5.1.0', environment: HERE });
      const done = await ended(true);
      assert.equal(done.ok, true, done.said);
      assert.deepEqual(await holds(), []);
      assert.equal((await clients.grace.environment(HERE)).running['iam']?.version, '5.1.0');
      await assert.rejects(clients.grace.finishRehearsal(OURS), { code: 'command-not-possible' });
    }, asking);
  });
});
