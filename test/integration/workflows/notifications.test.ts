import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { createEngineActivities } from '../../../activities/index.ts';
import { createWebhookNotifier } from '../../../src/adapters/notifier/webhook/create-webhook-notifier.ts';
import { ENVIRONMENT_WORKFLOW, liftUpdate, restrainUpdate } from '../../../src/contract/environment-workflow.ts';
import { NOTIFICATION, type NotificationResult } from '../../../src/contract/notification-workflow.ts';
import {
  approveUpdate,
  overrideUpdate,
  pauseUpdate,
  resumeUpdate,
  retryUpdate,
} from '../../../src/contract/promotion-workflow.ts';
import { ROLLBACK } from '../../../src/contract/rollback-workflow.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import {
  environmentId,
  notificationId,
  promotionId,
  releaseId,
  rollbackId,
} from '../../../src/contract/workflow-ids.ts';
import type { Interest, SluiceEvent } from '../../../src/domain/notification.ts';
import { failure, no, YES } from '../../support/answers.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import { assertEvent } from '../../support/event-schema.ts';
import { type Answers, deadAddress, type Inbox, openInbox } from '../../support/events.ts';
import { answerBy, aVersion, promotionOf, type Release, startRelease, until } from '../../support/releases.ts';
import {
  APPROVAL,
  IMAGE,
  MANIFESTS,
  NO_BASELINE,
  planned,
  type Script,
  type ScriptOptions,
  scriptedActivities,
} from '../../support/scripted-activities.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OPS: Interest = { receiver: 'ops' };
const BY = { by: 'otto', reason: 'because' };

