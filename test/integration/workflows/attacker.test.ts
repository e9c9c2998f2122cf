/**
 * Somebody with every right on the Temporal namespace, on a real server, against zones that check for themselves: workflows by hand,
 * activities by hand, forged signals, recorded ones, and plans that were changed. What is in the environment stays as it is.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { createEngineActivities, createEnvironmentActivities } from '../../../activities/index.ts';
import { createMemoryNotifier } from '../../../src/adapters/notifier/memory.ts';
import { digestOfJson } from '../../../src/content/digest-of.ts';
import type { StepRequest } from '../../../src/contract/activities.ts';
import {
  approveSignal,
  controlSignal,
  PROMOTION,
  type PromotionInput,
  type PromotionResult,
} from '../../../src/contract/promotion-workflow.ts';
import { ENGINE_QUEUE, environmentQueue } from '../../../src/contract/task-queues.ts';
import { promotionId } from '../../../src/contract/workflow-ids.ts';
import type { ApprovalStatement } from '../../../src/domain/approval.ts';
import { planFor } from '../../support/activity-runs.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import { ACTING, aGuardedWorld, type GuardedWorld, saidBy } from '../../support/guarded-world.ts';
import type { Pushed } from '../../support/memory-world.ts';
import type { Person } from '../../support/people.ts';
import { promotionOf, until } from '../../support/releases.ts';
import type { Asked } from './support/by-hand.ts';

const STAGING = 'staging';
const BY_HAND = 'by-hand';

describe('somebody with every right on the namespace', { timeout: 300_000 }, () => {
  let engine: Engine;
  let world: GuardedWorld;
  let one: Pushed;
  let two: Pushed;
  let workers: readonly Worker[] = [];
  let running: Promise<unknown>;

  before(async () => {
    world = await aGuardedWorld(() => new Date());
    engine = await startEngine('real', world.logger);
    [one, two] = [await world.push('one'), await world.push('two')];
    const { nativeConnection: connection } = engine.env;
    const { rulebook } = world.zones.staging;
    const { notifier } = createMemoryNotifier([]);
    const workflowsPath = fileURLToPath(new URL('support/by-hand.ts', import.meta.url));
    workers = await Promise.all([
      Worker.create({
        ...{ connection, taskQueue: ENGINE_QUEUE, workflowBundle: engine.bundle },
        activities: createEngineActivities(rulebook, notifier),
      }),
      ...(['dev', STAGING] as const).map((name) =>
        Worker.create({
          ...{ connection, taskQueue: environmentQueue(name) },
          activities: createEnvironmentActivities(world.zones[name]),
        }),
      ),
      Worker.create({ connection, taskQueue: BY_HAND, workflowsPath }),
    ]);
    running = Promise.all(workers.map((worker) => worker.run()));
  });
  after(async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    await engine.stop();
  });

  function inputOf(version: string, pushed: Pushed): PromotionInput {
    const image = { repository: 'iam', digest: pushed.digest };
    const { timing } = world.zones.staging.rulebook;
    const about = { service: 'iam', version, environment: STAGING, source: 'dev', image, manifests: pushed.manifests };
    return { ...about, requestedBy: 'pipeline', timing };
  }

  /** A promotion as the engine would start it, without the engine's word for it. */
  async function begun(version: string, pushed: Pushed): Promise<WorkflowHandle> {
    return engine.env.client.workflow.start(PROMOTION, {
      ...{ workflowId: promotionId('iam', version, STAGING), taskQueue: ENGINE_QUEUE },
      args: [inputOf(version, pushed)],
    });
  }

  async function asks(version: string): Promise<Pick<StepRequest, 'plan' | 'planDigest'>> {
    const { planDigest = '' } = await until(engine.env.client, version, STAGING, (one) => one.approval?.open === true);
    return { plan: { service: 'iam', version, environment: STAGING } as StepRequest['plan'], planDigest };
  }

  const yesOf = (person: Person, question: Pick<StepRequest, 'plan' | 'planDigest'>) =>
    saidBy(person, question, {}, new Date());

  async function released(version: string, pushed: Pushed): Promise<void> {
    const promotion = await begun(version, pushed);
    await promotion.signal(approveSignal, await yesOf(world.people.ada, await asks(version)));
    const { outcome } = (await promotion.result()) as PromotionResult;
    assert.equal(outcome.kind, 'released', outcome.reason);
  }

  let serial = 0;
  async function byHand(activity: string, request: unknown, taskQueue = environmentQueue(STAGING)): Promise<unknown> {
    serial += 1;
    const asked: Asked = { taskQueue, activity, request };
    return engine.env.client.workflow.execute('byHand', {
      ...{ workflowId: `by-hand/${serial}`, taskQueue: BY_HAND },
      args: [asked],
    });
  }

  /** Everything that has changed something of the environment. */
  const effects = (): string[] =>
    [...world.clusters.staging.effects, ...world.registries.effects]
      .map((effect) => JSON.stringify(effect))
      .filter((text) => !text.includes('"restrained"'));

  /** Nothing of it reaches the environment, and each attempt stands in the worker's log. */
  async function inVain(codes: readonly string[], attempts: () => Promise<void>): Promise<void> {
    const [before, from] = [effects(), world.audit.length];
    await attempts();
    assert.deepEqual(effects(), before);
    // the runtime hands its log on a little later
    while (world.audit.length < from + codes.length) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      world.audit.slice(from).map((line) => line['code']),
      codes,
    );
    for (const line of world.audit.slice(from)) {
      assert.equal(line['audit'], 'refused');
      for (const name of ['workflowId', 'runId', 'activityType', 'taskQueue']) assert.ok(line[name], name);
    }
  }

  async function gone(promotion: WorkflowHandle): Promise<void> {
    await promotion.signal(controlSignal, { command: 'abort', by: 'mallory' });
    await promotion.result();
  }

  /** What stands in a history for everybody who may read it. */
  async function recorded(version: string): Promise<{
    readonly signals: readonly ApprovalStatement[];
    readonly requests: Readonly<Record<string, StepRequest>>;
  }> {
    const { events } = await promotionOf(engine.env.client, version, STAGING).fetchHistory();
    const read = <Kind>(payload: unknown): Kind => defaultPayloadConverter.fromPayload(payload as never);
    const signals = (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: it }) =>
      it?.signalName === 'approve' ? [read<ApprovalStatement>(it.input?.payloads?.[0])] : [],
    );
    const requests = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: it }) =>
      it === undefined || it === null
        ? []
        : [[it.activityType?.name ?? '', read<StepRequest>(it.input?.payloads?.[0])] as const],
    );
    return { signals, requests: Object.fromEntries(requests) };
  }

  it('starts a promotion by hand and forges its answers: none counts, and it waits for people', async () => {
    const promotion = await begun('1.0.0', one);
    const question = await asks('1.0.0');
    const { mallory, grace, rita } = world.people;
    const { statement: _, ...name } = await yesOf(mallory, question);
    const forged = [
      { ...name, approver: 'ada' },
      { ...(await yesOf(mallory, question)), approver: 'ada' },
      { ...name, approver: 'ada', proof: 'key', groups: ['release-managers'], statement: 'a.b.c' },
      await yesOf(grace, question),
      await yesOf(rita, question),
    ];
    const codes = [
      'approval-unproven',
      'approval-key-unknown',
      'approval-malformed',
      'approval-wrong-group',
      'approval-excluded',
    ];
    await inVain(codes, async () => {
      for (const [at, statement] of forged.entries()) {
        await promotion.signal(approveSignal, statement);
        await until(engine.env.client, '1.0.0', STAGING, (seen) => seen.refusedAnswers.length === at + 1);
      }
      await gone(promotion);
    });
  });

  it('asks each activity from a workflow of their own: nothing was let in for it', async () => {
    const request = { ...(await world.approved(one, '1.1.0')), approvals: [] };
    await inVain([...ACTING.map(() => 'not-admitted'), 'approval-unproven', 'environment-unknown'], async () => {
      for (const name of ACTING) assert.deepEqual(await byHand(name, request), { failed: 'not-admitted' });
      const answer = (await byHand('admit', request)) as { ok: boolean };
      assert.equal(answer.ok, false);
      const elsewhere = await byHand('admit', request, environmentQueue('dev'));
      assert.deepEqual(elsewhere, { failed: 'environment-unknown' });
    });
  });

  it('changes the plan after people have agreed: what they signed is for another one', async () => {
    const request = await world.approved(one, '1.2.0');
    const { plan, planDigest } = await planFor(world, two, '1.2.0');
    const changed = { ...request, plan, planDigest };
    await inVain(['approval-other-plan', 'plan-changed', 'not-admitted'], async () => {
      const answer = (await byHand('admit', changed)) as { ok: boolean };
      assert.equal(answer.ok, false);
      const { approval: _, ...unasked } = request.plan;
      await byHand('admit', { ...request, plan: unasked, planDigest: digestOfJson(unasked) });
      assert.deepEqual(await byHand('importImage', changed), { failed: 'not-admitted' });
    });
    const promotion = await begun('1.2.0', two);
    await asks('1.2.0');
    await inVain([], async () => {
      const [yes] = request.approvals;
      assert.ok(yes);
      await promotion.signal(approveSignal, yes);
      const { refusedAnswers } = await until(
        engine.env.client,
        '1.2.0',
        STAGING,
        (seen) => seen.refusedAnswers.length === 1,
      );
      assert.equal(refusedAnswers[0]?.code, 'approval-other-plan', 'the workflow itself has refused it');
      await gone(promotion);
    });
  });

  it('replays what stands in the history of a release that was replaced: nobody is asked, and nothing comes back', async () => {
    await released('2.0.0', one);
    await released('3.0.0', two);
    const { signals, requests } = await recorded('2.0.0');
    const { admit, importImage } = requests;
    assert.ok(signals.length === 1 && admit !== undefined && importImage !== undefined);
    assert.equal(admit.approvals.length, 1);
    await inVain(['approval-replayed', ...ACTING.map(() => 'not-admitted')], async () => {
      const answer = (await byHand('admit', { ...admit, fence: Date.now() + 3_600_000 })) as { ok: boolean };
      assert.equal(answer.ok, false);
      for (const name of ACTING) assert.deepEqual(await byHand(name, importImage), { failed: 'not-admitted' });
    });
    await inVain(['approval-replayed'], async () => {
      const again = await begun('2.0.0', one);
      await asks('2.0.0');
      for (const signal of signals) await again.signal(approveSignal, signal);
      const { outcome } = (await again.result()) as PromotionResult;
      assert.deepEqual([outcome.kind, outcome.refusal?.code], ['refused', 'approval-replayed']);
    });
  });
});
