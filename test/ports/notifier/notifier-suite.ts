/** What every Notifier does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { SluiceEvent } from '../../../src/domain/notification.ts';
import type { Notifier } from '../../../src/ports/notifier.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { anEvent } from '../../support/events.ts';

export interface NotifierSubject {
  readonly notifier: Notifier;
  /** Names of receivers that take everything, refuse everything, and are not there. */
  readonly well: string;
  readonly refusing: string;
  readonly away: string;
  /** What has arrived at the first of them. */
  arrived(): readonly SluiceEvent[];
  close(): Promise<void>;
}

export function isNotTold(code: string, retry: 'yes' | 'no'): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof PortError, String(error));
    assert.deepEqual([error.code, error.retry], [code, retry]);
    return true;
  };
}

export function notifierSuite(name: string, makeSubject: () => Promise<NotifierSubject>): void {
  describe(`notifier, ${name}`, () => {
    let subject: NotifierSubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    test('an event arrives as it is, and what was said to it is a few words', async () => {
      const event = anEvent();
      const { summary } = await subject.notifier.tell(subject.well, event);
      assert.ok(summary.length > 0 && summary.length < 200, summary);
      assert.deepEqual(subject.arrived().at(-1), event);
    });

    test('the same event twice arrives under the same id', async () => {
      const event = anEvent();
      await subject.notifier.tell(subject.well, event);
      await subject.notifier.tell(subject.well, event);
      const ids = subject.arrived().map((one) => one.id);
      assert.deepEqual(ids.slice(-2), [event.id, event.id]);
    });

    test('who does not want it is not asked again', async () => {
      const telling = subject.notifier.tell(subject.refusing, anEvent());
      await assert.rejects(telling, isNotTold('notification-refused', 'no'));
    });

    test('who is not there is asked again', async () => {
      const telling = subject.notifier.tell(subject.away, anEvent());
      await assert.rejects(telling, isNotTold('notification-unreachable', 'yes'));
    });

    test('nobody of that name is a mistake in the configuration', async () => {
      const telling = subject.notifier.tell('nobody', anEvent());
      await assert.rejects(telling, isNotTold('notification-misconfigured', 'no'));
    });
  });
}
