import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryNotifier } from '../../../src/adapters/notifier/memory.ts';
import { renderNotifications } from '../../../src/cli/render/notifications.ts';
import { plain } from '../../../src/cli/terminal.ts';
import { testNotifications } from '../../../src/cli/test-notifications.ts';
import type { ReceiverConnection } from '../../../src/config/config.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { assertEvent } from '../../support/event-schema.ts';

const NOW = new Date('2026-11-24T10:00:00Z');
const receivers: ReceiverConnection[] = ['ops', 'chat'].map((name) => ({
  name,
  format: 'slack',
  address: { kind: 'variable', name: 'A' },
}));
const scene = () =>
  createMemoryNotifier(['ops', 'chat'], (receiver) =>
    receiver === 'chat'
      ? new PortError('notification-refused', 'chat answers 404', { retry: 'no', got: 'status 404' })
      : undefined,
  );

describe('sluice notifications test', () => {
  test('tells everybody the same event, which is about nothing, and says what came back', async () => {
    const { notifier, told } = scene();
    const trial = await testNotifications({ receivers }, notifier, { by: 'ada', now: NOW });
    assert.deepEqual(told, [{ receiver: 'ops', event: trial.event }]);
    assertEvent(trial.event);
    assert.equal(trial.event.type, 'urn:x-sluice:event:test:test:v1');
    const text = renderNotifications(trial, plain);
    assert.match(text, /arrived +ops +ops has it/);
    assert.match(text, /not arrived +chat +chat answers 404 \(notification-refused\)/);
    assert.match(text, /to do \(chat\): Read the status/);
  });

  test('names the variable that is missing', async () => {
    const missing = new PortError('notification-misconfigured', 'the address of ops is missing', { retry: 'yes' });
    const { notifier } = createMemoryNotifier(['ops', 'chat'], () => missing);
    const trial = await testNotifications({ receivers }, notifier, { name: 'ops', by: 'ada', now: NOW });
    assert.match(renderNotifications(trial, plain), /to do \(ops\): give this machine, .*, the variable A$/);
  });

  test('tells one when it is named', async () => {
    const { notifier } = scene();
    const { trials } = await testNotifications({ receivers }, notifier, { name: 'ops', by: 'ada', now: NOW });
    assert.deepEqual(trials, [{ receiver: 'ops', delivered: true, summary: 'ops has it' }]);
  });

  test('knows who is meant by a misspelt name', async () => {
    const telling = testNotifications({ receivers }, scene().notifier, { name: 'chad', by: 'ada', now: NOW });
    await assert.rejects(telling, /no receiver is called "chad" \(did you mean "chat"\?\)/);
  });

  test('says that nobody is configured', async () => {
    const telling = testNotifications({ receivers: [] }, scene().notifier, { by: 'ada', now: NOW });
    await assert.rejects(telling, /names no receiver/);
  });
});
