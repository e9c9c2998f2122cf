import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RestraintsRequest } from '../../../src/contract/activities.ts';
import {
  environmentQuery,
  type EnvironmentStatus,
  liftUpdate,
  restrainUpdate,
} from '../../../src/contract/environment-workflow.ts';
import { overrideUpdate, pauseUpdate, resumeUpdate } from '../../../src/contract/promotion-workflow.ts';
import type { PromotionStatus } from '../../../src/contract/status.ts';
import { YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { answerBy, hasPlace } from '../../support/releases.ts';
import type { Script } from '../../support/scripted-activities.ts';
import { desksOf, door, STOP } from './support/desks.ts';

describe('when an environment is stopped in which promotions take turns', { timeout: 300_000 }, () => {
  const { release, enters, waits, promotion, seen, deskOf, open, deskUntil, inOwnEnvironment } = desksOf(
    engineOfSuite('real'),
    'stop',
  );

  it('a stop pauses who has begun at the next safe point, lets nobody in, is written down, and can be thawed', async () => {
    const gate = door();
    const written: RestraintsRequest[] = [];
    const script: Script = {
      ...gate.script,
      writeRestraints: async (request) => {
        written.push(request);
        return YES;
      },
    };
    await inOwnEnvironment({ script }, async (environment) => {
      const first = await enters(1, environment);
      const stop = { ...STOP, incident: 'INC-1' };
      const answer = await deskOf(environment).executeUpdate(restrainUpdate, { args: [stop] });
      assert.deepEqual([answer.told, answer.enforced], [1, true]);
      assert.equal(written.at(-1)?.restraints[0]?.reason, 'errors');
      gate.open();
      const stopped = await seen(1, environment, (one) => one.phase === 'stopped');
      assert.match(stopped.waiting?.reason ?? '', /grace stopped every service: errors \(incident INC-1\)/);
      assert.equal(stopped.waiting?.answer[0], `sluice thaw --environment ${environment}`);

      const second = await release(2);
      const kept = await seen(2, environment, hasPlace);
      assert.match(kept.waiting?.reason ?? '', /grace stopped every service/);

      await deskOf(environment).executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'grace' }] });
      assert.deepEqual(written.at(-1)?.restraints, []);
      assert.equal((await first.result()).outcome.kind, 'released');
      assert.equal((await second.result()).outcome.kind, 'released');
    });
  });

  it('a stop that has paused a promotion can be passed by those who may, and only they are named', async () => {
    const gate = door();
    const mayPass = { stop: ['incident-managers'] };
    await inOwnEnvironment({ script: gate.script, mayPass }, async (environment) => {
      const started = await enters(1, environment);
      await deskOf(environment).executeUpdate(restrainUpdate, { args: [STOP] });
      gate.open();
      const stopped = await seen(1, environment, (one) => one.phase === 'stopped');
      const passable = [{ gate: 'stop', said: 'grace stopped every service: errors', groups: ['incident-managers'] }];
      assert.deepEqual(stopped.waiting?.passable, passable);
      assert.match(stopped.waiting?.answer[1] ?? '', /^sluice override iam .* --gate stop .*\(incident-managers\)$/);
      const word = answerBy('olga', stopped, { overrides: ['stop'], reason: 'mends it' });
      const asked = promotion(1, environment);
      await asked.executeUpdate(overrideUpdate, { args: [word] });
      assert.equal((await started.result()).outcome.kind, 'released');
      assert.equal((await deskOf(environment).query(environmentQuery)).restraints.length, 1);
    });
  });

  it('a stop is passed without a pause by whoever was let pass it before', async () => {
    const gate = door();
    await inOwnEnvironment({ script: gate.script, mayPass: { stop: ['incident-managers'] } }, async (environment) => {
      const started = await release(1);
      const status = await seen(1, environment, (one) => one.step === 'pullable');
      const word = answerBy('olga', status, { overrides: ['stop'], reason: 'mends it' });
      const asked = promotion(1, environment);
      await asked.executeUpdate(overrideUpdate, { args: [word] });
      await deskOf(environment).executeUpdate(restrainUpdate, { args: [STOP] });
      gate.open();
      assert.equal((await started.result()).outcome.kind, 'released');
    });
  });

  it('where nobody may pass a stop, nobody is asked to', async () => {
    const gate = door();
    await inOwnEnvironment({ script: gate.script, mayPass: {} }, async (environment) => {
      const started = await enters(1, environment);
      await deskOf(environment).executeUpdate(restrainUpdate, { args: [STOP] });
      gate.open();
      const { waiting } = await seen(1, environment, (one) => one.phase === 'stopped');
      assert.deepEqual(waiting?.passable, []);
      assert.doesNotMatch(waiting?.answer.join() ?? '', /override/);
      await deskOf(environment).executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'grace' }] });
      assert.equal((await started.result()).outcome.kind, 'released');
    });
  });

  it('who is kept out by a stop says for whom, until when, and what lifts it, also when its end is moved', async () => {
    await inOwnEnvironment({ mayPass: { stop: ['incident-managers'] } }, async (environment) => {
      await open(environment);
      const stop = { ...STOP, service: 'iam' };
      await deskOf(environment).executeUpdate(restrainUpdate, { args: [stop] });
      const endOf = (status: EnvironmentStatus): string => status.restraints[0]?.until ?? '';
      const first = endOf(await deskOf(environment).query(environmentQuery));
      const started = await release(1);
      const kept = await seen(1, environment, hasPlace);
      assert.deepEqual(
        [kept.waiting?.for, kept.waiting?.until, kept.waiting?.then],
        ['grace', first, 'it goes on by itself, in its turn'],
      );
      assert.equal(kept.waiting?.answer[0], `sluice thaw --environment ${environment} --service iam`);
      assert.match(kept.waiting?.answer[1] ?? '', /^sluice override iam .* --gate stop .*\(incident-managers\)$/);
      assert.deepEqual(kept.waiting?.passable?.[0]?.groups, ['incident-managers']);

      await deskOf(environment).executeUpdate(restrainUpdate, { args: [{ ...stop, forMs: 7_200_000 }] });
      const later = endOf(await deskOf(environment).query(environmentQuery));
      assert.ok(later > first);
      await seen(1, environment, (one) => one.waiting?.until === later);
      await deskOf(environment).executeUpdate(liftUpdate, { args: [{ kind: 'stop', service: 'iam', by: 'grace' }] });
      assert.equal((await started.result()).outcome.kind, 'released');
    });
  });

  it('who is let pass a stop while it waits, and is paused before the gates are asked again, is not shown as taking its turn', async () => {
    await inOwnEnvironment({ mayPass: { stop: ['incident-managers'] } }, async (environment) => {
      await open(environment);
      await deskOf(environment).executeUpdate(restrainUpdate, { args: [STOP] });
      const started = await release(1);
      const kept = await seen(1, environment, hasPlace);
      const stateOf = ({ steps }: PromotionStatus) => steps.find((one) => one.step === 'lease')?.state;
      assert.equal(stateOf(kept), 'running');
      const asked = promotion(1, environment);
      await asked.executeUpdate(pauseUpdate, { args: [{ by: 'otto' }] });
      const word = answerBy('olga', kept, { overrides: ['stop'], reason: 'mends it' });
      await asked.executeUpdate(overrideUpdate, { args: [word] });
      const paused = await seen(1, environment, (one) => one.phase === 'paused');
      assert.match(paused.waiting?.reason ?? '', /otto paused it before gates/);
      assert.equal(stateOf(paused), 'pending');
      await asked.executeUpdate(resumeUpdate, { args: [{ by: 'otto' }] });
      assert.equal((await started.result()).outcome.kind, 'released');
    });
  });

  it('a stop ends by itself', async () => {
    await inOwnEnvironment({}, async (environment) => {
      await open(environment);
      const stop = { ...STOP, forMs: 2_000 };
      await deskOf(environment).executeUpdate(restrainUpdate, { args: [stop] });
      const started = await release(1);
      await waits(1, environment);
      assert.equal((await started.result()).outcome.kind, 'released');
    });
  });

  it('a stop that is moved is seen by who has begun, later or earlier, and ends there by itself', async () => {
    const gate = door();
    await inOwnEnvironment({ script: gate.script }, async (environment) => {
      const started = await enters(1, environment);
      const stopFor = async (forMs: number): Promise<string | undefined> => {
        const stop = { ...STOP, forMs };
        assert.equal((await deskOf(environment).executeUpdate(restrainUpdate, { args: [stop] })).told, 1);
        return (await deskOf(environment).query(environmentQuery)).restraints[0]?.until;
      };
      const first = await stopFor(3_600_000);
      gate.open();
      const seenUntil = (end: string | undefined) => seen(1, environment, ({ waiting }) => waiting?.until === end);
      const stopped = await seenUntil(first);
      assert.deepEqual([stopped.phase, stopped.waiting?.then], ['stopped', 'it goes on by itself']);
      const later = await stopFor(7_200_000);
      assert.ok(first !== undefined && later !== undefined && later > first);
      assert.equal((await seenUntil(later)).phase, 'stopped');
      const sooner = await stopFor(3_000);
      assert.ok(sooner !== undefined && sooner < first);
      assert.equal((await started.result()).outcome.kind, 'released');
      const { past } = await deskUntil(environment, (status) => status.restraints.length === 0);
      assert.deepEqual(
        past?.map((one) => one.end.how),
        ['by-itself', 'replaced', 'replaced'],
      );
    });
  });

  it('what makes no sense is refused before it is remembered', async () => {
    await inOwnEnvironment({}, async (environment) => {
      await (await release(1)).result();
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
          deskOf(environment).executeUpdate(restrainUpdate, { args: [command as never] }),
          /rejected|failed/i,
        );
      await assert.rejects(
        deskOf(environment).executeUpdate(liftUpdate, { args: [{ kind: 'hold', by: 'ada', service: 'iam' }] }),
      );
      assert.deepEqual((await deskOf(environment).query(environmentQuery)).restraints, []);
    });
  });
});
