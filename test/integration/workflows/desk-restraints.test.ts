import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  liftUpdate,
  type RestrainCommand,
  restrainSignal,
  restrainUpdate,
  returnLeaseSignal,
} from '../../../src/contract/environment-workflow.ts';
import { abortUpdate } from '../../../src/contract/promotion-workflow.ts';
import { MOST_RESTRAINTS } from '../../../src/domain/restraint-words.ts';
import { LONGEST_REASON } from '../../../src/domain/said.ts';
import { YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import type { Script } from '../../support/scripted-activities.ts';
import { desksOf, HOLD, STOP } from './support/desks.ts';

describe('the desk of an environment, when somebody stops, holds or thaws', { timeout: 300_000 }, () => {
  const { release, waits, promotion, seen, deskOf, open, deskUntil, inOwnEnvironment } = desksOf(
    engineOfSuite('real'),
    'stopped',
  );

  it('says whose stop or hold a new one has replaced, and nothing of the kind where there was none', async () => {
    await inOwnEnvironment({}, async (environment) => {
      const desk = await open(environment);
      const say = async (said: RestrainCommand): Promise<string> =>
        (await desk.executeUpdate(restrainUpdate, { args: [said] })).message;
      const stop = { ...STOP, incident: 'INC-1', forMs: 7_200_000 };
      assert.doesNotMatch(await say(stop), /instead of/);
      assert.doesNotMatch(await say({ ...stop, service: 'iam' }), /instead of/);
      const shorter = await say({ ...STOP, by: 'hans', incident: 'INC-2', forMs: 3_600_000 });
      assert.match(shorter, /^hans set a stop on .* until 2.*, instead of grace's stop for incident INC-1 until 2/);
      assert.doesNotMatch(await say(HOLD), /instead of/);
      assert.doesNotMatch(await say(HOLD), /instead of/, 'the same once more');
      assert.match(
        await say({ ...HOLD, by: 'hans', reason: 'another' }),
        new RegExp(`, instead of ${HOLD.by}'s hold \\(${HOLD.reason}\\) until somebody lifts it`),
      );
    });
  });

  it('tells for a while what was stopped or held before, by whom and why, and how it ended, also in a new run', async () => {
    await inOwnEnvironment({}, async (environment) => {
      const desk = await open(environment, { runLength: 50 });
      const { runId } = await desk.describe();
      await desk.executeUpdate(restrainUpdate, { args: [{ ...STOP, forMs: 3_600_000 }] });
      await desk.executeUpdate(restrainUpdate, { args: [{ ...STOP, reason: 'still', forMs: 3_600_000 }] });
      const lift = { kind: 'stop', by: 'ada', reason: 'it was the balancer' } as const;
      await deskOf(environment).executeUpdate(liftUpdate, { args: [lift] });
      await deskOf(environment).executeUpdate(restrainUpdate, { args: [{ ...STOP, reason: 'a moment', forMs: 200 }] });
      const { past = [] } = await deskUntil(environment, (one) => one.past?.length === 3);
      assert.deepEqual(
        past.map(({ reason, end }) => [reason, end.how, ...(end.how === 'by-itself' ? [] : [end.by, end.reason])]),
        [
          ['a moment', 'by-itself'],
          ['still', 'lifted', 'ada', 'it was the balancer'],
          ['errors', 'replaced', 'grace', undefined],
        ],
      );
      for (let index = 0; (await deskOf(environment).describe()).runId === runId; index += 1)
        await deskOf(environment).signal(returnLeaseSignal, { runId: `nobody ${index}` });
      assert.equal((await deskUntil(environment, () => true)).past?.length, 3);
    });
  });

  it('refuses what is too long or too much, with what is wrong with it, and shortens what only a signal could say', async () => {
    await inOwnEnvironment({}, async (environment) => {
      const desk = await open(environment);
      const long = 'x'.repeat(100_000);
      const refused = async (said: object, message: RegExp) =>
        assert.rejects(desk.executeUpdate(restrainUpdate, { args: [{ ...HOLD, ...said }] }), (error: Error) =>
          message.test(String(error.cause)),
        );
      await refused({ reason: long }, /"reason" is too long/);
      await refused({ incident: long }, /"incident" is too long/);
      await refused({ service: long }, /no name of a service/);
      for (let number = 0; number < MOST_RESTRAINTS; number += 1)
        await desk.signal(restrainSignal, { ...HOLD, service: `service-${number}`, reason: long });
      const { restraints } = await deskUntil(environment, (one) => one.restraints.length === MOST_RESTRAINTS);
      assert.ok(restraints.every((one) => one.reason.length === LONGEST_REASON));
      await refused({}, /as many stops and holds here as an environment keeps/);
      await desk.executeUpdate(restrainUpdate, { args: [{ ...HOLD, service: 'service-1', reason: 'moved' }] });
    });
  });

  it('lets nobody go after a thaw before the zone has written it down: it would find its gates closed', async () => {
    let write = (): void => undefined;
    const isSlow = new Promise<void>((resolve) => {
      write = resolve;
    });
    const script: Script = {
      writeRestraints: async ({ restraints }) => {
        if (restraints.length === 0) await isSlow;
        return YES;
      },
    };
    await inOwnEnvironment({ script }, async (environment) => {
      const desk = await open(environment);
      await desk.executeUpdate(restrainUpdate, { args: [HOLD] });
      const kept = await release(1);
      await waits(1, environment);
      const thawed = desk.executeUpdate(liftUpdate, { args: [{ kind: 'hold', service: 'iam', by: 'ada' }] });
      const status = await deskUntil(environment, (one) => one.restraints.length === 0);
      assert.deepEqual([status.turns.held.length, status.turns.queue.length], [0, 1]);
      write();
      assert.equal((await kept.result()).outcome.kind, 'released');
      assert.equal((await thawed).enforced, true);
    });
  });

  it('wakes who waits before a closed gate of its own, in the moment of the thaw', async () => {
    let isStopped = true;
    const closed = { gate: 'stop', kind: 'stop', answer: 'wait', reason: 'grace stopped every service' } as const;
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const script: Script = {
      checkGates: async () =>
        isStopped
          ? { ok: true, answer: 'wait', verdicts: [closed], until }
          : { ok: true, answer: 'yes', verdicts: [{ ...closed, answer: 'yes' }] },
    };
    await inOwnEnvironment({ script, isGated: true }, async (environment) => {
      const desk = await open(environment);
      await desk.executeUpdate(restrainUpdate, { args: [{ ...HOLD, kind: 'stop', forMs: 3_600_000 }] });
      const kept = await release(1);
      await deskUntil(environment, ({ turns }) => turns.queue.length === 1);
      isStopped = false;
      await desk.executeUpdate(liftUpdate, { args: [{ kind: 'stop', service: 'iam', by: 'ada' }] });
      assert.equal((await kept.result()).outcome.kind, 'released');
    });
  });

  it('that has forgotten a stop does not keep who waits for it busy', async () => {
    let looks = 0;
    const closed = { gate: 'stop', kind: 'stop', answer: 'wait', reason: 'grace stopped every service' } as const;
    const script: Script = {
      checkGates: async () => {
        looks += 1;
        return { ok: true, answer: 'wait', verdicts: [closed] };
      },
    };
    await inOwnEnvironment({ script, isGated: true }, async (environment) => {
      const kept = await release(1);
      // asked at the gate, given, asked again, given back; then the gate alone decides
      await seen(1, environment, (one) => looks === 2 && one.phase === 'waiting-for-gate');
      await deskUntil(environment, ({ turns }) => turns.held.length + turns.queue.length === 0);
      const abort = { args: [{ by: 'ada' }] as [{ by: string }] };
      await promotion(1, environment).executeUpdate(abortUpdate, abort);
      assert.equal((await kept.result()).outcome.kind, 'aborted');
      assert.equal(looks, 2);
    });
  });
});
