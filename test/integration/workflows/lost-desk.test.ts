import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { WithStartWorkflowOperation } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { createEngineActivities, createEnvironmentActivities, type Zone } from '../../../activities/index.ts';
import { createMemoryNotifier } from '../../../src/adapters/notifier/memory.ts';
import type { Activities } from '../../../src/contract/activities.ts';
import {
  deskStart,
  ENVIRONMENT_WORKFLOW,
  type EnvironmentInput,
  environmentQuery,
  type EnvironmentStatus,
  liftUpdate,
  type RestraintAnswer,
  restrainUpdate,
} from '../../../src/contract/environment-workflow.ts';
import { environmentId } from '../../../src/contract/workflow-ids.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { aWorld, type MemoryWorld, type Pushed } from '../../support/memory-world.ts';
import { promotionOf, startRelease, until } from '../../support/releases.ts';
import { HOLD, STOP } from './support/desks.ts';

const HERE = 'dev';
const OTHER = { ...HOLD, service: 'billing' } as const;

/** A zone that remembers, with a door that a test opens, and with workers that fail as it says. */
interface Ground {
  readonly world: MemoryWorld;
  readonly activities: Activities;
  /** Holds every promotion back inside, until it is opened. */
  readonly door: { isShut: boolean };
  /** What its workers cannot do at the moment. */
  readonly fails: { seeNothing: boolean; writeNothing: boolean };
  readings(): number;
  remembered(): Promise<readonly { readonly kind: string }[]>;
}

async function aGround(): Promise<Ground> {
  const world = await aWorld();
  const door = { isShut: false };
  const fails = { seeNothing: false, writeNothing: false };
  let readings = 0;
  const { records } = world.zones.dev.ports;
  const zone: Zone = { ...world.zones.dev, now: () => new Date() };
  const refused = async () => Promise.reject(new PortError('cluster-forbidden', 'no right to read', { retry: 'no' }));
  const blind: Zone = { ...zone, ports: { ...zone.ports, records: { ...records, read: refused } } };
  const acts = createEnvironmentActivities(zone);
  const blindActs = createEnvironmentActivities(blind);
  const activities: Activities = {
    ...createEngineActivities(zone.rulebook, createMemoryNotifier([]).notifier),
    ...acts,
    checkPullable: async (request) => {
      while (door.isShut) await new Promise((resolve) => setTimeout(resolve, 10));
      return acts.checkPullable(request);
    },
    writeRestraints: async (request) => {
      if (fails.writeNothing) throw new Error('nothing can be written');
      return acts.writeRestraints(request);
    },
    recallEnvironment: async (request) => {
      readings += 1;
      return (fails.seeNothing ? blindActs : acts).recallEnvironment(request);
    },
  };
  const remembered = async () =>
    JSON.parse((await records.read('restraints', 'iam-dev', 'iam')) ?? '[]') as readonly { readonly kind: string }[];
  return { world, activities, door, fails, readings: () => readings, remembered };
}

let serial = 0;

