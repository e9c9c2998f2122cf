import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { createEngineActivities } from '../../../activities/index.ts';
import { createMemoryNotifier } from '../../../src/adapters/notifier/memory.ts';
import type { Rulebook } from '../../../src/domain/rulebook.ts';
import type { Notifier } from '../../../src/ports/notifier.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { anEvent } from '../../support/events.ts';
import { TIMING } from '../../support/scripted-activities.ts';

const RULEBOOK: Rulebook = {
  policyVersion: 'test',
  environments: {},
  services: { iam: { name: 'iam', repository: 'iam', namespaces: {}, workloads: [], path: [] } },
  timing: TIMING,
};

describe('the engine, telling somebody', () => {
  test('hands the event over and keeps a few words', async () => {
    const { notifier, told } = createMemoryNotifier(['ops']);
    const event = anEvent();
    const answer = await createEngineActivities(RULEBOOK, notifier).notify({ receiver: 'ops', event });
    assert.ok(answer.ok);
    assert.deepEqual([answer.summary, answer.facts], ['ops has it', { event: event.id }]);
    assert.deepEqual(told, [{ receiver: 'ops', event }]);
  });

  test('fails with the code, and waits as long as the receiver asks', async () => {
    const error = new PortError('notification-throttled', 'ops answers 429', { retry: { afterMs: 7_000 } });
    const { notifier } = createMemoryNotifier(['ops'], () => error);
    const telling = createEngineActivities(RULEBOOK, notifier).notify({ receiver: 'ops', event: anEvent() });
    await assert.rejects(telling, (failure) => {
      assert.ok(failure instanceof ApplicationFailure);
      assert.deepEqual([failure.type, failure.nextRetryDelay, failure.nonRetryable], [error.code, 7_000, false]);
      return true;
    });
  });

  test('has at most eight on their way to one receiver: others give their place back at once, and other receivers are told', async () => {
    const stuck = Promise.withResolvers<void>();
    const told: string[] = [];
    const notifier: Notifier = {
      async tell(receiver) {
        told.push(receiver);
        if (receiver === 'dead') await stuck.promise;
        return { summary: `${receiver} has it` };
      },
    };
    const { notify } = createEngineActivities(RULEBOOK, notifier);
    const tell = (receiver: string) => notify({ receiver, event: anEvent() });
    const waiting = Array.from({ length: 8 }, () => tell('dead'));
    for (const _ of [1, 2, 3]) {
      await assert.rejects(tell('dead'), (failure) => {
        assert.ok(failure instanceof ApplicationFailure);
        assert.deepEqual([failure.type, failure.nonRetryable], ['notification-throttled', false]);
        return true;
      });
    }
    assert.ok((await tell('ops')).ok);
    assert.equal(told.filter((one) => one === 'dead').length, 8);
    stuck.resolve();
    assert.ok((await Promise.all(waiting)).every((one) => one.ok));
    assert.ok((await tell('dead')).ok, 'there is room again');
  });

  for (const [title, event] of [
    ['no event at all', undefined],
    ['another version of CloudEvents', { ...anEvent(), specversion: '0.3' }],
    ['an id with a dot', { ...anEvent(), id: 'a.1' }],
    ['10 MB', anEvent({ requestedBy: 'x'.repeat(10_000_000) })],
  ] as const) {
    test(`sends nothing that somebody started by hand with ${title}`, async () => {
      const { notifier, told } = createMemoryNotifier(['ops']);
      const answer = await createEngineActivities(RULEBOOK, notifier).notify({
        receiver: 'ops',
        event: event as never,
      });
      assert.equal(!answer.ok && answer.refusal.code, 'input-invalid');
      assert.deepEqual(told, []);
    });
  }
});

describe('the way of a release', () => {
  test('says who hears of it, and nothing where nobody does', async () => {
    const { notifier } = createMemoryNotifier([]);
    const ask = (rulebook: Rulebook) =>
      createEngineActivities(rulebook, notifier).readJourney({ service: 'iam', version: '1.0.0' });
    assert.deepEqual(await ask(RULEBOOK), { ok: true, path: [], timing: TIMING });
    const receivers = [
      { receiver: 'ops', services: ['iam'] },
      { receiver: 'shop', services: ['shop'] },
    ];
    assert.deepEqual(await ask({ ...RULEBOOK, receivers }), {
      ok: true,
      path: [],
      timing: TIMING,
      notify: [{ receiver: 'ops' }],
    });
  });
});
