/** Stops, thaws and pauses reach whoever they concern, whatever it is doing at that moment. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatesAnswer, StepRequest } from '../../../src/contract/activities.ts';
import {
  ENVIRONMENT_WORKFLOW,
  environmentQuery,
  liftUpdate,
  restrainSignal,
  restrainUpdate,
} from '../../../src/contract/environment-workflow.ts';
import { pauseUpdate, resumeUpdate, retryUpdate } from '../../../src/contract/promotion-workflow.ts';
import type { PromotionPhase, PromotionStatus } from '../../../src/contract/status.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import { environmentId } from '../../../src/contract/workflow-ids.ts';
import { failure, YES } from '../../support/answers.ts';
import { type Engine, engineOfSuite } from '../../support/engine.ts';
import { aVersion, hasPlace, promotionOf, startRelease, until } from '../../support/releases.ts';
import { type Script, scriptedActivities } from '../../support/scripted-activities.ts';
import { STOP } from './support/desks.ts';

const BY = { by: 'otto' };

let serial = 0;

describe('a word that restrains', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');

  interface Scene {
    readonly environment: string;
    readonly calls: readonly string[];
    readonly desk: ReturnType<Engine['env']['client']['workflow']['getHandle']>;
    readonly promotion: ReturnType<typeof promotionOf>;
    release(): ReturnType<typeof startRelease>;
    /** Until it is in that phase. */
    reaches(phase: PromotionPhase): Promise<PromotionStatus>;
    /** Until that has been called. */
    called(name: string): Promise<void>;
  }

  async function play(script: Script, scene: (scene: Scene) => Promise<void>): Promise<void> {
    serial += 1;
    const [environment, version] = [`place-${serial}`, aVersion()];
    const { client } = engine.env;
    const { activities, calls } = scriptedActivities(script, { turns: 'queue', path: [environment] });
    const work = () =>
      scene({
        environment,
        calls,
        desk: client.workflow.getHandle(environmentId(environment)),
        promotion: promotionOf(client, version, environment),
        release: () => startRelease(client, version),
        reaches: (phase) => until(client, version, environment, (one) => one.phase === phase),
        called: async (name) => {
          while (!calls.some((call) => call.startsWith(name))) await new Promise((resolve) => setTimeout(resolve, 5));
        },
      });
    await engine.during(activities, work, [environment]);
  }

  it('is not held against whoever gave its lease back and was not told of the thaw', async () => {
    const reached = Promise.withResolvers<void>();
    let knocks = 0;
    const admit = async ({ plan, planDigest, baseline }: StepRequest) => {
      const known = { ok: true, plan, planDigest, baseline } as const;
      knocks += 1;
      if (knocks > 1) return known;
      await reached.promise;
      return { ...known, closed: true as const, gates: stopped() };
    };
    await play({ admit }, async ({ desk, release, reaches, called }) => {
      const started = await release();
      await called('admit');
      assert.equal((await desk.executeUpdate(restrainUpdate, { args: [STOP] })).told, 1);
      reached.resolve();
      await reaches('waiting-for-gate');
      await desk.executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'grace' }] });
      assert.equal((await started.result()).outcome.kind, 'released');
    });
  });

  it('keeps who is told to try again from doing so', async () => {
    let isThere = false;
    const applyManifests = async () => {
      if (!isThere) throw failure('cluster-unreachable');
      return YES;
    };
    await play({ applyManifests }, async ({ desk, promotion, calls, release, reaches }) => {
      const started = await release();
      await reaches('needs-attention');
      await desk.executeUpdate(restrainUpdate, { args: [STOP] });
      isThere = true;
      await promotion.executeUpdate(retryUpdate, { args: [BY] });
      const { waiting } = await reaches('stopped');
      assert.match(waiting?.reason ?? '', /^before apply-manifests: grace stopped every service/);
      assert.equal(calls.filter((call) => call.startsWith('applyManifests')).length, 1);
      await desk.executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'grace' }] });
      assert.equal((await started.result()).outcome.kind, 'released');
    });
  });

  it('may be followed by a pause, which counts from the thaw on', async () => {
    const pull = Promise.withResolvers<void>();
    const checkPullable = () => pull.promise.then(() => YES);
    await play({ checkPullable }, async ({ desk, promotion, calls, release, reaches, called }) => {
      const started = await release();
      await called('checkPullable');
      await desk.executeUpdate(restrainUpdate, { args: [STOP] });
      pull.resolve();
      await reaches('stopped');
      await promotion.executeUpdate(pauseUpdate, { args: [BY] });
      await desk.executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'grace' }] });
      await reaches('paused');
      assert.ok(!calls.some((call) => call.startsWith('applyManifests')), calls.join());
      await promotion.executeUpdate(resumeUpdate, { args: [BY] });
      assert.equal((await started.result()).outcome.kind, 'released');
    });
  });

  it('of a roll-back is kept also where there are as many as people may say, and under the longest name', async () => {
    await play({}, async ({ environment, desk }) => {
      const start = { workflowId: environmentId(environment), taskQueue: ENGINE_QUEUE, args: [{ environment }] };
      await engine.env.client.workflow.start(ENVIRONMENT_WORKFLOW, start);
      const hold = { kind: 'hold', by: 'rita', reason: 'going back to 1.0.0' } as const;
      for (let nth = 0; nth < 100; nth += 1) await desk.signal(restrainSignal, { ...hold, service: `s-${nth}` });
      const one = { ...hold, service: 'one-more', by: 'r'.repeat(600) };
      await assert.rejects(desk.executeUpdate(restrainUpdate, { args: [{ ...one, by: 'rita' }] }));
      await desk.signal(restrainSignal, one);
      const { restraints } = await desk.query(environmentQuery);
      assert.deepEqual([restraints.length, restraints.at(-1)?.service], [101, 'one-more']);
    });
  });

  it('finds room: who waits for a lease costs its holder no message', async () => {
    const pull = Promise.withResolvers<void>();
    const checkPullable = () => pull.promise.then(() => YES);
    await play({ checkPullable }, async ({ environment, promotion, release, called }) => {
      const { client } = engine.env;
      const started = await release();
      await called('checkPullable');
      const signals = async (): Promise<number> => {
        const { events } = await promotion.fetchHistory();
        return (events ?? []).filter((one) => Object.hasOwn(one, 'workflowExecutionSignaledEventAttributes')).length;
      };
      const before = await signals();
      const others = [await startRelease(client, aVersion()), await startRelease(client, aVersion())];
      for (const { workflowId } of others)
        await until(client, workflowId.split('/').at(-1) ?? '', environment, hasPlace);
      assert.equal(await signals(), before);
      pull.resolve();
      for (const one of [started, ...others]) assert.equal((await one.result()).outcome.kind, 'released');
    });
  });
});

function stopped(): GatesAnswer & { readonly ok: true } {
  const [since, end] = [new Date(), new Date(Date.now() + STOP.forMs)].map((one) => one.toISOString()) as [
    string,
    string,
  ];
  const restraint = { kind: 'stop', by: 'grace', reason: 'errors', since, until: end } as const;
  const verdict = { gate: 'stop', kind: 'stop', answer: 'wait', reason: 'grace stopped', until: end } as const;
  return { ok: true, answer: 'wait', until: end, verdicts: [{ ...verdict, restraints: [restraint] }] };
}
