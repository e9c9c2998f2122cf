/** Guardians with everything that decides about them: the real workflows and the real activities, over registries and clusters in memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { until } from '../../../local/tools/until.ts';
import type { GuardianView } from '../../../src/client/index.ts';
import {
  checkUpdate,
  GUARDIAN,
  type Guarded,
  guardianQuery,
  guardianStart,
  type GuardianStatus,
  guardSignal,
  lookSignal,
} from '../../../src/contract/guardian-workflow.ts';
import type { SluiceEvent } from '../../../src/domain/notification.ts';
import { assertEvent } from '../../support/event-schema.ts';
import { clientsOfSuite, engineOfSuite } from '../../support/engine.ts';
import { runs, swapped } from '../../support/drift.ts';
import { groundOf, HERE, OURS, PATIENT } from './support/guarded-ground.ts';

const OTHER = `sha256:${'e'.repeat(64)}`;
const HOUR = 3_600_000;

describe('when a guardian looks after what runs', { timeout: 600_000 }, () => {
  const engine = engineOfSuite('real');
  const clients = clientsOfSuite(engine, 'grace');
  const onGround = groundOf(() => ({ engine, client: clients.grace }));
  const drifted = ({ findings }: GuardianStatus): boolean => findings.length > 0;
  const listed = (): Promise<GuardianView | undefined> => clients.grace.guardians(OURS).then(([one]) => one);
  const data = (told: readonly SluiceEvent[]) =>
    told.filter((one) => one.data.about === 'promotion').map((one) => one.data);

  it('begins when a promotion has ended well, and finds nothing where nothing has changed, without a word in its history', async () => {
    await onGround('alert', async ({ release, looks, told, guardian }) => {
      await release('1.0.0');
      await until(async () => (await listed())?.lookedAt, { what: 'it has looked', ...PATIENT });
      const before = (await guardian.fetchHistory()).events?.length;
      await looks(5);
      const view = await listed();
      assert.equal(view?.guarded?.version, '1.0.0');
      assert.deepEqual(view.findings, []);
      assert.equal(view.said, 'nothing has changed');
      assert.equal((await guardian.fetchHistory()).events?.length, before);
      assert.deepEqual(data(told), []);
    });
  });

  it('finds another digest than the promoted one, says so once, shows it everywhere, and tells when it is over', async () => {
    await onGround('alert', async ({ world, release, untilFound, looks, told }) => {
      const { digest } = await release('1.1.0');
      await swapped(world, digest, OTHER);
      const { findings } = await untilFound(drifted);
      assert.deepEqual(
        findings.map(({ about, what, code }) => [about, what, code]),
        [['running', 'deployment/iam', 'running-digest-mismatch']],
      );
      await until(async () => data(told).length > 0 || undefined, { what: 'it is told', ...PATIENT });
      await looks(4);
      assert.deepEqual(
        data(told).map(({ event, version, environment }) => [event, version, environment]),
        [['drifted', '1.1.0', HERE]],
      );
      told.forEach(assertEvent);
      const place = await until(
        async () => (await clients.grace.board(OURS)).find(({ drift }) => drift !== undefined),
        {
          what: 'the board has it',
          ...PATIENT,
        },
      );
      assert.equal(place.drift?.findings[0]?.about, 'running');
      const { drifted: there } = await clients.grace.environment(HERE);
      assert.equal(there?.[0]?.service, 'iam');
      await swapped(world, OTHER, digest);
      await untilFound((status) => !drifted(status));
      await until(async () => data(told).length > 1 || undefined, { what: 'its end is told', ...PATIENT });
      assert.deepEqual(
        data(told).map(({ event }) => event),
        ['drifted', 'settled'],
      );
    });
  });

  it('looks away while a promotion changes what runs, and guards the new version afterwards', async () => {
    const door = Promise.withResolvers<void>();
    await onGround(
      'rollback',
      async ({ world, release, looks, told, untilFound }) => {
        await release('2.0.0');
        const { digest, manifests } = await world.push('2.1.0');
        await clients.grace.startRelease({ service: 'iam', version: '2.1.0', image: `iam@${digest}`, manifests });
        await until(() => runs(world, digest), { what: 'the new version is applied', ...PATIENT });
        await looks(4);
        door.resolve();
        assert.equal((await clients.grace.wait({ service: 'iam', version: '2.1.0' })).outcome.kind, 'released');
        await untilFound(({ guarded }) => guarded?.version === '2.1.0');
        await looks(4);
        assert.deepEqual(data(told), []);
        await assert.rejects(clients.grace.rollback('iam', HERE), { code: 'release-not-found' });
      },
      (activities) => ({
        ...activities,
        checkHealth: async (request) => {
          if (request.plan.version === '2.1.0' && request.plan.environment === HERE) await door.promise;
          return activities.checkHealth(request);
        },
      }),
    );
  });

  it('holds the service for what it found, once: lifted it stays lifted while nothing else is found', async () => {
    await onGround('hold', async ({ world, release, untilFound, looks, told }) => {
      const { digest } = await release('3.0.0');
      const { locks } = world.zones.staging.ports;
      await locks.set({ repository: 'iam', digest }, { deletable: true, writable: true });
      const { reaction } = await untilFound(({ reaction }) => reaction !== undefined);
      assert.equal(reaction?.kind, 'hold');
      const hold = await until(async () => (await clients.grace.environment(HERE)).restraints[0], {
        what: 'a hold',
        ...PATIENT,
      });
      assert.deepEqual([hold.kind, hold.by, hold.service], ['hold', 'guardian', 'iam']);
      assert.match(hold.reason, /^locks iam@.* is not locked any more$/);
      await clients.grace.liftHold(OURS);
      await looks(5);
      assert.deepEqual((await clients.grace.environment(HERE)).restraints, []);
      await locks.set({ repository: 'iam', tag: '3.0.0' }, { deletable: true, writable: true });
      await until(async () => (await clients.grace.environment(HERE)).restraints[0], {
        what: 'another hold',
        ...PATIENT,
      });
      assert.deepEqual(
        data(told).map(({ event, drift }) => [event, drift?.reaction, drift?.findings.length]),
        [
          ['drifted', 'hold', 1],
          ['drifted', 'hold', 2],
        ],
      );
    });
  });

  it('brings back what ran before, once, and only tells of what it finds while the service is held', async () => {
    await onGround('rollback', async ({ world, release, untilFound, told, looks }) => {
      const { digest: first } = await release('4.0.0');
      const { digest } = await release('4.1.0');
      await swapped(world, digest, OTHER);
      const back = await untilFound(({ guarded }) => guarded?.version === '4.0.0');
      await untilFound((status) => !drifted(status));
      assert.equal(await runs(world, first), true, JSON.stringify(back));
      const { outcome, requestedBy, reason } = await clients.grace.rollback('iam', HERE);
      assert.deepEqual([outcome?.kind, requestedBy], ['released', 'guardian']);
      assert.match(reason, /^running deployment\/iam: /);
      const [held] = (await clients.grace.environment(HERE)).restraints;
      assert.deepEqual([held?.kind, held?.by], ['hold', 'guardian']);
      await swapped(world, first, OTHER);
      const again = await untilFound(drifted);
      assert.deepEqual([again.reaction?.kind, again.reaction?.because], ['alert', 'the service is held there already']);
      await looks(4);
      assert.equal((await clients.grace.list({ rollbacks: true, service: 'iam' })).length, 1);
      assert.deepEqual(
        data(told).flatMap(({ event, drift }) => (drift === undefined ? event : `${event} ${drift.reaction}`)),
        ['drifted rollback', 'settled', 'drifted alert'],
      );
    });
  });

  it('where there is nothing to go back to it holds instead, and says why', async () => {
    await onGround('rollback', async ({ world, release, untilFound, told }) => {
      const { digest } = await release('5.0.0');
      await swapped(world, digest, OTHER);
      const { reaction } = await untilFound(({ reaction: done }) => done?.kind === 'hold');
      assert.match(reaction?.because ?? '', /nothing else ran well in staging/);
      const [hold] = (await clients.grace.environment(HERE)).restraints;
      assert.match(hold?.reason ?? '', /^running .*; it could not go back: nothing else ran well/);
      await until(() => data(told).length === 2, { what: 'it is told', ...PATIENT });
      assert.deepEqual(
        data(told).map(({ drift }) => [drift?.reaction, drift?.because === undefined]),
        [
          ['rollback', true],
          ['hold', false],
        ],
      );
    });
  });

  it('looks at once for whoever asks, says what it sees before it is believed, and refuses to hear nonsense', async () => {
    await onGround(
      'alert',
      async ({ world, release, guardian, untilFound }) => {
        const { digest } = await release('6.0.0');
        const fine = await clients.grace.checkGuardian(OURS);
        assert.deepEqual([fine.message, fine.seen], ['iam 6.0.0 in staging is as its promotion left it', []]);
        await swapped(world, digest, OTHER);
        const { message, seen, status } = await clients.grace.checkGuardian(OURS);
        assert.match(message, /is not as its promotion left it \(seen once; looks again before it says so\): running /);
        assert.deepEqual([seen.length, status.findings], [1, []]);
        await untilFound(drifted);
        for (const command of [undefined, {}, { by: '' }, { by: 'x'.repeat(1_000) }])
          await assert.rejects(guardian.executeUpdate(checkUpdate, { args: [command as never] }));
        await guardian.signal(guardSignal, { version: 7 } as never);
        assert.equal((await clients.grace.checkGuardian(OURS)).seen.length, 1);
      },
      undefined,
      5_000,
    );
  });

  it('looks when it is called, long before its moment; of many calls while it looks one look more comes of it', async () => {
    const door = Promise.withResolvers<void>();
    const asked: boolean[] = [];
    await onGround(
      'alert',
      async ({ release, guardian, status }) => {
        await release('11.0.0');
        await guardian.signal(lookSignal);
        await until(() => asked.filter(Boolean).length === 1, { what: 'it looks', ...PATIENT });
        await Promise.all(Array.from({ length: 200 }, () => guardian.signal(lookSignal)));
        door.resolve();
        await until(async () => (await status()).lookedAt, { what: 'it has looked', ...PATIENT });
        await until(() => asked.filter(Boolean).length === 2, { what: 'it looks once more', ...PATIENT });
        await until(() => asked.at(-1) === false, { what: 'it waits for its moment', ...PATIENT });
        assert.equal(asked.filter(Boolean).length, 2);
        assert.ok(((await guardian.fetchHistory()).events?.length ?? 0) < 400);
      },
      (activities) => ({
        ...activities,
        lookAfter: async (request) => {
          asked.push(request.answer === true);
          if (request.answer === true) await door.promise;
          return activities.lookAfter(request);
        },
      }),
      HOUR,
    );
  });

  it('called while a promotion is under way, it looks as soon as that has ended', async () => {
    const door = Promise.withResolvers<void>();
    await onGround(
      'alert',
      async ({ world, release, guardian, looks }) => {
        await release('12.0.0');
        const { digest, manifests } = await world.push('12.1.0');
        await clients.grace.startRelease({ service: 'iam', version: '12.1.0', image: `iam@${digest}`, manifests });
        await until(() => runs(world, digest), { what: 'the new version is applied', ...PATIENT });
        await guardian.signal(lookSignal);
        await looks(2);
        door.resolve();
        assert.equal((await clients.grace.wait({ service: 'iam', version: '12.1.0' })).outcome.kind, 'released');
        await until(
          async () => {
            const { guarded: known, lookedAt = '' } = (await listed()) ?? {};
            return known?.version === '12.1.0' && Date.parse(lookedAt) >= Date.parse(known.since);
          },
          { what: 'it has looked since', ...PATIENT },
        );
      },
      (activities) => ({
        ...activities,
        checkHealth: async (request) => {
          if (request.plan.version === '12.1.0' && request.plan.environment === HERE) await door.promise;
          return activities.checkHealth(request);
        },
      }),
      HOUR,
    );
  });

  it('a thousand calls that nobody took in while no worker ran are a few looks, and the next run is a short one again', async () => {
    await onGround('alert', async ({ release, guardian, untilFound }) => {
      await release('13.0.0');
      await guardian.terminate('a shorter run takes its place');
      const [{ workflowId, ...start }, input] = [guardianStart(OURS), { ...OURS, runLength: 50 }];
      const { firstExecutionRunId } = await engine.env.client.workflow.start(GUARDIAN, {
        ...{ workflowId, ...start, args: [input] as [typeof input] },
      });
      await Promise.all(Array.from({ length: 1_000 }, () => guardian.signal(lookSignal)));
      const run = await until(
        async () => {
          const { runId, historyLength } = await guardian.describe();
          return runId !== firstExecutionRunId && historyLength < 100 && runId;
        },
        { what: 'a new run', ...PATIENT },
      );
      assert.notEqual(run, firstExecutionRunId);
      await untilFound(({ guarded: known, lookedAt }) => known?.version === '13.0.0' && lookedAt !== undefined);
    });
  });

  it('answers each who asks, also where its run ends meanwhile', async () => {
    await onGround(
      'alert',
      async ({ release, guardian }) => {
        await release('14.0.0');
        await guardian.terminate('a shorter run takes its place');
        const [{ workflowId, ...start }, input] = [guardianStart(OURS), { ...OURS, runLength: 50 }];
        await engine.env.client.workflow.start(GUARDIAN, { workflowId, ...start, args: [input] });
        const runs = new Set<string>();
        while (runs.size < 4) {
          assert.deepEqual((await clients.grace.checkGuardian(OURS)).seen, []);
          runs.add((await guardian.describe()).runId);
        }
      },
      undefined,
      HOUR,
    );
  });

  it('is begun by whoever asks it first, and ends by itself where nobody is to look any more', async () => {
    await onGround('alert', async ({ world, release, guardian }) => {
      await release('7.0.0');
      await guardian.terminate('as if it had never been');
      assert.equal((await clients.grace.checkGuardian(OURS)).status.guarded?.version, '7.0.0');
      Object.assign(world.zones.staging.rulebook, { guardians: {} });
      await guardian.result();
      await until(async () => (await clients.grace.guardians(OURS)).length === 0, { what: 'it is gone', ...PATIENT });
      await assert.rejects(clients.grace.checkGuardian(OURS), {
        code: 'command-not-possible',
        message: /staging has no guardian/,
      });
    });
  });

  it('goes on in a new run with what it knows, and tells nothing twice', async () => {
    await onGround('alert', async ({ world, release, untilFound, looks, told, guardian }) => {
      const { digest } = await release('8.0.0');
      await guardian.terminate('a shorter run takes its place');
      const [{ workflowId, ...start }, input] = [guardianStart(OURS), { ...OURS, runLength: 50 }];
      await engine.env.client.workflow.start(GUARDIAN, { workflowId, ...start, args: [input] });
      await swapped(world, digest, OTHER);
      await untilFound(drifted);
      const runOf = async () => (await guardian.describe()).runId;
      const first = await runOf();
      await until(
        async () => {
          await clients.grace.checkGuardian(OURS);
          return (await runOf()) !== first;
        },
        { what: 'a new run', ...PATIENT },
      );
      assert.equal((await untilFound(drifted)).findings.length, 1);
      await looks(3);
      assert.deepEqual(
        data(told).map(({ event }) => event),
        ['drifted'],
      );
    });
  });

  it('believes what the environment remembers, whatever it is told', async () => {
    await onGround('rollback', async ({ release, guardian, untilFound, looks, told }) => {
      await release('9.0.0');
      const forged = {
        version: '6.6.6',
        digest: OTHER,
        since: '2026-11-30T12:00:00Z',
        workflowId: 'x',
        requestedBy: 'mallory',
      };
      await guardian.signal(guardSignal, forged);
      await untilFound(({ guarded }) => guarded?.version === '9.0.0');
      await looks(4);
      assert.deepEqual(data(told), []);
    });
  });

  it('says that nobody looks where the look itself cannot be done, and goes on trying', async () => {
    let isBroken = false;
    await onGround(
      'rollback',
      async ({ release, guardian, untilFound, looks, told }) => {
        await release('10.0.0');
        const { guarded: known } = await untilFound(({ guarded }) => guarded !== undefined);
        isBroken = true;
        await looks(1);
        const { findings, reaction } = await until(
          async () => {
            // who is told something does not rest
            await guardian.signal(guardSignal, known as Guarded);
            const status = await guardian.query(guardianQuery);
            return drifted(status) && status;
          },
          { what: 'it says so', ...PATIENT },
        );
        assert.deepEqual(
          findings.map(({ about, what, code }) => [about, what, code]),
          [['blind', 'everything, by a worker of staging', 'environment-unknown']],
        );
        assert.equal(reaction?.kind, 'alert');
        isBroken = false;
        await guardian.signal(guardSignal, known as Guarded);
        await untilFound((status) => !drifted(status));
        await until(() => data(told).length === 2, { what: 'it is told', ...PATIENT });
      },
      (activities) => ({
        ...activities,
        lookAfter: (request) => {
          if (!isBroken) return activities.lookAfter(request);
          throw ApplicationFailure.nonRetryable('this worker is of another zone', 'environment-unknown');
        },
      }),
    );
  });
});
