import assert from 'node:assert/strict';
import { WorkflowNotFoundError } from '@temporalio/common';
import { after, before, describe, it } from 'node:test';
import {
  ENVIRONMENT_WORKFLOW,
  environmentQuery,
  type EnvironmentStatus,
  liftUpdate,
  restrainUpdate,
} from '../../../src/contract/environment-workflow.ts';
import { abortUpdate, overrideUpdate, pauseUpdate, resumeUpdate } from '../../../src/contract/promotion-workflow.ts';
import type { RestraintsRequest, StepRequest } from '../../../src/contract/activities.ts';
import type { PromotionStatus } from '../../../src/contract/status.ts';
import { WAITING_FOR } from '../../../src/contract/search-attributes.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import { environmentId } from '../../../src/contract/workflow-ids.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import { answerBy, hasPlace, promotionOf, startRelease, until } from '../../support/releases.ts';
import { type Script, type ScriptOptions, scriptedActivities } from '../../support/scripted-activities.ts';

/** A gate in the test's own hands: whoever comes waits until it is opened. */
function latch(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** The first promotion opens the desk. */
function ifNotOpen(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** One environment for each test: a desk remembers what the test before it did. */
let serial = 0;

describe('taking turns in an environment', { timeout: 300_000 }, () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine('real');
  });
  after(() => engine.stop());

  async function inOwnEnvironment(
    script: Script,
    options: ScriptOptions,
    work: (environment: string, calls: readonly string[]) => Promise<void>,
  ): Promise<void> {
    serial += 1;
    const environment = `env-${serial}`;
    const { activities, calls } = scriptedActivities(script, { turns: 'queue', ...options, path: [environment] });
    await engine.during(activities, () => work(environment, calls), [environment]);
  }
  const version = (number: number): string => `${serial}.${number}.0`;
  const desk = (environment: string) => engine.env.client.workflow.getHandle(environmentId(environment));
  async function deskUntil(
    environment: string,
    is: (status: EnvironmentStatus) => boolean,
  ): Promise<EnvironmentStatus> {
    for (;;) {
      const status = await desk(environment).query(environmentQuery).catch(ifNotOpen);
      if (status !== undefined && is(status)) return status;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  /** Holds every import back until the latch opens. */
  const heldBack = (gate: { readonly opened: Promise<void> }): Script => ({
    importImage: async () => {
      await gate.opened;
      return { ok: true, summary: 'imported', facts: {} };
    },
    verifyDigest: async () => ({ ok: true, summary: 'verified', facts: {} }),
  });
  /** The first environment of a path imports nothing; locking is the first change there that a test can hold back. */
  const heldAtPull = (gate: { readonly opened: Promise<void> }): Script => ({
    ...heldBack(gate),
    checkPullable: async () => {
      await gate.opened;
      return { ok: true, summary: 'pullable', facts: {} };
    },
  });

  it('the second promotion of a service waits, says for whom, and goes on when the first has ended', async () => {
    const gate = latch();
    await inOwnEnvironment(heldAtPull(gate), {}, async (environment, calls) => {
      const first = await startRelease(engine.env.client, version(1));
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const second = await startRelease(engine.env.client, version(2));
      const waiting = await until(engine.env.client, version(2), environment, hasPlace);
      assert.match(
        waiting.waiting?.reason ?? '',
        new RegExp(`number 1 for ${environment}: ${version(1)} of iam goes first`),
      );
      assert.equal(calls.filter((call) => call.startsWith('admit')).length, 1);
      gate.open();
      assert.equal((await first.result()).outcome.kind, 'released');
      assert.equal((await second.result()).outcome.kind, 'released');
      const status = await deskUntil(environment, (one) => one.turns.held.length === 0);
      assert.equal(status.running['iam']?.version, version(2));
      assert.ok((status.typicalMs ?? 0) > 0);
    });
  });

  it('whoever waits is known to wait for its turn, however many are before it', async () => {
    const gate = latch();
    await inOwnEnvironment(heldAtPull(gate), { turns: 'queue' }, async (environment) => {
      const releases = [await startRelease(engine.env.client, version(1))];
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      for (let number = 2; number <= 13; number += 1) {
        releases.push(await startRelease(engine.env.client, version(number)));
      }
      await deskUntil(environment, (status) => status.turns.queue.length === 12);
      for (let number = 2; number <= 13; number += 1) {
        const { waiting } = await until(
          engine.env.client,
          version(number),
          environment,
          (one) => one.phase === 'waiting-for-turn',
        );
        assert.ok(waiting?.until);
        assert.equal(waiting.then, 'the release is refused');
        const { typedSearchAttributes } = await promotionOf(engine.env.client, version(number), environment).describe();
        assert.equal(typedSearchAttributes.get(WAITING_FOR), 'turn');
      }
      gate.open();
      for (const release of releases) assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('each promotion is let in under the number of its own lease, and later ones are larger', async () => {
    const fences: number[] = [];
    const script: Script = {
      importImage: async () => ({ ok: true, summary: '', facts: {} }),
      checkPullable: async ({ fence }: StepRequest) => {
        fences.push(fence ?? 0);
        return { ok: true, summary: '', facts: {} };
      },
    };
    await inOwnEnvironment(script, {}, async () => {
      for (const number of [1, 2, 3]) await (await startRelease(engine.env.client, version(number))).result();
      assert.equal(fences.length, 3);
      assert.ok(
        fences.every((fence, index) => fence > (fences[index - 1] ?? 0)),
        fences.join(),
      );
    });
  });

  it('a hot-fix goes before others that wait, and never before one that has begun', async () => {
    const gate = latch();
    const order: string[] = [];
    const script: Script = {
      ...heldAtPull(gate),
      recordPromotion: async ({ plan }) => {
        order.push(plan.version);
        return { ok: true, summary: '', facts: {} };
      },
    };
    await inOwnEnvironment(script, {}, async (environment) => {
      const releases = [await startRelease(engine.env.client, version(1))];
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      releases.push(await startRelease(engine.env.client, version(2)));
      await deskUntil(environment, (status) => status.turns.queue.length === 1);
      releases.push(await startRelease(engine.env.client, version(3), { priority: 'hot-fix' }));
      await deskUntil(environment, (status) => status.turns.queue.length === 2);
      gate.open();
      for (const release of releases) await release.result();
      assert.deepEqual(order, [version(1), version(3), version(2)]);
    });
  });

  it('where only the latest is wanted, a newer version supersedes those that wait, never the one that has begun', async () => {
    const gate = latch();
    await inOwnEnvironment(heldAtPull(gate), { turns: 'latest' }, async (environment) => {
      const begun = await startRelease(engine.env.client, version(1));
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const older = await startRelease(engine.env.client, version(2));
      await deskUntil(environment, (status) => status.turns.queue.length === 1);
      const newer = await startRelease(engine.env.client, version(3));
      const { outcome } = await older.result();
      assert.equal(outcome.kind, 'superseded');
      assert.match(outcome.reason, new RegExp(`${version(3)} waits for ${environment} as well and is newer`));
      gate.open();
      assert.equal((await begun.result()).outcome.kind, 'released');
      assert.equal((await newer.result()).outcome.kind, 'released');
    });
  });

  it('where only the latest is wanted, a version that comes to its turn after a newer one is superseded, unless it was asked for', async () => {
    const options = { turns: 'latest' } as const;
    await inOwnEnvironment({}, options, async (environment) => {
      const enter = async (number: number, fields: Parameters<typeof startRelease>[2] = {}) =>
        (await (await startRelease(engine.env.client, version(number), fields)).result()).outcome;
      assert.equal((await enter(5)).kind, 'released');
      const late = await enter(2);
      assert.equal(late.kind, 'superseded');
      assert.equal(late.reason, `${environment}: ${version(5)} runs in ${environment} and is newer`);
      assert.equal((await enter(3, { allowOlder: true })).kind, 'released');
      assert.equal((await enter(6)).kind, 'released');
      assert.equal((await enter(4, { priority: 'hot-fix' })).kind, 'released');
    });
  });

  it('where only the latest is wanted, a hot-fix of a lower version goes first, and nothing supersedes it', async () => {
    const gate = latch();
    await inOwnEnvironment(heldAtPull(gate), { turns: 'latest' }, async (environment) => {
      const begun = await startRelease(engine.env.client, version(1));
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const hotFix = await startRelease(engine.env.client, version(2), { priority: 'hot-fix' });
      await deskUntil(environment, (status) => status.turns.queue.length === 1);
      const newer = await startRelease(engine.env.client, version(3));
      await deskUntil(environment, (status) => status.turns.queue.length === 2);
      gate.open();
      for (const release of [begun, hotFix, newer]) assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('a lease whose holder was terminated goes to the next one that asks', async () => {
    const gate = latch();
    await inOwnEnvironment(heldAtPull(gate), {}, async (environment) => {
      const first = await startRelease(engine.env.client, version(1));
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      await promotionOf(engine.env.client, version(1), environment).terminate('somebody did');
      await first.terminate('and this one');
      gate.open();
      const second = await startRelease(engine.env.client, version(2));
      assert.equal((await second.result()).outcome.kind, 'released');
    });
  });

  it('who waits can be aborted, and leaves the queue', async () => {
    const gate = latch();
    await inOwnEnvironment(heldAtPull(gate), {}, async (environment) => {
      const first = await startRelease(engine.env.client, version(1));
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const second = await startRelease(engine.env.client, version(2));
      await until(engine.env.client, version(2), environment, (one) => one.phase === 'waiting-for-turn');
      const abort = { args: [{ by: 'ada' }] as [{ by: string }] };
      await promotionOf(engine.env.client, version(2), environment).executeUpdate(abortUpdate, abort);
      assert.equal((await second.result()).outcome.kind, 'aborted');
      await deskUntil(environment, (status) => status.turns.queue.length === 0);
      gate.open();
      assert.equal((await first.result()).outcome.kind, 'released');
    });
  });

  it('a stop pauses who has begun at the next safe point, lets nobody in, is written down, and can be thawed', async () => {
    const gate = latch();
    const written: RestraintsRequest[] = [];
    const script: Script = {
      ...heldAtPull(gate),
      writeRestraints: async (request) => {
        written.push(request);
        return { ok: true, summary: '', facts: {} };
      },
    };
    await inOwnEnvironment(script, {}, async (environment) => {
      const first = await startRelease(engine.env.client, version(1));
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const stop = { kind: 'stop', by: 'grace', reason: 'errors', incident: 'INC-1', forMs: 3_600_000 } as const;
      const answer = await desk(environment).executeUpdate(restrainUpdate, { args: [stop] });
      assert.deepEqual([answer.told, answer.enforced], [1, true]);
      assert.equal(written.at(-1)?.restraints[0]?.reason, 'errors');
      gate.open();
      const stopped = await until(engine.env.client, version(1), environment, (one) => one.phase === 'stopped');
      assert.match(stopped.waiting?.reason ?? '', /grace stopped every service: errors \(incident INC-1\)/);
      assert.equal(stopped.waiting?.answer[0], `sluice thaw --environment ${environment}`);

      const second = await startRelease(engine.env.client, version(2));
      const kept = await until(engine.env.client, version(2), environment, hasPlace);
      assert.match(kept.waiting?.reason ?? '', /grace stopped every service/);

      await desk(environment).executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'grace' }] });
      assert.deepEqual(written.at(-1)?.restraints, []);
      assert.equal((await first.result()).outcome.kind, 'released');
      assert.equal((await second.result()).outcome.kind, 'released');
    });
  });

  it('a stop that has paused a promotion can be passed by those who may, and only they are named', async () => {
    const gate = latch();
    const mayPass = { stop: ['incident-managers'] };
    await inOwnEnvironment(heldAtPull(gate), { mayPass }, async (environment) => {
      const release = await startRelease(engine.env.client, version(1));
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const stop = { kind: 'stop', by: 'grace', reason: 'errors', forMs: 3_600_000 } as const;
      await desk(environment).executeUpdate(restrainUpdate, { args: [stop] });
      gate.open();
      const stopped = await until(engine.env.client, version(1), environment, (one) => one.phase === 'stopped');
      const passable = [{ gate: 'stop', said: 'grace stopped every service: errors', groups: ['incident-managers'] }];
      assert.deepEqual(stopped.waiting?.passable, passable);
      assert.match(stopped.waiting?.answer[1] ?? '', /^sluice override iam .* --gate stop .*\(incident-managers\)$/);
      const word = answerBy('olga', stopped, { overrides: ['stop'], reason: 'mends it' });
      const promotion = promotionOf(engine.env.client, version(1), environment);
      await promotion.executeUpdate(overrideUpdate, { args: [word] });
      assert.equal((await release.result()).outcome.kind, 'released');
      assert.equal((await desk(environment).query(environmentQuery)).restraints.length, 1);
    });
  });

  it('a stop is passed without a pause by whoever was let pass it before', async () => {
    const gate = latch();
    await inOwnEnvironment(heldAtPull(gate), { mayPass: { stop: ['incident-managers'] } }, async (environment) => {
      const release = await startRelease(engine.env.client, version(1));
      const status = await until(engine.env.client, version(1), environment, (one) => one.step === 'pullable');
      const word = answerBy('olga', status, { overrides: ['stop'], reason: 'mends it' });
      const promotion = promotionOf(engine.env.client, version(1), environment);
      await promotion.executeUpdate(overrideUpdate, { args: [word] });
      const stop = { kind: 'stop', by: 'grace', reason: 'errors', forMs: 3_600_000 } as const;
      await desk(environment).executeUpdate(restrainUpdate, { args: [stop] });
      gate.open();
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('where nobody may pass a stop, nobody is asked to', async () => {
    const gate = latch();
    await inOwnEnvironment(heldAtPull(gate), { mayPass: {} }, async (environment) => {
      const release = await startRelease(engine.env.client, version(1));
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const stop = { kind: 'stop', by: 'grace', reason: 'errors', forMs: 3_600_000 } as const;
      await desk(environment).executeUpdate(restrainUpdate, { args: [stop] });
      gate.open();
      const { waiting } = await until(engine.env.client, version(1), environment, (one) => one.phase === 'stopped');
      assert.deepEqual(waiting?.passable, []);
      assert.doesNotMatch(waiting?.answer.join() ?? '', /override/);
      await desk(environment).executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'grace' }] });
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('who is kept out by a stop says for whom, until when, and what lifts it, also when its end is moved', async () => {
    await inOwnEnvironment({}, { mayPass: { stop: ['incident-managers'] } }, async (environment) => {
      await engine.env.client.workflow.start(ENVIRONMENT_WORKFLOW, {
        workflowId: environmentId(environment),
        taskQueue: ENGINE_QUEUE,
        args: [{ environment }],
      });
      const stop = { kind: 'stop', by: 'grace', reason: 'errors', service: 'iam', forMs: 3_600_000 } as const;
      await desk(environment).executeUpdate(restrainUpdate, { args: [stop] });
      const endOf = (status: EnvironmentStatus): string => status.restraints[0]?.until ?? '';
      const first = endOf(await desk(environment).query(environmentQuery));
      const release = await startRelease(engine.env.client, version(1));
      const kept = await until(engine.env.client, version(1), environment, hasPlace);
      assert.deepEqual(
        [kept.waiting?.for, kept.waiting?.until, kept.waiting?.then],
        ['grace', first, 'it goes on by itself, in its turn'],
      );
      assert.equal(kept.waiting?.answer[0], `sluice thaw --environment ${environment} --service iam`);
      assert.match(kept.waiting?.answer[1] ?? '', /^sluice override iam .* --gate stop .*\(incident-managers\)$/);
      assert.deepEqual(kept.waiting?.passable?.[0]?.groups, ['incident-managers']);

      await desk(environment).executeUpdate(restrainUpdate, { args: [{ ...stop, forMs: 7_200_000 }] });
      const later = endOf(await desk(environment).query(environmentQuery));
      assert.ok(later > first);
      await until(engine.env.client, version(1), environment, (one) => one.waiting?.until === later);
      await desk(environment).executeUpdate(liftUpdate, { args: [{ kind: 'stop', service: 'iam', by: 'grace' }] });
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('who is let pass a stop while it waits, and is paused before the gates are asked again, is not shown as taking its turn', async () => {
    await inOwnEnvironment({}, { mayPass: { stop: ['incident-managers'] } }, async (environment) => {
      await engine.env.client.workflow.start(ENVIRONMENT_WORKFLOW, {
        workflowId: environmentId(environment),
        taskQueue: ENGINE_QUEUE,
        args: [{ environment }],
      });
      const stop = { kind: 'stop', by: 'grace', reason: 'errors', forMs: 3_600_000 } as const;
      await desk(environment).executeUpdate(restrainUpdate, { args: [stop] });
      const release = await startRelease(engine.env.client, version(1));
      const kept = await until(engine.env.client, version(1), environment, hasPlace);
      const stateOf = ({ steps }: PromotionStatus) => steps.find((one) => one.step === 'lease')?.state;
      assert.equal(stateOf(kept), 'running');
      const promotion = promotionOf(engine.env.client, version(1), environment);
      await promotion.executeUpdate(pauseUpdate, { args: [{ by: 'otto' }] });
      const word = answerBy('olga', kept, { overrides: ['stop'], reason: 'mends it' });
      await promotion.executeUpdate(overrideUpdate, { args: [word] });
      const paused = await until(engine.env.client, version(1), environment, (one) => one.phase === 'paused');
      assert.match(paused.waiting?.reason ?? '', /otto paused it before gates/);
      assert.equal(stateOf(paused), 'pending');
      await promotion.executeUpdate(resumeUpdate, { args: [{ by: 'otto' }] });
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('a stop ends by itself', async () => {
    await inOwnEnvironment({}, {}, async (environment) => {
      await engine.env.client.workflow.start(ENVIRONMENT_WORKFLOW, {
        workflowId: environmentId(environment),
        taskQueue: ENGINE_QUEUE,
        args: [{ environment }],
      });
      const stop = { kind: 'stop', by: 'grace', reason: 'a moment', forMs: 2_000 } as const;
      await desk(environment).executeUpdate(restrainUpdate, { args: [stop] });
      const release = await startRelease(engine.env.client, version(1));
      await until(engine.env.client, version(1), environment, (one) => one.phase === 'waiting-for-turn');
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('a stop that is moved is seen by who has begun, later or earlier, and ends there by itself', async () => {
    const gate = latch();
    await inOwnEnvironment(heldAtPull(gate), {}, async (environment) => {
      const release = await startRelease(engine.env.client, version(1));
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const stopFor = async (forMs: number): Promise<string | undefined> => {
        const stop = { kind: 'stop', by: 'grace', reason: 'errors', forMs } as const;
        assert.equal((await desk(environment).executeUpdate(restrainUpdate, { args: [stop] })).told, 1);
        return (await desk(environment).query(environmentQuery)).restraints[0]?.until;
      };
      const first = await stopFor(3_600_000);
      gate.open();
      const seen = (end: string | undefined) =>
        until(engine.env.client, version(1), environment, ({ waiting }) => waiting?.until === end);
      const stopped = await seen(first);
      assert.deepEqual([stopped.phase, stopped.waiting?.then], ['stopped', 'it goes on by itself']);
      const later = await stopFor(7_200_000);
      assert.ok(first !== undefined && later !== undefined && later > first);
      assert.equal((await seen(later)).phase, 'stopped');
      const sooner = await stopFor(3_000);
      assert.ok(sooner !== undefined && sooner < first);
      assert.equal((await release.result()).outcome.kind, 'released');
      const { past } = await deskUntil(environment, (status) => status.restraints.length === 0);
      assert.deepEqual(
        past?.map((one) => one.end.how),
        ['by-itself', 'replaced', 'replaced'],
      );
    });
  });

  it('what makes no sense is refused before it is remembered', async () => {
    await inOwnEnvironment({}, {}, async (environment) => {
      await (await startRelease(engine.env.client, version(1))).result();
      const bad = [
        { kind: 'stop', by: 'grace', reason: '', forMs: 1_000 },
        { kind: 'stop', by: 'grace', reason: 'no end' },
        { kind: 'stop', by: 'grace', reason: 'for ever', forMs: Number.POSITIVE_INFINITY },
        { kind: 'hold', by: 'grace', reason: 'of nothing' },
        { kind: 'stop', by: ' ', reason: 'nobody', forMs: 1_000 },
        { kind: 'nap', by: 'grace', reason: 'tired' },
        undefined,
      ];
      for (const command of bad)
        await assert.rejects(
          desk(environment).executeUpdate(restrainUpdate, { args: [command as never] }),
          /rejected|failed/i,
        );
      await assert.rejects(
        desk(environment).executeUpdate(liftUpdate, { args: [{ kind: 'hold', by: 'ada', service: 'iam' }] }),
      );
      assert.deepEqual((await desk(environment).query(environmentQuery)).restraints, []);
    });
  });
});
