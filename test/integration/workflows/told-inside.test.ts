import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { deskActivities } from '../../../activities/desks.ts';
import type { TellRestraintsRequest } from '../../../src/contract/activities.ts';
import {
  environmentQuery,
  liftUpdate,
  restrainUpdate,
  restraintsUpdate,
} from '../../../src/contract/environment-workflow.ts';
import { environmentId } from '../../../src/contract/workflow-ids.ts';
import { YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { promotionOf, startRelease, until } from '../../support/releases.ts';
import { type Script, scriptedActivities } from '../../support/scripted-activities.ts';
import { STOP } from './support/desks.ts';

describe('whoever is under way in an environment is told of stops', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');

  /** One promotion is inside, held in a step; the environment is its own, and what its desk is to say goes by `telling`. */
  async function withOneInside(
    name: string,
    telling: (request: TellRestraintsRequest, tell: Tell) => ReturnType<Tell>,
    work: (environment: string, open: () => void) => Promise<void>,
  ): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const held: Script = { checkPullable: () => promise.then(() => YES) };
    const { activities } = scriptedActivities(held, { turns: 'queue', path: [name] });
    const { tellRestraints } = activities;
    const all = { ...activities, tellRestraints: (request: TellRestraintsRequest) => telling(request, tellRestraints) };
    const during = async (): Promise<void> => {
      await startRelease(engine.env.client, `${name}.1`);
      await until(engine.env.client, `${name}.1`, name, (one) => one.step === 'pullable');
      await work(name, resolve);
    };
    await engine.during(all, during, [name]).finally(resolve);
  }
  type Tell = (request: TellRestraintsRequest) => Promise<{ readonly gone: readonly string[] }>;
  const deskOf = (environment: string) => engine.env.client.workflow.getHandle(environmentId(environment));

  it('in the order in which they were said, also while the first word is still on its way', async () => {
    const heard: number[] = [];
    const slow = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const telling = async (request: TellRestraintsRequest, tell: Tell) => {
      begun.resolve();
      await slow.promise;
      heard.push(request.restraints.length);
      return tell(request);
    };
    await withOneInside('told-in-order', telling, async (environment, open) => {
      const desk = deskOf(environment);
      const stopped = desk.executeUpdate(restrainUpdate, { args: [STOP] });
      await begun.promise;
      const thawed = desk.executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'ada' }] });
      while ((await desk.query(environmentQuery)).restraints.length > 0)
        await new Promise((resolve) => setTimeout(resolve, 20));
      slow.resolve();
      // who is answered has been heard
      await Promise.all([stopped, thawed]);
      assert.deepEqual(heard, [1, 0]);
      open();
      const { outcome } = await promotionOf(engine.env.client, `${environment}.1`, environment).result();
      assert.equal(outcome.kind, 'released');
    });
  });

  it('and has taken it in when whoever stopped it is answered', async () => {
    await withOneInside(
      'told-and-taken-in',
      (request, tell) => tell(request),
      async (environment, open) => {
        await deskOf(environment).executeUpdate(restrainUpdate, { args: [STOP] });
        const { events } = await promotionOf(engine.env.client, `${environment}.1`, environment).fetchHistory();
        const heard = events?.map((one) => one.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input);
        assert.deepEqual(
          heard?.flatMap((input) => input?.name ?? []),
          [restraintsUpdate.name],
        );
        await deskOf(environment).executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'ada' }] });
        open();
        const { outcome } = await promotionOf(engine.env.client, `${environment}.1`, environment).result();
        assert.equal(outcome.kind, 'released');
      },
    );
  });

  it('and one of an older engine, which cannot answer, hears it as a message', async () => {
    const taskQueue = 'of-an-older-engine';
    const workflowsPath = fileURLToPath(new URL('support/hears-messages.ts', import.meta.url));
    const worker = await Worker.create({ connection: engine.env.nativeConnection, taskQueue, workflowsPath });
    await worker.runUntil(async () => {
      const { workflow } = engine.env.client;
      const old = await workflow.start('hearsMessages', { taskQueue, workflowId: `${taskQueue}-1` });
      const holder = { service: 'iam', workflowId: old.workflowId, runId: old.firstExecutionRunId, fence: 7 };
      const stop = { kind: 'stop', by: 'grace', reason: 'errors', since: new Date().toISOString() } as const;
      const run = new MockActivityEnvironment({}, { client: engine.env.client });
      const request = { restraints: [stop], holders: [holder] };
      const tell = (): ReturnType<Tell> => run.run(deskActivities.tellRestraints, request) as ReturnType<Tell>;
      assert.deepEqual([(await tell()).gone, await old.result()], [[], [[stop], 7]]);
      // whoever has ended is nobody to tell
      assert.deepEqual((await tell()).gone, [old.firstExecutionRunId]);
    });
  });

  it('and one that has been terminated meanwhile gives its lease back by that', async () => {
    await withOneInside(
      'told-the-dead',
      (request, tell) => tell(request),
      async (environment) => {
        const desk = deskOf(environment);
        await promotionOf(engine.env.client, `${environment}.1`, environment).terminate('by hand');
        await desk.executeUpdate(restrainUpdate, { args: [STOP] });
        while ((await desk.query(environmentQuery)).turns.held.length > 0)
          await new Promise((resolve) => setTimeout(resolve, 20));
      },
    );
  });

  it('again when the worker that told them failed before it said so', async () => {
    let failures = 0;
    const telling = async (request: TellRestraintsRequest, tell: Tell) => {
      const told = await tell(request);
      if (failures++ === 0) throw new Error('the server went away');
      return told;
    };
    await withOneInside('told-again', telling, async (environment, open) => {
      await deskOf(environment).executeUpdate(restrainUpdate, { args: [STOP] });
      open();
      await until(engine.env.client, `${environment}.1`, environment, (one) => one.phase === 'stopped');
      await deskOf(environment).executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'ada' }] });
      const { outcome } = await promotionOf(engine.env.client, `${environment}.1`, environment).result();
      assert.equal(outcome.kind, 'released');
    });
  });
});
