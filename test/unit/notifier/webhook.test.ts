import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { afterEach, describe, test } from 'node:test';
import { createWebhookNotifier } from '../../../src/adapters/notifier/webhook/create-webhook-notifier.ts';
import type { Notifier } from '../../../src/ports/notifier.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { anEvent, type Answers, type Inbox, openInbox } from '../../support/events.ts';

const KEY = randomBytes(32);
const OTHER_KEY = randomBytes(24);
const whsec = (key: Buffer): string => `whsec_${key.toString('base64')}`;
const NOW = new Date('2026-11-24T10:00:07.900Z');

const inboxes: Inbox[] = [];
afterEach(() => Promise.all(inboxes.splice(0).map((one) => one.close())));

interface Given {
  readonly answers?: Answers;
  readonly secret?: string | undefined;
  readonly format?: 'cloudevents' | 'slack' | 'teams';
  readonly timeoutMs?: number;
  readonly address?: string;
}

/** The receiver `ops`, whose address and secret are both kept elsewhere. */
async function aNotifier(given: Given = {}): Promise<{ readonly notifier: Notifier; readonly inbox: Inbox }> {
  const inbox = await openInbox(given.answers);
  inboxes.push(inbox);
  const secrets: Readonly<Record<string, string | undefined>> = {
    ADDRESS: given.address ?? inbox.url,
    SECRET: 'secret' in given ? given.secret : whsec(KEY),
  };
  const { format = 'cloudevents', timeoutMs = 20_000 } = given;
  const receiver = {
    name: 'ops',
    format,
    address: { kind: 'variable' as const, name: 'ADDRESS' },
    ...(format === 'cloudevents' ? { secret: { kind: 'variable' as const, name: 'SECRET' } } : {}),
  };
  const readSecret = ({ name }: { readonly kind: 'variable'; readonly name: string }) => secrets[name];
  return { notifier: createWebhookNotifier([receiver], { readSecret, timeoutMs, now: () => NOW }), inbox };
}

async function errorOf(given: Given): Promise<PortError> {
  const { notifier } = await aNotifier(given);
  return notifier.tell('ops', anEvent()).then(
    () => assert.fail('it was told'),
    (error: unknown) => (assert.ok(error instanceof PortError, String(error)), error),
  );
}

/** As a receiver would, from the specification alone. */
function verifies(key: Buffer, { headers, body }: Inbox['received'][number]): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = createHmac('sha256', key).update(signed).digest('base64');
  return String(headers['webhook-signature'])
    .split(' ')
    .some((one) => one === `v1,${expected}`);
}

describe('a signed webhook', () => {
  test('carries the event in structured form, its id, the time of the attempt, and a signature over all three', async () => {
    const { notifier, inbox } = await aNotifier();
    const event = anEvent();
    await notifier.tell('ops', event);
    const [got] = inbox.received;
    assert.ok(got);
    assert.match(String(got.headers['content-type']), /^application\/cloudevents\+json/);
    assert.equal(got.headers['webhook-id'], event.id);
    assert.equal(got.headers['webhook-timestamp'], '1795514407');
    assert.deepEqual(JSON.parse(got.body), event);
    assert.ok(verifies(KEY, got));
    assert.ok(!verifies(OTHER_KEY, got));
    assert.ok(!verifies(KEY, { ...got, body: got.body.replace('iam', 'foo') }));
  });

  test('is signed with every secret while one takes the place of the other', async () => {
    const { notifier, inbox } = await aNotifier({ secret: `${whsec(KEY)}\n${whsec(OTHER_KEY)}` });
    await notifier.tell('ops', anEvent());
    const [got] = inbox.received;
    assert.ok(got && verifies(KEY, got) && verifies(OTHER_KEY, got));
  });

  test('agrees with the example that the specification gives', async () => {
    const { signedHeaders, signingKeys } = await import('../../../src/content/webhook-signature.ts');
    const keys = signingKeys('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') ?? [];
    const facts = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' };
    const expected = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
    assert.equal(signedHeaders(facts, keys)['webhook-signature'], expected);
  });

  for (const [title, secret] of [
    ['no secret', undefined],
    ['a secret without prefix', KEY.toString('base64')],
    ['a short secret', whsec(randomBytes(23))],
    ['a long secret', whsec(randomBytes(65))],
    ['a secret that is no base64', 'whsec_§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§'],
    ['a good secret and a bad one', `${whsec(KEY)} whsec_x`],
  ] as const) {
    test(`is not sent with ${title}, which may be repaired, and the secret is not in the message`, async () => {
      const error = await errorOf({ secret });
      assert.deepEqual([error.code, error.retry], ['notification-misconfigured', 'yes']);
      assert.equal(inboxes[0]?.received.length, 0);
      if (secret !== undefined) assert.ok(!JSON.stringify([error.message, error]).includes(secret));
    });
  }

  for (const address of ['http://hooks.example.test/x', 'ftp://hooks.example.test', 'nonsense']) {
    test(`is not sent to ${address}`, async () => {
      assert.equal((await errorOf({ address })).code, 'notification-misconfigured');
    });
  }
});

