import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type EventName, EVENTS, isEventId, listeners, sluiceEvent } from '../../../src/domain/notification.ts';
import { isOwnAddress, isPrivateAddress } from '../../../src/domain/web-address.ts';
import { interestsIn, listenersIn } from '../../../src/policy/notification-policy.ts';
import type { ReceiverRule } from '../../../src/domain/rulebook.ts';
import { assertEvent, DATA_PROPERTIES } from '../../support/event-schema.ts';
import { anEvent } from '../../support/events.ts';

describe('an event', () => {
  test('is a CloudEvent whose data are as the schema says, whatever happened', () => {
    for (const event of EVENTS) assertEvent(anEvent({ event }));
    assertEvent(anEvent({ outcome: { kind: 'refused', reason: 'no', code: 'gate-closed' } }));
    assertEvent(anEvent({ attention: { code: 'health-failed', message: 'ill', remedy: 'look' }, approvedBy: ['ada'] }));
  });

  test('has a name that the schema lists, and the schema lists no other', () => {
    assert.deepEqual(DATA_PROPERTIES.properties['event']?.enum, [...EVENTS, 'test']);
  });

  test('of an environment needs neither service nor version, and one of a release needs both', () => {
    const { service: _, version: __, ...bare } = anEvent().data;
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', since: bare.waiting?.since ?? '' } as const;
    const event = { ...bare, about: 'environment', event: 'restrained', restraint: stop } as const;
    assertEvent(
      sluiceEvent({ id: 'a', namespace: 'default', subject: 'environment/dev', time: stop.since, data: event }),
    );
    assert.throws(() => assertEvent({ ...anEvent(), data: bare }), /service/);
  });

  test('names its engine as a URN, whatever a namespace is called', () => {
    assert.match(anEvent().source, /^urn:x-sluice:engine:default$/);
  });

  test('has an id that cannot shift what is signed', () => {
    assert.ok(isEventId(anEvent().id));
    for (const id of ['a.b', '', 'a b', 'ä', 'x'.repeat(201), 7, undefined]) assert.ok(!isEventId(id), String(id));
  });
});

describe('who hears of it', () => {
  const heard = (interest: object, event: 'waiting' | 'released', environment?: string): boolean =>
    listeners([{ receiver: 'ops', ...interest }], event, environment).length === 1;

  test('is everybody who limits nothing', () => {
    assert.ok(heard({}, 'waiting', 'dev'));
    assert.ok(heard({}, 'released'));
  });

  test('is nobody who wants other events', () => {
    assert.ok(heard({ on: ['waiting'] }, 'waiting', 'dev'));
    assert.ok(!heard({ on: ['waiting'] }, 'released', 'dev'));
  });

  test('is nobody who wants other environments, and then not of the release itself', () => {
    assert.ok(heard({ environments: ['dev'] }, 'waiting', 'dev'));
    assert.ok(!heard({ environments: ['dev'] }, 'waiting', 'prod'));
    assert.ok(!heard({ environments: ['dev'] }, 'released'));
  });

  test('is nobody who wants other services', () => {
    const receivers: ReceiverRule[] = [{ receiver: 'ops', services: ['iam'], on: ['waiting'] }, { receiver: 'all' }];
    const rulebook = { policyVersion: '', environments: {}, services: {}, timing: {} as never, receivers };
    assert.deepEqual(interestsIn('iam', rulebook), [{ receiver: 'ops', on: ['waiting'] }, { receiver: 'all' }]);
    assert.deepEqual(interestsIn('shop', rulebook), [{ receiver: 'all' }]);
  });
});

describe('who hears of a stop or a hold', () => {
  const receivers: ReceiverRule[] = [
    { receiver: 'all' },
    { receiver: 'iam', services: ['iam'] },
    { receiver: 'shop', services: ['shop'], environments: ['production'] },
    { receiver: 'ends', on: ['lifted', 'lapsed'] },
  ];
  const heard = (event: EventName, service?: string, environment = 'production') =>
    listenersIn({ receivers }, { event, environment, ...(service === undefined ? {} : { service }) });

  test('is who wants that service, that environment and that event', () => {
    assert.deepEqual(heard('restrained', 'iam'), ['all', 'iam']);
    assert.deepEqual(heard('lapsed', 'shop'), ['all', 'shop', 'ends']);
  });

  test('on every service is also who wants one of them', () => {
    assert.deepEqual(heard('restrained'), ['all', 'iam', 'shop']);
    assert.deepEqual(heard('restrained', undefined, 'dev'), ['all', 'iam']);
  });

  test('is nobody where nothing is configured', () => {
    assert.deepEqual(listenersIn({}, { event: 'restrained', environment: 'dev' }), []);
  });
});

describe('an address that things may be sent to', () => {
  test('is https, or on this machine', () => {
    for (const url of ['https://a.test', 'http://127.0.0.1:1/x', 'http://localhost', 'http://[::1]:3'])
      assert.ok(isPrivateAddress(url), url);
    for (const url of [
      'http://a.test',
      'http://localhost.a.test',
      'http://127.0.0.1@a.test',
      'ftp://localhost',
      '',
      'x',
    ])
      assert.ok(!isPrivateAddress(url), url);
    assert.ok(!isOwnAddress('https://a.test') && isOwnAddress('https://localhost:1'));
  });
});
