import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import {
  ENVIRONMENT_WORKFLOW,
  environmentQuery,
  type EnvironmentInput,
  type EnvironmentState,
  type EnvironmentStatus,
  liftUpdate,
  requestLeaseSignal,
  requestLeaseUpdate,
  type RestrainCommand,
  restrainSignal,
  restrainUpdate,
  returnLeaseSignal,
  turnSignal,
} from '../../../src/contract/environment-workflow.ts';
import type { RestraintsRequest, StepRequest } from '../../../src/contract/activities.ts';
import { type LeaseRequest, NO_TURNS } from '../../../src/domain/turns.ts';
import { MOST_RESTRAINTS } from '../../../src/domain/restraint-words.ts';
import { LONGEST_REASON } from '../../../src/domain/said.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import { environmentId } from '../../../src/contract/workflow-ids.ts';
import { YES } from '../../support/answers.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import { abortUpdate, statusQuery } from '../../../src/contract/promotion-workflow.ts';
import { readAsOne } from '../../support/read-as-one.ts';
import { promotionOf, startRelease, until } from '../../support/releases.ts';
import { type Script, type ScriptOptions, scriptedActivities } from '../../support/scripted-activities.ts';

/** Holds every promotion back inside, until it is opened. */
function door(): { readonly script: Script; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { script: { checkPullable: () => promise.then(() => YES) }, open: resolve };
}

const STOP = { kind: 'stop', by: 'grace', reason: 'errors' } as const;
const HOLD = { kind: 'hold', by: 'grace', reason: 'rolled back', service: 'iam' } as const;

/** Asks for a lease and is not there when it is given. */
const NOBODY: LeaseRequest = {
  ...{ service: 'iam', version: '1', workflowId: 'nobody', runId: randomUUID(), askedAt: '2026-11-24T12:00:00Z' },
  ...{ policy: 'queue', priority: 'normal', passes: [] },
};

/** Of a desk that does not have to read anything before it gives leases. */
const KNOWN: EnvironmentState = { format: 1, turns: NO_TURNS, restraints: [], running: {} };

/** One environment for each test: a desk remembers what the test before it did. */
let serial = 0;