/** Whole suites are patient: a webhook that fails is tried again after a second and more. */
describe('notifications', { timeout: 300_000 }, () => {
  let engine: Engine;
  const inboxes: Inbox[] = [];
  before(async () => {
    engine = await startEngine('real');
  });
  afterEach(() => Promise.all(inboxes.splice(0).map((one) => one.close())));
  after(() => engine.stop());

  async function anInbox(answers?: Answers): Promise<Inbox> {
    const inbox = await openInbox(answers);
    inboxes.push(inbox);
    return inbox;
  }

  interface Given {
    /** Address by receiver. */
    readonly at: Readonly<Record<string, string>>;
    readonly script?: Script;
    readonly options?: ScriptOptions;
  }

  /** Scripted zones, and the engine's own activity with real requests. */
  async function during(given: Given, work: (version: string) => Promise<void>): Promise<void> {
    const receivers = Object.entries(given.at).map(([name, url]) => ({
      name,
      format: 'cloudevents' as const,
      address: { kind: 'url' as const, url },
      secret: { kind: 'variable' as const, name: 'SECRET' },
    }));
    const notifier = createWebhookNotifier(receivers, { readSecret: () => SECRET });
    const { notify } = createEngineActivities({} as never, notifier);
    const options: ScriptOptions = { path: ['dev', 'production'], notify: [OPS], ...given.options };
    const own: typeof notify = (request) =>
      told.has(request.event.data.version ?? '') ? Promise.resolve(YES) : notify(request);
    const { activities } = scriptedActivities({ ...given.script, notify: own }, options);
    const version = aVersion();
    const environments = [...new Set(['dev', 'production', ...(options.path ?? [])])];
    await engine.during(activities, () => work(version), environments).finally(() => told.add(version));
  }
  /** Versions of tests that have ended: what was still on its way then is nothing for the next one's receivers. */
  const told = new Set<string>();

  const eventsOf = ({ received }: Inbox): SluiceEvent[] => received.map(({ body }) => JSON.parse(body) as SluiceEvent);
  /** In the order in which they happened, whatever the order of their arrival. */
  const storyOf = (inbox: Inbox): string[] =>
    eventsOf(inbox)
      .toSorted((a, b) => Number(a.id.split('-').at(-2)) - Number(b.id.split('-').at(-2)))
      .map(({ data }) => `${data.environment ?? 'release'} ${data.event}`);
  const of = (environment: string, story: readonly string[]): string[] =>
    story.filter((one) => one.startsWith(`${environment} `)).map((one) => one.slice(environment.length + 1));

  async function arrived(inbox: Inbox, count: number): Promise<void> {
    while (inbox.received.length < count) await new Promise((resolve) => setImmediate(resolve));
  }

  it('tell whoever approved when something else is replaced by then', async () => {
    const inbox = await anInbox();
    let version = '0.8.0';
    const approvals = { production: APPROVAL };
    const there = { service: 'iam', image: IMAGE, manifests: MANIFESTS, objects: [], since: '2026-11-01T00:00:00Z' };
    const by = { workflowId: 'promotion/iam/0/production', approvedBy: [], requestedBy: 'rita' };
    const script: Script = {
      planPromotion: async (request) => {
        const current = { format: 1, ...there, ...by, version } as const;
        return planned(request, { approvals, baseline: { ...NO_BASELINE, current } });
      },
    };
    await during({ at: { ops: inbox.url }, script, options: { approvals } }, async (name) => {
      const release = await startRelease(engine.env.client, name);
      const asked = await until(engine.env.client, name, 'production', (one) => one.approval?.open === true);
      version = '0.9.0';
      const promotion = promotionOf(engine.env.client, name, 'production');
      await promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', asked)] });
      await release.result();
      const isWork = ({ data }: SluiceEvent): boolean => data.environment === 'production' && data.event === 'working';
      while (!eventsOf(inbox).some(isWork)) await arrived(inbox, inbox.received.length + 1);
      const event = eventsOf(inbox).find(isWork);
      assert.equal(event?.data.changed, 'it replaces 0.9.0 by now, and 0.8.0 when it was planned');
      assertEvent(event);
    });
  });

  it('tell the story of a release and of its promotions, each event once', async () => {
    const inbox = await anInbox();
    const options = { approvals: { production: APPROVAL } };
    await during({ at: { ops: inbox.url }, options }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const asked = await until(engine.env.client, version, 'production', (one) => one.approval?.open === true);
      const promotion = promotionOf(engine.env.client, version, 'production');
      await promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', asked)] });
      await release.result();
      await arrived(inbox, 11);
      const story = storyOf(inbox);
      assert.deepEqual(of('release', story), ['started', 'released']);
      assert.deepEqual(of('dev', story), ['started', 'working', 'released']);
      assert.deepEqual(of('production', story), ['started', 'waiting', 'answered', 'approved', 'working', 'released']);
      const events = eventsOf(inbox);
      events.forEach(assertEvent);
      assert.equal(new Set(events.map((one) => one.id)).size, 11);
      const [waiting] = events.filter(({ data }) => data.event === 'waiting');
      assert.equal(waiting?.subject, promotionId('iam', version, 'production'));
      assert.match(waiting?.data.waiting?.for ?? '', /release-managers/);
      assert.match(waiting?.data.waiting?.answer[0] ?? '', /^sluice approve iam .* --plan sha256:/);
      const [approved] = events.filter(({ data }) => data.event === 'approved');
      assert.deepEqual(approved?.data.approvedBy, ['ada']);
      await replays(release, promotionId('iam', version, 'production'), notificationId(waiting?.id ?? ''));
    });
  });

  it('never hold up a release: with a webhook that is dead all the time it ends as ever', async () => {
    await during({ at: { ops: await deadAddress() } }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const { outcome } = await release.result();
      assert.equal(outcome.kind, 'released');
      const query = `WorkflowType = '${NOTIFICATION}' AND SluiceVersion = '${version}'`;
      const running = async (): Promise<number> =>
        (await engine.env.client.workflow.count(`${query} AND ExecutionStatus = 'Running'`)).count;
      while ((await running()) < 8) await new Promise((resolve) => setImmediate(resolve));
      for await (const { workflowId } of engine.env.client.workflow.list({ query }))
        await engine.env.client.workflow.getHandle(workflowId).terminate();
    });
  });

  it('that fail twice arrive the third time, under one id, and are told once', async () => {
    const inbox = await anInbox((time) => (time <= 2 ? 500 : 204));
    const notify = [{ receiver: 'ops', on: ['released' as const], environments: ['production'] }];
    await during({ at: { ops: inbox.url }, options: { notify } }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      await release.result();
      await arrived(inbox, 3);
      const ids = inbox.received.map(({ headers }) => headers['webhook-id']);
      assert.equal(new Set(ids).size, 1);
      const { deliveries } = await resultOf(String(ids[0]));
      assert.deepEqual(
        deliveries.map(({ receiver, delivered }) => [receiver, delivered]),
        [['ops', true]],
      );
      const times = inbox.received.map(({ headers }) => Number(headers['webhook-timestamp']));
      assert.deepEqual(times, times.toSorted(), 'each attempt says its own time');
      assert.equal(inbox.received.length, 3);
    });
  });

  it('say in their result who did not want them, and the others have it', async () => {
    const inbox = await anInbox();
    const refusing = await anInbox(() => 404);
    const notify = ['ops', 'gone', 'nobody'].map((receiver) => ({
      receiver,
      environments: ['dev'],
      on: ['released' as const],
    }));
    await during({ at: { ops: inbox.url, gone: refusing.url }, options: { notify } }, async (version) => {
      await (await startRelease(engine.env.client, version)).result();
      await arrived(inbox, 1);
      const { deliveries } = await resultOf(String(inbox.received[0]?.headers['webhook-id']));
      assert.deepEqual(
        deliveries.map((one) => (one.delivered ? one.receiver : `${one.receiver}: ${one.refusal.code}`)),
        ['ops', 'gone: notification-refused', 'nobody: notification-misconfigured'],
      );
      assert.equal(refusing.received.length, 1);
    });
  });

  it('tell of trouble, of the pause and of the way back', async () => {
    const inbox = await anInbox();
    let tries = 0;
    const script: Script = {
      applyManifests: async () => {
        tries += 1;
        if (tries === 1) throw failure('cluster-forbidden');
        return YES;
      },
      checkHealth: async ({ to }) => (to === 'new' ? no('health-failed') : YES),
    };
    const options: ScriptOptions = { path: ['dev'], approvals: { dev: APPROVAL } };
    await during({ at: { ops: inbox.url }, script, options }, async (version) => {
      const { client } = engine.env;
      const release = await startRelease(client, version);
      const promotion = promotionOf(client, version, 'dev');
      const asked = await until(client, version, 'dev', (one) => one.approval?.open === true);
      await promotion.executeUpdate(pauseUpdate, { args: [BY] });
      await promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', asked)] });
      await until(client, version, 'dev', (one) => one.phase === 'paused');
      await promotion.executeUpdate(resumeUpdate, { args: [BY] });
      await until(client, version, 'dev', (one) => one.phase === 'needs-attention');
      await promotion.executeUpdate(retryUpdate, { args: [BY] });
      await release.result();
      await arrived(inbox, 13);
      assert.deepEqual(of('dev', storyOf(inbox)), [
        ...['started', 'waiting', 'answered', 'approved', 'paused', 'resumed', 'working'],
        ...['attention', 'resumed', 'undoing', 'rolled-back'],
      ]);
      const [attention] = eventsOf(inbox).filter(({ data }) => data.event === 'attention');
      assert.equal(attention?.data.attention?.code, 'cluster-forbidden');
      const [back] = eventsOf(inbox).filter(({ data }) => data.event === 'rolled-back' && data.about === 'promotion');
      assert.deepEqual([back?.data.outcome?.kind, back?.data.outcome?.code], ['rolled-back', 'health-failed']);
      await replays(release, promotionId('iam', version, 'dev'));
    });
  });

  it('do not repeat a wait at a gate that is asked again, whatever it says by then', async () => {
    const inbox = await anInbox();
    let asked = 0;
    const gate = { gate: 'outside', kind: 'hours', override: ['on-call'] } as const;
    const script: Script = {
      checkGates: async () => {
        asked += 1;
        const verdict = { ...gate, reason: `not yet, said ${asked} times` };
        return asked < 3
          ? { ok: true, answer: 'wait', verdicts: [{ ...verdict, answer: 'wait' }], until: new Date().toISOString() }
          : { ok: true, answer: 'yes', verdicts: [{ ...verdict, answer: 'yes' }] };
      },
    };
    await during({ at: { ops: inbox.url }, script, options: { path: ['dev'], gates: ['dev'] } }, async (version) => {
      await (await startRelease(engine.env.client, version)).result();
      await arrived(inbox, 6);
      assert.deepEqual(of('dev', storyOf(inbox)), ['started', 'waiting', 'working', 'released']);
      eventsOf(inbox).forEach(assertEvent);
    });
  });

  it('tell that it waits for its turn once, whatever becomes of its place, and again when a person keeps it out', async () => {
    const inbox = await anInbox();
    const gates = new Map<string, PromiseWithResolvers<void>>();
    const gateOf = (version: string): PromiseWithResolvers<void> => {
      const gate = gates.get(version) ?? Promise.withResolvers<void>();
      gates.set(version, gate);
      return gate;
    };
    const script: Script = {
      checkPullable: async ({ plan }) => {
        await gateOf(plan.version).promise;
        return YES;
      },
    };
    const options: ScriptOptions = { path: ['dev'], turns: 'queue', notify: [{ ...OPS, environments: ['dev'] }] };
    await during({ at: { ops: inbox.url }, script, options }, async (version) => {
      const { client } = engine.env;
      const desk = client.workflow.getHandle(environmentId('dev'));
      const [first, second, third] = [1, 2, 3].map((number) => `${version}-${number}`) as [string, string, string];
      const placed = (which: string, place: RegExp) =>
        until(client, which, 'dev', (one) => place.test(one.waiting?.reason ?? ''));
      const releases = [await startRelease(client, first)];
      await until(client, first, 'dev', (one) => one.step === 'pullable');
      releases.push(await startRelease(client, second));
      await placed(second, /^number 1 /);
      releases.push(await startRelease(client, third));
      await placed(third, /^number 2 /);
      gateOf(first).resolve();
      await placed(third, /^number 1 /);
      await desk.executeUpdate(restrainUpdate, { args: [{ ...BY, kind: 'hold', service: 'iam' }] });
      await placed(third, /otto holds iam/);
      await desk.executeUpdate(liftUpdate, { args: [{ kind: 'hold', service: 'iam', by: 'otto' }] });
      await placed(third, /goes first/);
      gateOf(second).resolve();
      gateOf(third).resolve();
      await Promise.all(releases.map((one) => one.result()));
      await arrived(inbox, 3 + 4 + 6);
      const storyOfVersion = (which: string): string[] =>
        eventsOf(inbox)
          .filter(({ data }) => data.version === which)
          .map(({ id, data }) => `${id.split('-').at(-2)} ${data.event}`)
          .toSorted();
      assert.deepEqual(storyOfVersion(second), ['1 started', '2 waiting', '3 working', '4 released']);
      const kept = ['1 started', '2 waiting', '3 waiting', '4 waiting', '5 working', '6 released'];
      assert.deepEqual(storyOfVersion(third), kept, 'in the queue, held by somebody, in the queue again');
      await replays(releases[2] ?? assert.fail(), promotionId('iam', third, 'dev'));
    });
  });

  it('tell of a release that was cancelled, too', async () => {
    const inbox = await anInbox();
    const options: ScriptOptions = { path: ['dev'], approvals: { dev: APPROVAL } };
    await during({ at: { ops: inbox.url }, options }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      await until(engine.env.client, version, 'dev', (one) => one.approval?.open === true);
      await release.cancel();
      assert.equal((await release.result()).outcome.kind, 'aborted');
      await arrived(inbox, 5);
      const story = storyOf(inbox);
      assert.deepEqual(of('dev', story), ['started', 'waiting', 'aborted']);
      assert.deepEqual(of('release', story), ['started', 'aborted']);
      await replays(release, promotionId('iam', version, 'dev'));
    });
  });

  it('are told anew, and not again, when a promotion is reset', async () => {
    const inbox = await anInbox();
    const options: ScriptOptions = {
      path: ['dev'],
      approvals: { dev: APPROVAL },
      notify: [{ ...OPS, environments: ['dev'] }],
    };
    await during({ at: { ops: inbox.url }, options }, async (version) => {
      const { client } = engine.env;
      const promotion = promotionOf(client, version, 'dev');
      const approve = async (): Promise<void> => {
        const asked = await until(client, version, 'dev', (one) => one.approval?.open === true);
        await promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', asked)] });
        await promotion.result();
      };
      await startRelease(client, version);
      await approve();
      await arrived(inbox, 6);
      const before = eventsOf(inbox).map((one) => one.id);
      const { events } = await promotion.fetchHistory();
      const asking = (events ?? []).findIndex((one) => one.timerStartedEventAttributes != null);
      const task = (events ?? []).slice(asking).find((one) => one.workflowTaskCompletedEventAttributes != null);
      await client.workflowService.resetWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId: promotion.workflowId },
        workflowTaskFinishEventId: task?.eventId ?? null,
        resetReapplyType: 2,
        requestId: version,
        reason: 'test',
      });
      await approve();
      await arrived(inbox, 10);
      const later = eventsOf(inbox).slice(6);
      assert.deepEqual(later.map(({ data }) => data.event).toSorted(), ['answered', 'approved', 'released', 'working']);
      assert.deepEqual(
        later.filter((one) => before.includes(one.id)),
        [],
      );
    });
  });

  it('remind whoever is asked, as often as the policy says', async () => {
    const inbox = await anInbox();
    const options: ScriptOptions = { path: ['dev'], approvals: { dev: { ...APPROVAL, remindEveryMs: 300 } } };
    await during({ at: { ops: inbox.url }, options }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const asked = await until(engine.env.client, version, 'dev', (one) => one.approval?.open === true);
      await arrived(inbox, 5);
      const answer = answerBy('ada', asked);
      await promotionOf(engine.env.client, version, 'dev').executeUpdate(approveUpdate, { args: [answer] });
      await release.result();
      const [first, second, third, fourth] = of('dev', storyOf(inbox));
      assert.deepEqual([first, second, third, fourth], ['started', 'waiting', 'reminded', 'reminded']);
      const [reminded] = eventsOf(inbox).filter(({ data }) => data.event === 'reminded');
      assert.match(reminded?.data.waiting?.for ?? '', /release-managers/);
      assert.match(reminded?.data.waiting?.answer[0] ?? '', /^sluice approve iam/);
    });
  });

  it('tell of the promotion that a stop holds, of the stop itself, and of its thaw', async () => {
    const inbox = await anInbox();
    const { promise, resolve: goOn } = Promise.withResolvers<void>();
    const script: Script = { checkPullable: () => promise.then(() => YES) };
    const options: ScriptOptions = {
      path: ['stopped'],
      turns: 'queue',
      notify: [{ ...OPS, environments: ['stopped'] }],
    };
    await during({ at: { ops: inbox.url }, script, options }, async (version) => {
      const { client } = engine.env;
      const release = await startRelease(client, version);
      await until(client, version, 'stopped', (one) => one.step === 'pullable');
      const desk = client.workflow.getHandle(environmentId('stopped'));
      const stop = { kind: 'stop', by: 'grace', reason: 'errors', incident: 'INC-1', forMs: 3_600_000 } as const;
      await desk.executeUpdate(restrainUpdate, { args: [stop] });
      goOn();
      await until(client, version, 'stopped', (one) => one.phase === 'stopped');
      await desk.executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'otto', reason: 'it was the network' }] });
      await release.result();
      await arrived(inbox, 7);
      const events = eventsOf(inbox);
      events.forEach(assertEvent);
      const story = (about: string): string[] =>
        storyOf({ ...inbox, received: inbox.received.filter(({ body }) => body.includes(`"about":"${about}"`)) });
      assert.deepEqual(of('stopped', story('promotion')), ['started', 'working', 'stopped', 'resumed', 'released']);
      assert.deepEqual(of('stopped', story('environment')), ['restrained', 'lifted']);
      const [stopped] = events.filter(({ data }) => data.event === 'stopped');
      assert.match(stopped?.data.waiting?.reason ?? '', /grace stopped every service: errors \(incident INC-1\)/);
      const [set] = events.filter(({ data }) => data.event === 'restrained');
      assert.deepEqual([set?.subject, set?.data.requestedBy], ['environment/stopped', 'grace']);
      assert.deepEqual([set?.data.phase, set?.data.restraint?.incident], ['restrained', 'INC-1']);
      const [lifted] = events.filter(({ data }) => data.event === 'lifted');
      assert.deepEqual(lifted?.data.lifted, { by: 'otto', reason: 'it was the network' });
      assert.equal(lifted?.data.phase, 'open');
      await replays(release, promotionId('iam', version, 'stopped'), 'environment/stopped');
    });
  });

  it('tell of a stop that ends by itself, once, and of every word once when the desk begins new runs', async () => {
    const inbox = await anInbox();
    await during({ at: { ops: inbox.url }, options: { path: ['ending'] } }, async () => {
      const desk = await engine.env.client.workflow.start(ENVIRONMENT_WORKFLOW, {
        workflowId: environmentId('ending'),
        taskQueue: ENGINE_QUEUE,
        args: [{ environment: 'ending', runLength: 50 }],
      });
      const first = (await desk.describe()).runId;
      const hold = { kind: 'hold', by: 'grace', reason: 'sessions' } as const;
      for (let turn = 1; turn <= 12; turn += 1) {
        await desk.executeUpdate(restrainUpdate, { args: [{ ...hold, service: `s${turn}` }] });
      }
      const stop = { kind: 'stop', by: 'grace', reason: 'errors', forMs: 500 } as const;
      await engine.env.client.workflow.getHandle(desk.workflowId).executeUpdate(restrainUpdate, { args: [stop] });
      await arrived(inbox, 14);
      const told = eventsOf(inbox).map(({ data }) => `${data.event} ${data.service ?? 'all'}`);
      const holds = Array.from({ length: 12 }, (_, index) => `restrained s${index + 1}`);
      assert.deepEqual(told.toSorted(), [...holds, 'restrained all', 'lapsed all'].toSorted());
      assert.notEqual((await engine.env.client.workflow.getHandle(desk.workflowId).describe()).runId, first);
      assert.equal(new Set(eventsOf(inbox).map(({ id }) => id)).size, 14);
    });
  });

  it('tell of an override: who lets it pass which gate, and why', async () => {
    const inbox = await anInbox();
    const script: Script = {
      checkGates: async ({ overrides = [] }) =>
        overrides.length > 0
          ? { ok: true, answer: 'yes', verdicts: [] }
          : {
              ok: true,
              answer: 'wait',
              verdicts: [{ gate: 'office', kind: 'hours', answer: 'wait', reason: 'closed', override: ['managers'] }],
            },
    };
    await during({ at: { ops: inbox.url }, script, options: { path: ['dev'], gates: ['dev'] } }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const closed = await until(engine.env.client, version, 'dev', (one) => one.phase === 'waiting-for-gate');
      const word = answerBy('ada', closed, { overrides: ['office'], reason: 'INC-1' });
      await promotionOf(engine.env.client, version, 'dev').executeUpdate(overrideUpdate, { args: [word] });
      await release.result();
      await arrived(inbox, 7);
      assert.deepEqual(of('dev', storyOf(inbox)), ['started', 'waiting', 'overridden', 'working', 'released']);
      const [overridden] = eventsOf(inbox).filter(({ data }) => data.event === 'overridden');
      assert.ok(overridden);
      assertEvent(overridden);
      assert.deepEqual(overridden.data.overridden, { gates: ['office'], by: 'ada', reason: 'INC-1' });
      await replays(release, promotionId('iam', version, 'dev'));
    });
  });

  it('tell of a roll-back: its hold, where it goes, how it ends; and of one that is refused', async () => {
    const inbox = await anInbox();
    let isKnown = true;
    const known = { version: '0.9.0', image: IMAGE, manifests: MANIFESTS, since: '2026-11-01T00:00:00Z' };
    const script: Script = {
      findKnownGood: async () => (isKnown ? { ok: true, known } : no('rollback-impossible')),
    };
    const notify = [{ ...OPS, environments: ['back'] }];
    await during({ at: { ops: inbox.url }, script, options: { path: ['back'], turns: 'queue', notify } }, async () => {
      const goBack = (): Promise<unknown> =>
        engine.env.client.workflow.execute(ROLLBACK, {
          workflowId: rollbackId('iam', 'back'),
          taskQueue: ENGINE_QUEUE,
          args: [{ service: 'iam', environment: 'back', reason: 'errors', requestedBy: 'grace' }],
        });
      await goBack();
      await arrived(inbox, 6);
      const rollbacks = () => eventsOf(inbox).filter(({ data }) => data.about === 'rollback');
      assert.deepEqual(
        rollbacks()
          .map(({ data }) => `${data.event} ${data.version ?? ''}`)
          .toSorted(),
        ['released 0.9.0', 'started 0.9.0'],
      );
      const [hold] = eventsOf(inbox).filter(({ data }) => data.event === 'restrained');
      assert.deepEqual([hold?.data.restraint?.kind, hold?.data.service], ['hold', 'iam']);
      isKnown = false;
      await goBack();
      await arrived(inbox, 7);
      eventsOf(inbox).forEach(assertEvent);
      const [refused] = rollbacks().filter(({ data }) => data.event === 'refused');
      assert.deepEqual([refused?.data.outcome?.code, refused?.data.version], ['rollback-impossible', undefined]);
      const history = await engine.env.client.workflow.getHandle(rollbackId('iam', 'back')).fetchHistory();
      await Worker.runReplayHistory({ workflowBundle: engine.bundle }, history, rollbackId('iam', 'back'));
    });
  });

  it('are not there where nobody wants them', async () => {
    const options: ScriptOptions = { path: ['dev'], notify: [{ receiver: 'ops', on: ['rolled-back'] }] };
    await during({ at: {}, options }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      await release.result();
      const { events = [] } = await promotionOf(engine.env.client, version, 'dev').fetchHistory();
      assert.ok((events ?? []).every((one) => one.startChildWorkflowExecutionInitiatedEventAttributes == null));
    });
  });

  it('leave no secret in any history', async () => {
    const inbox = await anInbox();
    await during({ at: { ops: inbox.url }, options: { path: ['dev'] } }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      await release.result();
      await arrived(inbox, 5);
      const ids = inbox.received.map(({ headers }) => notificationId(String(headers['webhook-id'])));
      await Promise.all(ids.map((id) => engine.env.client.workflow.getHandle(id).result()));
      for (const id of [...ids, releaseId('iam', version), promotionId('iam', version, 'dev')]) {
        const text = historyToJSON(await engine.env.client.workflow.getHandle(id).fetchHistory());
        const decoded = `${text}${(text.match(/"data": ?"([^"]+)"/g) ?? []).map((one) => Buffer.from(one.split('"')[3] ?? '', 'base64').toString()).join()}`;
        assert.ok(decoded.includes(`"version":"${version}"`), 'it can be read');
        for (const secret of [SECRET, SECRET.slice(6), inbox.url]) assert.ok(!decoded.includes(secret), id);
      }
    });
  });

  async function resultOf(event: string): Promise<NotificationResult> {
    return engine.env.client.workflow.getHandle<() => Promise<NotificationResult>>(notificationId(event)).result();
  }

  /** What ran once replays: ids of events are the same each time. */
  async function replays(release: Release, ...others: readonly string[]): Promise<void> {
    for (const id of [release.workflowId, ...others]) {
      const history = await engine.env.client.workflow.getHandle(id).fetchHistory();
      await Worker.runReplayHistory({ workflowBundle: engine.bundle }, history, id);
    }
  }
});
