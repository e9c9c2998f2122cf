import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { RestraintsRequest, StepRequest } from '../../../src/contract/activities.ts';
import {
  environmentQuery,
  type EnvironmentState,
  liftUpdate,
  requestLeaseSignal,
  requestLeaseUpdate,
  restrainUpdate,
  returnLeaseSignal,
  turnSignal,
} from '../../../src/contract/environment-workflow.ts';
import { statusQuery } from '../../../src/contract/promotion-workflow.ts';
import { environmentId } from '../../../src/contract/workflow-ids.ts';
import { type LeaseRequest, NO_TURNS } from '../../../src/domain/turns.ts';
import { YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { readAsOne } from '../../support/read-as-one.ts';
import type { Script } from '../../support/scripted-activities.ts';
import { desksOf, door, historyUntil, HOLD, once, STOP } from './support/desks.ts';

/** Asks for a lease and is not there when it is given. */
const NOBODY: LeaseRequest = {
  ...{ service: 'iam', version: '1', workflowId: 'nobody', runId: randomUUID(), askedAt: '2026-11-24T12:00:00Z' },
  ...{ policy: 'queue', priority: 'normal', passes: [] },
};

/** Of a desk that does not have to read anything before it gives leases. */
const KNOWN: EnvironmentState = { format: 1, turns: NO_TURNS, restraints: [], running: {} };

describe('the desk of an environment over the years', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');
  const { release, enters, waits, promotion, deskOf, open, deskUntil, inOwnEnvironment, own, next } = desksOf(
    engine,
    'desk',
  );
  const eventsOf = async (handle: WorkflowHandle): Promise<number> => (await handle.describe()).historyLength;

  /** The server has it, and keeps it for the next task of a workflow that nobody works on. */
  async function untilAdmitted(workflowId: string, updateId: string): Promise<void> {
    const { client, namespace = 'default' } = engine.env;
    const updateRef = { workflowExecution: { workflowId }, updateId };
    const isThere = () =>
      client.workflowService.pollWorkflowExecutionUpdate({ namespace, updateRef }).then(
        () => true,
        () => false,
      );
    await once(isThere);
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
        await once(async () => (await eventsOf(desk)) >= before + 4);
      }
    },
    'has read what its environment remembers, given a lease and got it back': async (desk) => {
      await once(async () => (await desk.query(environmentQuery)).unread === undefined);
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
    await inOwnEnvironment({ script }, async (environment) => {
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
    await inOwnEnvironment({ script }, async (environment) => {
      const first = await open(environment, { runLength: 50 });
      const { runId } = await first.describe();
      const desk = deskOf(environment);
      const answer = await desk.executeUpdate(restrainUpdate, { args: [HOLD] });
      assert.equal(answer.enforced, false);
      for (let number = 0; number < 20; number += 1)
        await desk.signal(requestLeaseSignal, { ...NOBODY, runId: randomUUID(), passes: ['hold'] });
      await once(async () => (await desk.describe()).runId !== runId);
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
    const environment = next();
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

  it('is not kept from its work by signals that make no sense, nor is a promotion', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment({ script }, async (environment) => {
      const first = await enters(1, environment);
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
      const begun = promotion(1, environment);
      for (const one of senseless) {
        for (const signal of ['requestLease', 'returnLease', 'restrain']) await deskOf(environment).signal(signal, one);
        for (const signal of ['turn', 'restraints', 'control', 'approve', 'reject']) await begun.signal(signal, one);
      }
      const { refusedAnswers } = await begun.query(statusQuery);
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
    await inOwnEnvironment({ script }, async (environment) => {
      await (await release(1)).result();
      await deskOf(environment).terminate('by mistake');
      await (await release(2)).result();
      assert.ok((fences[1] ?? 0) > (fences[0] ?? 0), fences.join());
    });
  });

  it('goes on with those who waited for one that was terminated, when they ask again', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment({ script }, async (environment) => {
      const first = await enters(1, environment);
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

  it('lets a promotion enter that hears of its place after it has heard that it may enter, as two words of one task may arrive', async () => {
    const looked = Promise.withResolvers<void>();
    const script: Script = { verifySignatures: () => looked.promise.then(() => YES) };
    await inOwnEnvironment({ script }, async (environment) => {
      const release = await enters(1, environment);
      const asks = async (): Promise<readonly unknown[]> => {
        const { pendingActivities } = (await promotion(1, environment).describe()).raw;
        return (pendingActivities ?? []).filter((one) => one.activityType?.name === 'requestLease');
      };
      await once(async () => (await asks()).length === 0);
      const overtaken = { kind: 'waiting', position: 1, reason: 'it was being written down', word: 1 } as const;
      await promotion(1, environment).signal(turnSignal, overtaken);
      looked.resolve();
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('that counts its words from an earlier number, as after a reset, still gives leases', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment({ script }, async (environment) => {
      const first = await enters(1, environment);
      const second = await release(2);
      await waits(2, environment);
      const place = { kind: 'waiting', position: 1, reason: 'said before the reset', word: 9e15 } as const;
      await promotion(2, environment).signal(turnSignal, place);
      letThrough();
      await first.result();
      assert.equal((await second.result()).outcome.kind, 'released');
    });
  });

  it('does not keep a promotion that takes an old word for a new one', async () => {
    const { script, open: letThrough } = door();
    await inOwnEnvironment({ script }, async (environment) => {
      const first = await enters(1, environment);
      const second = await release(2);
      await waits(2, environment);
      const late = { kind: 'given', fence: 1, nth: 0 } as const;
      await promotion(2, environment).signal(turnSignal, late);
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
});