describe('the desk of an environment over the years', { timeout: 300_000 }, () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine('real');
  });
  after(() => engine.stop());

  const version = (number: number): string => `${serial}.${number}.0`;
  const release = (number: number, fields = {}) => startRelease(engine.env.client, version(number), fields);
  const deskOf = (environment: string) => engine.env.client.workflow.getHandle(environmentId(environment));

  async function open(environment: string, fields: Omit<EnvironmentInput, 'environment'> = {}) {
    return engine.env.client.workflow.start(ENVIRONMENT_WORKFLOW, {
      workflowId: environmentId(environment),
      taskQueue: ENGINE_QUEUE,
      args: [{ environment, ...fields }],
    });
  }
  function own(script: Script, { isGated = false, ...options }: ScriptOptions & { readonly isGated?: boolean } = {}) {
    serial += 1;
    const environment = `desk-${serial}`;
    const gates = isGated ? [environment] : [];
    const { activities } = scriptedActivities(script, { turns: 'queue', ...options, gates, path: [environment] });
    return { environment, activities };
  }
  async function inOwnEnvironment(
    script: Script,
    work: (environment: string) => Promise<void>,
    options: ScriptOptions & { readonly isGated?: boolean } = {},
  ): Promise<void> {
    const { environment, activities } = own(script, options);
    await engine.during(activities, () => work(environment), [environment]);
  }
  async function deskUntil(
    environment: string,
    is: (status: EnvironmentStatus) => boolean,
  ): Promise<EnvironmentStatus> {
    for (;;) {
      const status = await deskOf(environment)
        .query(environmentQuery)
        .catch(() => undefined);
      if (status !== undefined && is(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  const waits = (number: number, environment: string) =>
    until(engine.env.client, version(number), environment, (one) => one.phase === 'waiting-for-turn');
  const eventsOf = async (handle: WorkflowHandle): Promise<number> => (await handle.describe()).historyLength;

  async function historyUntil(handle: WorkflowHandle, event: string): Promise<void> {
    for (;;) {
      // decoded messages have every field on their prototype: what is not there is null
      const { events } = await handle.fetchHistory();
      if ((events ?? []).some((one) => Object.hasOwn(one, `${event}EventAttributes`))) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The server has it, and keeps it for the next task of a workflow that nobody works on. */
  async function untilAdmitted(workflowId: string, updateId: string): Promise<void> {
    const { client, namespace = 'default' } = engine.env;
    const updateRef = { workflowExecution: { workflowId }, updateId };
    const isThere = () =>
      client.workflowService.pollWorkflowExecutionUpdate({ namespace, updateRef }).then(
        () => true,
        () => false,
      );
    while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /**
   * Two tasks without a word in which something changed are read as one by a worker that has seen neither, when an update is what it
   * comes for, and as two ever after (sdk-rust#1146): the second reading differs from the first, and the workflow cannot go on.
   */
  const preludes: Readonly<Record<string, (desk: WorkflowHandle) => Promise<unknown>>> = {
    'has only been opened': async () => undefined,
    'has heard from those who had no lease': async (desk) => {
      for (const index of [1, 2, 3]) {
        const before = await eventsOf(desk);
        await desk.signal(returnLeaseSignal, { runId: `nobody ${index}` });
        while ((await eventsOf(desk)) < before + 4) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    'has read what its environment remembers, given a lease and got it back': async (desk) => {
      while ((await desk.query(environmentQuery)).unread !== undefined)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await desk.executeUpdate(requestLeaseUpdate, { args: [NOBODY] });
      await desk.signal(returnLeaseSignal, { runId: NOBODY.runId });
      await desk.query(environmentQuery);
    },
    'begins a new run': async (desk) => {
      const { runId } = await desk.describe();
      for (let index = 0; (await desk.describe()).runId === runId; index += 1)
        await desk.signal(returnLeaseSignal, { runId: `nobody ${index}` });
      await desk.query(environmentQuery);
    },
  };
  for (const [what, prelude] of Object.entries(preludes))
    it(`reads its past as it was, when it ${what} and a worker that had not seen it answers several at once`, async () => {
      const { environment, activities } = own({});
      const first = await open(environment, { runLength: 50 });
      const desk = deskOf(environment);
      const opened = () => historyUntil(first, 'workflowTaskCompleted').then(() => prelude(desk));
      await engine.during(activities, opened, [environment]);
      const asked = ['a', 'b', 'c'].map((name) => {
        const updateId = randomUUID();
        const args: [LeaseRequest] = [{ ...NOBODY, runId: randomUUID(), workflowId: `nobody ${name}` }];
        return { updateId, answer: desk.executeUpdate(requestLeaseUpdate, { args, updateId }) };
      });
      for (const { updateId } of asked) await untilAdmitted(desk.workflowId, updateId);
      await engine.during(activities, () => Promise.all(asked.map(({ answer }) => answer)), [environment]);
      const { runId } = await desk.describe();
      const history = await engine.env.client.workflow.getHandle(desk.workflowId, runId).fetchHistory();
      assert.deepEqual(readAsOne(history), []);
      await Worker.runReplayHistory({ workflowBundle: engine.bundle }, history, desk.workflowId);
    });

  it('rests when a stop has ended by itself', async () => {
    await inOwnEnvironment({}, async (environment) => {
      const desk = await open(environment);
      await desk.executeUpdate(restrainUpdate, { args: [{ ...STOP, forMs: 300 }] });
      await release(1).then((one) => one.result());
      await deskUntil(environment, (status) => status.restraints.length === 0 && status.turns.held.length === 0);
      const before = await eventsOf(desk);
      await release(2).then((one) => one.result());
      await deskUntil(environment, (status) => status.turns.held.length === 0);
      const grown = (await eventsOf(desk)) - before;
      assert.ok(grown < 60, `one lease made ${grown} events`);
    });
  });

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

  it('begins new runs without losing leases, places, holds or the order of numbers, and answers whoever speaks meanwhile', async () => {
    const fences: number[] = [];
    const written: RestraintsRequest[] = [];
    const script: Script = {
      lockImage: async () => YES,
      applyManifests: async ({ fence }: StepRequest) => {
        fences.push(fence ?? 0);
        return YES;
      },
      writeRestraints: async (request) => {
        written.push(request);
        return YES;
      },
    };
    await inOwnEnvironment(script, async (environment) => {
      const first = await open(environment, { runLength: 50 });
      const { runId } = await first.describe();
      const desk = deskOf(environment);
      const hold = { ...HOLD, service: 'billing' };
      await desk.executeUpdate(restrainUpdate, { args: [hold] });
      const releases = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => release(number)));
      const answers = await Promise.all(
        [1, 2, 3, 4, 5, 6, 7, 8].map((number) =>
          desk.executeUpdate(restrainUpdate, { args: [{ ...HOLD, service: `service-${number}` }] }),
        ),
      );
      assert.ok(answers.every((one) => one.enforced));
      const ends = await Promise.all(releases.map((one) => one.result()));
      assert.deepEqual(new Set(ends.map((one) => one.outcome.kind)), new Set(['released']));
      const status = await deskUntil(environment, (one) => one.turns.held.length === 0);
      assert.notEqual((await desk.describe()).runId, runId, 'it has begun a new run');
      assert.equal(status.restraints.length, 9);
      assert.deepEqual(status.turns.queue, []);
      assert.equal(fences.length, 6);
      assert.deepEqual(
        fences,
        [...fences].sort((a, b) => a - b),
      );
      assert.equal(new Set(fences).size, 6);
      assert.equal(written.at(-1)?.restraints.length, 9);
    });
  });

  it('has what was not written down yet written by the next run, and lifts what an earlier one has set', async () => {
    let isHealed = false;
    const written: RestraintsRequest[] = [];
    const script: Script = {
      writeRestraints: async (request) => {
        if (!isHealed) throw new Error('the cluster is away');
        written.push(request);
        return YES;
      },
    };
    await inOwnEnvironment(script, async (environment) => {
      const first = await open(environment, { runLength: 50 });
      const { runId } = await first.describe();
      const desk = deskOf(environment);
      const answer = await desk.executeUpdate(restrainUpdate, { args: [HOLD] });
      assert.equal(answer.enforced, false);
      for (let number = 0; number < 20; number += 1)
        await desk.signal(requestLeaseSignal, { ...NOBODY, runId: randomUUID(), passes: ['hold'] });
      while ((await desk.describe()).runId === runId) await new Promise((resolve) => setTimeout(resolve, 20));
      isHealed = true;
      await deskUntil(environment, (status) => status.unwritten === undefined && status.restraints.length === 1);
      assert.equal(written.at(-1)?.restraints.length, 1);
      await desk.executeUpdate(liftUpdate, { args: [{ kind: 'hold', service: 'iam', by: 'ada' }] });
      assert.equal(written.at(-1)?.restraints.length, 0);
      assert.equal((await (await release(1)).result()).outcome.kind, 'released');
    });
  });

  it('tells whoever has asked by a message, also when an asking that nobody waits for any more is answered in the same moment', async () => {
    const asker = `asker-${randomUUID()}`;
    const { firstExecutionRunId: runId } = await open(asker);
    const environment = `desk-${serial + 1}`;
    const desk = await open(environment, { state: KNOWN });
    const request = { ...NOBODY, workflowId: environmentId(asker), runId };
    // nobody works yet: the server keeps both for the desk's first task
    await desk.signal(requestLeaseSignal, request);
    const updateId = randomUUID();
    const givenUp = desk.executeUpdate(requestLeaseUpdate, { args: [request], updateId });
    await untilAdmitted(desk.workflowId, updateId);
    await inOwnEnvironment({}, async (own) => {
      assert.equal(own, environment);
      assert.equal((await givenUp).given?.kind, 'given');
      await historyUntil(deskOf(asker), 'workflowExecutionSignaled');
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
    await inOwnEnvironment(script, async (environment) => {
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
    await inOwnEnvironment(
      script,
      async (environment) => {
        const desk = await open(environment);
        await desk.executeUpdate(restrainUpdate, { args: [{ ...HOLD, kind: 'stop', forMs: 3_600_000 }] });
        const kept = await release(1);
        await deskUntil(environment, ({ turns }) => turns.queue.length === 1);
        isStopped = false;
        await desk.executeUpdate(liftUpdate, { args: [{ kind: 'stop', service: 'iam', by: 'ada' }] });
        assert.equal((await kept.result()).outcome.kind, 'released');
      },
      { isGated: true },
    );
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
    await inOwnEnvironment(
      script,
      async (environment) => {
        const kept = await release(1);
        // asked at the gate, given, asked again, given back; then the gate alone decides
        await until(
          engine.env.client,
          version(1),
          environment,
          (one) => looks === 2 && one.phase === 'waiting-for-gate',
        );
        await deskUntil(environment, ({ turns }) => turns.held.length + turns.queue.length === 0);
        const abort = { args: [{ by: 'ada' }] as [{ by: string }] };
        await promotionOf(engine.env.client, version(1), environment).executeUpdate(abortUpdate, abort);
        assert.equal((await kept.result()).outcome.kind, 'aborted');
        assert.equal(looks, 2);
      },
      { isGated: true },
    );
  });

  it('is not kept from its work by signals that make no sense, nor is a promotion', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment(script, async (environment) => {
      const first = await release(1);
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      // neither a number nor a text can be made of it
      const unspeakable: unknown = JSON.parse('{"toString":1,"valueOf":1}');
      const wait = { kind: 'waiting', position: 1, reason: 'x' };
      const senseless = [
        ...[undefined, null, 1, 'text', [], {}, [null], unspeakable],
        ...[
          { ...NOBODY, runId: 'no run' },
          { ...NOBODY, runId: unspeakable },
          { runId: 5, running: 7 },
        ],
        ...[
          { kind: unspeakable },
          { kind: 'hold', service: unspeakable },
          { kind: 'stop', by: 'x', reason: 'x', forMs: unspeakable },
        ],
        ...[
          { command: '__proto__', by: 'x' },
          { command: 'pause', by: 'x', forMs: unspeakable },
        ],
        ...[
          { ...wait, restraint: null },
          { kind: 'superseded', by: 'x', newer: 'zzz' },
        ],
        ...[{ approver: unspeakable }, { approver: 'x'.repeat(1_000_000), planDigest: 'x' }],
      ];
      const promotion = promotionOf(engine.env.client, version(1), environment);
      for (const one of senseless) {
        for (const signal of ['requestLease', 'returnLease', 'restrain']) await deskOf(environment).signal(signal, one);
        for (const signal of ['turn', 'restraints', 'control', 'approve', 'reject'])
          await promotion.signal(signal, one);
      }
      const { refusedAnswers } = await promotion.query(statusQuery);
      assert.ok(refusedAnswers.every(({ approver }) => approver.length <= 500));
      letThrough();
      assert.equal((await first.result()).outcome.kind, 'released');
      assert.equal((await (await release(2)).result()).outcome.kind, 'released');
    });
  });

  it('that was terminated is opened anew with larger numbers', async () => {
    const fences: number[] = [];
    const script: Script = {
      applyManifests: async ({ fence }: StepRequest) => {
        fences.push(fence ?? 0);
        return YES;
      },
    };
    await inOwnEnvironment(script, async (environment) => {
      await (await release(1)).result();
      await deskOf(environment).terminate('by mistake');
      await (await release(2)).result();
      assert.ok((fences[1] ?? 0) > (fences[0] ?? 0), fences.join());
    });
  });

  it('passes over those who were terminated while they waited, wherever they stood', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment(script, async (environment) => {
      const first = await release(1);
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      for (const number of [2, 3, 4, 5]) {
        await release(number);
        await deskUntil(environment, (status) => status.turns.queue.length === number - 1);
      }
      for (const number of [2, 3, 5]) await promotionOf(engine.env.client, version(number), environment).terminate();
      letThrough();
      await first.result();
      const { outcome } = (await engine.env.client.workflow.getHandle(`release/iam/${version(4)}`).result()) as Awaited<
        ReturnType<typeof first.result>
      >;
      assert.equal(outcome.kind, 'released');
      const status = await deskUntil(environment, ({ turns }) => turns.held.length + turns.queue.length === 0);
      assert.equal(status.running['iam']?.version, version(4));
    });
  });

  it('gets the lease back when the release is terminated and its promotion is cancelled', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment(script, async (environment) => {
      const first = await release(1);
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const second = await release(2);
      await waits(2, environment);
      await first.terminate('by mistake');
      await historyUntil(promotionOf(engine.env.client, version(1), environment), 'workflowExecutionCancelRequested');
      letThrough();
      assert.equal((await second.result()).outcome.kind, 'released');
      const ended = await until(engine.env.client, version(1), environment, (one) => one.phase === 'finished');
      assert.equal(ended.outcome?.kind, 'aborted');
    });
  });

  it('gets the lease back when the promotion is cancelled while it asks, and when it is cancelled while it waits', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment(script, async (environment) => {
      const first = await release(1);
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const hasty = await Promise.all([2, 3, 4].map((number) => release(number)));
      await waits(2, environment);
      await Promise.all(hasty.map((one) => one.cancel()));
      for (const one of hasty) assert.equal((await one.result()).outcome.kind, 'aborted');
      letThrough();
      await first.result();
      await deskUntil(environment, ({ turns }) => turns.held.length + turns.queue.length === 0);
    });
  });

  it('does not keep a promotion that takes an old word for a new one', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment(script, async (environment) => {
      const first = await release(1);
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const second = await release(2);
      await waits(2, environment);
      const late = { kind: 'given', fence: 1, nth: 0 } as const;
      await promotionOf(engine.env.client, version(2), environment).signal(turnSignal, late);
      const still = await waits(2, environment);
      assert.equal(
        still.steps.some((one) => one.step === 'admit' && one.state !== 'pending'),
        false,
      );
      letThrough();
      await first.result();
      assert.equal((await second.result()).outcome.kind, 'released');
    });
  });

  it('gives the lease to the next one when its holder was reset in Temporal, and takes no harm from the old number', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment(script, async (environment) => {
      const client = engine.env.client;
      await release(1);
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const promotion = promotionOf(client, version(1), environment);
      await until(client, version(1), environment, (one) => one.step === 'pullable');
      const { events } = await promotion.fetchHistory();
      const completed = (events ?? []).filter((one) => one.workflowTaskCompletedEventAttributes != null);
      await client.workflowService.resetWorkflowExecution({
        namespace: engine.env.namespace ?? 'default',
        workflowExecution: { workflowId: promotion.workflowId },
        reason: 'somebody tries it',
        workflowTaskFinishEventId: completed.at(-1)?.eventId ?? null,
        requestId: `reset-${serial}`,
      });
      const second = await release(2);
      letThrough();
      assert.equal((await second.result()).outcome.kind, 'released');
      await until(client, version(1), environment, (one) => one.phase === 'finished');
      await deskUntil(environment, ({ turns }) => turns.held.length + turns.queue.length === 0);
    });
  });

  it('goes on with those who waited for one that was terminated, when they ask again', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment(script, async (environment) => {
      const first = await release(1);
      await deskUntil(environment, (status) => status.turns.held.length === 1);
      const second = await release(2);
      await waits(2, environment);
      const [asked] = (await deskUntil(environment, (status) => status.turns.queue.length === 1)).turns.queue;
      assert.ok(asked);
      await deskOf(environment).terminate('by mistake');
      letThrough();
      await first.result();
      // an hour later, played by hand: the very same question
      await open(environment);
      await deskOf(environment).signal(requestLeaseSignal, asked);
      assert.equal((await second.result()).outcome.kind, 'released');
    });
  });
});