describe('a desk that was lost and is opened anew', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');
  let ground: Ground;
  let pushed: Pushed;
  beforeEach(async () => {
    serial += 1;
    ground = await aGround();
    pushed = await ground.world.push('one');
  });

  const desk = () => engine.env.client.workflow.getHandle(environmentId(HERE));
  const version = (number: number): string => `${serial}.${number}.0`;
  const release = (number: number) =>
    startRelease(engine.env.client, version(number), {
      ...{ image: `iam@${pushed.digest}`, manifests: pushed.manifests, until: HERE },
    });
  const seen = (number: number, phase: string) =>
    until(engine.env.client, version(number), HERE, (one) => one.phase === phase);
  const inside = (number: number) => until(engine.env.client, version(number), HERE, (one) => one.step === 'pullable');
  const lose = () => desk().terminate('somebody did');

  /** As the client says it: whoever speaks first opens the desk. */
  async function say<Command>(
    update: UpdateDefinition<RestraintAnswer, [Command]>,
    command: Command,
  ): Promise<RestraintAnswer> {
    const startWorkflowOperation = new WithStartWorkflowOperation<(input: EnvironmentInput) => Promise<void>>(
      ENVIRONMENT_WORKFLOW,
      { ...deskStart(HERE), workflowIdConflictPolicy: 'USE_EXISTING' },
    );
    return engine.env.client.workflow.executeUpdateWithStart(update, { args: [command], startWorkflowOperation });
  }
  async function deskUntil(is: (status: EnvironmentStatus) => boolean): Promise<EnvironmentStatus> {
    for (;;) {
      const status = await desk()
        .query(environmentQuery)
        .catch(() => undefined);
      if (status !== undefined && is(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  /** Ends with the desk lost, so that the next test begins without one. */
  async function play(scene: () => Promise<void>): Promise<void> {
    await engine.during(
      ground.activities,
      async () => {
        try {
          await scene();
        } finally {
          await lose();
        }
      },
      [HERE],
    );
  }

  it('knows the stop that its environment enforces, and lifts it', () =>
    play(async () => {
      await say(restrainUpdate, STOP);
      await lose();
      const answer = await say(liftUpdate, { kind: 'stop', by: 'ada' });
      assert.equal(answer.enforced, true);
      assert.deepEqual(await ground.remembered(), []);
      assert.equal((await (await release(1)).result()).outcome.kind, 'released');
    }));

  it('keeps the stop that its environment enforces when something else is said', () =>
    play(async () => {
      await say(restrainUpdate, STOP);
      await lose();
      await say(restrainUpdate, HOLD);
      assert.deepEqual((await ground.remembered()).map((one) => one.kind).toSorted(), ['hold', 'stop']);
      const { restraints, unread } = await deskUntil((one) => one.restraints.length === 2);
      assert.deepEqual([restraints.map((one) => one.kind), unread], [['stop', 'hold'], undefined]);
    }));

  it('takes a new word for a newer one than what its environment remembers', () =>
    play(async () => {
      await say(restrainUpdate, STOP);
      await lose();
      await say(restrainUpdate, { ...STOP, reason: 'worse' });
      const { restraints } = await deskUntil((one) => one.unread === undefined);
      assert.deepEqual(
        restraints.map((one) => one.reason),
        ['worse'],
      );
    }));

  it('knows who is inside: nobody else is let in, a stop reaches them, and they end as they would have', () =>
    play(async () => {
      ground.door.isShut = true;
      const first = await release(1);
      await inside(1);
      await lose();
      const second = await release(2);
      const waiting = await until(engine.env.client, version(2), HERE, (one) =>
        /goes first/.test(one.waiting?.reason ?? ''),
      );
      assert.match(waiting.waiting?.reason ?? '', new RegExp(`number 1 for ${HERE}: ${version(1)} of iam goes first`));
      const answer = await say(restrainUpdate, STOP);
      assert.deepEqual([answer.told, answer.enforced], [1, true]);
      ground.door.isShut = false;
      await seen(1, 'stopped');
      await say(liftUpdate, { kind: 'stop', by: 'grace' });
      assert.equal((await first.result()).outcome.kind, 'released');
      assert.equal((await second.result()).outcome.kind, 'released');
      const { running } = await deskUntil((one) => one.turns.held.length + one.turns.queue.length === 0);
      assert.equal(running['iam']?.version, version(2));
    }));

  it('tells those who are inside of a stop that is said first of all', () =>
    play(async () => {
      ground.door.isShut = true;
      const first = await release(1);
      await inside(1);
      await lose();
      const answer = await say(restrainUpdate, STOP);
      assert.deepEqual([answer.told, answer.enforced], [1, true]);
      ground.door.isShut = false;
      await seen(1, 'stopped');
      await say(liftUpdate, { kind: 'stop', by: 'grace' });
      assert.equal((await first.result()).outcome.kind, 'released');
    }));

  it('does not wait for those who were inside and are gone', () =>
    play(async () => {
      ground.door.isShut = true;
      const first = await release(1);
      await inside(1);
      await lose();
      await promotionOf(engine.env.client, version(1), HERE).terminate('this one too');
      await first.terminate('and its release');
      ground.door.isShut = false;
      const answer = await say(restrainUpdate, OTHER);
      assert.deepEqual([answer.told, answer.enforced], [0, true]);
      assert.equal((await (await release(2)).result()).outcome.kind, 'released');
    }));

  it('knows again what runs there, since when and by whose word, and gives larger numbers than anybody was let in under', () =>
    play(async () => {
      await (await release(1)).result();
      const before = await deskUntil((one) => one.turns.held.length === 0 && one.running['iam'] !== undefined);
      await lose();
      await say(restrainUpdate, OTHER);
      const again = await deskUntil((one) => one.unread === undefined);
      const { since: _, ...was } = before.running['iam'] ?? {};
      const { since, ...is } = again.running['iam'] ?? {};
      assert.deepEqual(is, was);
      assert.ok(since !== undefined);
      assert.ok(again.turns.fence >= before.turns.fence);
    }));

  it('says so to whoever asks while it cannot read, forgets nothing meanwhile, and goes on when it can', () =>
    play(async () => {
      await say(restrainUpdate, { ...HOLD, reason: 'from before' });
      await lose();
      ground.fails.seeNothing = true;
      const kept = await release(1);
      await until(engine.env.client, version(1), HERE, (one) => /no right to read/.test(one.waiting?.reason ?? ''));
      const stopped = await say(restrainUpdate, STOP);
      assert.equal(stopped.enforced, false);
      assert.match(stopped.message, /dev has not read yet what it remembers .*: no right to read/);
      await assert.rejects(say(liftUpdate, { kind: 'hold', service: 'iam', by: 'ada' }), (error: Error) =>
        /is not known: dev has not read yet/.test(String(error.cause)),
      );
      const { unread, restraints } = await deskUntil((one) => one.unread?.code === 'cluster-forbidden');
      assert.deepEqual([unread?.services, restraints.length], [undefined, 1]);
      assert.deepEqual(
        (await ground.remembered()).map((one) => one.kind),
        ['hold'],
      );
      ground.fails.seeNothing = false;
      await deskUntil((one) => one.unread === undefined && one.unwritten === undefined);
      assert.deepEqual((await ground.remembered()).map((one) => one.kind).toSorted(), ['hold', 'stop']);
      await say(liftUpdate, { kind: 'stop', by: 'grace' });
      await say(liftUpdate, { kind: 'hold', service: 'iam', by: 'grace' });
      assert.equal((await kept.result()).outcome.kind, 'released');
    }));

  it('ends when it is cancelled, also while it cannot read or write, and the next one knows what the environment does', () =>
    play(async () => {
      await say(restrainUpdate, STOP);
      await lose();
      for (const what of ['seeNothing', 'writeNothing'] as const) {
        ground.fails[what] = true;
        await say(restrainUpdate, { ...HOLD, reason: what });
        await desk().cancel();
        await assert.rejects(desk().result(), (error: Error) => /cancel/i.test(String(error.cause ?? error)));
        ground.fails[what] = false;
      }
      await say(liftUpdate, { kind: 'stop', by: 'ada' });
    }));

  it('reads once: a new run of it has everything from the one before', () =>
    play(async () => {
      await engine.env.client.workflow.start(ENVIRONMENT_WORKFLOW, {
        ...deskStart(HERE),
        args: [{ environment: HERE, runLength: 50 }],
      });
      const { runId } = await desk().describe();
      for (let index = 0; (await desk().describe()).runId === runId; index += 1)
        await say(restrainUpdate, { ...HOLD, service: `service-${index % 5}` });
      await deskUntil((one) => one.restraints.length > 0);
      assert.equal(ground.readings(), 1);
    }));
});
