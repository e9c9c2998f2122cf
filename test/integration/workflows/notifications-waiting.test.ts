import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from '@temporalio/worker';
import { ENVIRONMENT_WORKFLOW, liftUpdate, restrainUpdate } from '../../../src/contract/environment-workflow.ts';
import { overrideUpdate } from '../../../src/contract/promotion-workflow.ts';
import { ROLLBACK } from '../../../src/contract/rollback-workflow.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import { environmentId, promotionId, rollbackId } from '../../../src/contract/workflow-ids.ts';
import { no, YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { assertEvent } from '../../support/event-schema.ts';
import { answerBy, promotionOf, startRelease, until } from '../../support/releases.ts';
import { IMAGE, MANIFESTS, type Script, type ScriptOptions } from '../../support/scripted-activities.ts';
import { STOP } from './support/desks.ts';
import { arrived, eventsOf, heard, of, OPS, storyOf, tellingOf } from './support/telling.ts';

const BY = { by: 'otto', reason: 'because' };

describe('notifications of what keeps a promotion back', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');
  const { anInbox, during, replays } = tellingOf(engine);

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
      // of the promotions, and of the hold
      await arrived(inbox, 3 + 4 + 6 + 2);
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
      const stop = { ...STOP, incident: 'INC-1' };
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
      const stop = { ...STOP, forMs: 500 };
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
      await heard(inbox, ({ about, event }) => about === 'rollback' && event === 'released');
      await heard(inbox, ({ event }) => event === 'restrained');
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
      await heard(inbox, ({ event }) => event === 'refused');
      eventsOf(inbox).forEach(assertEvent);
      const [refused] = rollbacks().filter(({ data }) => data.event === 'refused');
      assert.deepEqual([refused?.data.outcome?.code, refused?.data.version], ['rollback-impossible', undefined]);
      const history = await engine.env.client.workflow.getHandle(rollbackId('iam', 'back')).fetchHistory();
      await Worker.runReplayHistory({ workflowBundle: engine.bundle }, history, rollbackId('iam', 'back'));
    });
  });
});