describe('the answer to a webhook', () => {
  const cases: readonly (readonly [status: number, code: string, retry: PortError['retry']])[] = [
    [400, 'notification-refused', 'no'],
    [401, 'notification-refused', 'no'],
    [404, 'notification-refused', 'no'],
    [410, 'notification-refused', 'no'],
    [302, 'notification-refused', 'no'],
    [408, 'notification-unreachable', 'yes'],
    [425, 'notification-unreachable', 'yes'],
    [429, 'notification-throttled', 'yes'],
    [500, 'notification-unreachable', 'yes'],
    [503, 'notification-unreachable', 'yes'],
  ];
  for (const [status, code, retry] of cases) {
    test(`${status} is ${code}, tried again: ${String(retry)}`, async () => {
      const error = await errorOf({ answers: () => status });
      assert.deepEqual([error.code, error.retry], [code, retry]);
    });
  }

  const pauses: readonly (readonly [status: number, after: string, afterMs: number])[] = [
    [429, '7', 7_000],
    [503, '7', 7_000],
    [429, 'Tue, 24 Nov 2026 10:01:07 GMT', 59_100],
    [429, '999999999', 3_600_000],
    [429, '0', 1_000],
  ];
  for (const [status, after, afterMs] of pauses) {
    test(`${status} with Retry-After ${after} is left alone for ${afterMs} ms`, async () => {
      const error = await errorOf({
        answers: () => (_, response) => response.writeHead(status, { 'retry-after': after }).end(),
      });
      assert.deepEqual([error.code, error.retry], ['notification-throttled', { afterMs }]);
    });
  }

  test('a redirect is not followed, wherever it leads', async () => {
    const { notifier, inbox } = await aNotifier({
      answers: (time) => (_, response) =>
        time === 1 ? response.writeHead(307, { location: '/elsewhere' }).end() : response.writeHead(204).end(),
    });
    await assert.rejects(notifier.tell('ops', anEvent()), { code: 'notification-refused' });
    assert.equal(inbox.received.length, 1);
  });

  test('nobody waits longer than the limit for one that does not come', async () => {
    const error = await errorOf({ timeoutMs: 50, answers: () => () => undefined });
    assert.deepEqual([error.code, error.retry], ['notification-unreachable', 'yes']);
  });

  test('that never ends was an answer all the same: the rest is not read', async () => {
    const { notifier } = await aNotifier({
      answers: () => (_, response) => {
        response.writeHead(200);
        const more = (): void => {
          if (response.destroyed) return;
          response.write('x'.repeat(64 * 1024), () => setImmediate(more));
        };
        more();
      },
    });
    assert.match((await notifier.tell('ops', anEvent())).summary, /^ops answers 200$/);
  });

  test('is repeated only when it is one harmless word', async () => {
    const saying = (text: string) => errorOf({ answers: () => (_, response) => response.writeHead(403).end(text) });
    assert.match((await saying('no_service')).message, /^ops answers 403 \(no_service\)$/);
    assert.match((await saying('<html>T0/B0/XXXX</html>')).message, /^ops answers 403$/);
    assert.match((await saying('hook')).message, /^ops answers 403$/, 'a part of the address is not');
  });

  test('names no address, since that may be the secret', async () => {
    const error = await errorOf({ address: 'https://127.0.0.1:1/services/T0/B0/very-secret' });
    assert.ok(!`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`.includes('very-secret'));
  });
});
