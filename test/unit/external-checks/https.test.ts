import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { afterEach, describe, test } from 'node:test';
import { createHttpsChecks } from '../../../src/adapters/external-checks/https/create-https-checks.ts';
import type { ExternalAnswer } from '../../../src/domain/gate.ts';
import { type Answers, type Inbox, openInbox } from '../../support/events.ts';
import { someFacts } from '../policy/gates/facts.ts';

const KEY = randomBytes(32);
const SECRET = `whsec_${KEY.toString('base64')}`;
const GATE = 'board';

const inboxes: Inbox[] = [];
afterEach(() => Promise.all(inboxes.splice(0).map((one) => one.close())));

interface Given {
  readonly secret?: string | undefined;
  readonly timeoutMs?: number;
  readonly url?: string;
}

async function ask(
  answers: Answers,
  given: Given = {},
): Promise<{ readonly said: ExternalAnswer; readonly inbox: Inbox }> {
  const inbox = await openInbox(answers);
  inboxes.push(inbox);
  const check = { gate: GATE, url: given.url ?? inbox.url, secret: 'SECRET', timeoutMs: given.timeoutMs ?? 20_000 };
  const readSecret = (): string | undefined => ('secret' in given ? given.secret : SECRET);
  const checks = createHttpsChecks([check], { readSecret, pauseMs: 1 });
  return { said: await checks.ask(GATE, someFacts({ ticket: 'OPS-7' })), inbox };
}

const answering =
  (body: string, type = 'application/json', status = 200): Answers =>
  () =>
  (_, response) =>
    response.writeHead(status, { 'content-type': type }).end(body);

/** Asked once more only where nobody answered. */
async function isUnknown(answers: Answers, reason: RegExp, times: 1 | 2, given?: Given): Promise<void> {
  const { said, inbox } = await ask(answers, given);
  assert.equal(said.answer, 'unknown');
  assert.match(said.reason, reason);
  assert.equal(inbox.received.length, times);
}

describe('the question to somebody outside', () => {
  test('carries the facts, and a signature that they can check', async () => {
    const { said, inbox } = await ask(answering('{"answer":"yes","reason":"fine"}'));
    assert.equal(said.answer, 'yes');
    const [got] = inbox.received;
    assert.ok(got);
    const { headers, body } = got;
    const { at, service, version, digest, environment, requestedBy, allowOlder, running } = someFacts();
    assert.deepEqual(JSON.parse(body), {
      ...{ type: 'urn:x-sluice:check:v1', gate: GATE, at, service, version, digest, environment, requestedBy },
      ...{ allowOlder, running, ticket: 'OPS-7' },
    });
    const id = String(headers['webhook-id']);
    assert.match(id, /^check-[0-9a-f-]{36}$/);
    const signed = `${id}.${String(headers['webhook-timestamp'])}.${body}`;
    const expected = createHmac('sha256', KEY).update(signed).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${expected}`);
  });

  test('is not put without a secret of the right form, or to an address that others can read', async () => {
    const yes = answering('{"answer":"yes","reason":"fine"}');
    for (const [given, reason] of [
      [{ secret: undefined }, /secret .* is missing/],
      [{ secret: 'hunter2hunter2hunter2hunter2hunter2' }, /is not whsec_/],
      [{ url: 'http://board.example.test/' }, /not https/],
    ] as const) {
      const { said, inbox } = await ask(yes, given);
      assert.equal(said.answer, 'unknown');
      assert.match(said.reason, reason);
      assert.doesNotMatch(said.reason, /hunter2/);
      assert.equal(inbox.received.length, 0);
    }
  });

  test('is put a second time when nobody answered', async () => {
    const { said, inbox } = await ask((time) => (time === 1 ? 503 : answering('{"answer":"no","reason":"n"}')(time)));
    assert.deepEqual([said.answer, inbox.received.length], ['no', 2]);
    assert.notEqual(inbox.received[0]?.headers['webhook-id'], inbox.received[1]?.headers['webhook-id']);
  });
});

describe('an answer from outside that is none', () => {
  const YES = '{"answer":"yes","reason":"fine"}';
  const cases: readonly (readonly [title: string, answers: Answers, reason: RegExp])[] = [
    ['a page', answering('<html>yes</html>', 'text/html'), /not answer with JSON/],
    ['a page that claims to be JSON', answering('<html>yes</html>'), /not answer with JSON/],
    ['JSON that claims to be a page', answering(YES, 'text/html'), /not answer with JSON/],
    ['JSON of no type', () => (_, response) => response.writeHead(200).end(YES), /not answer with JSON/],
    ['nothing', answering(''), /not answer with JSON/],
    ['a bare yes', answering('"yes"'), /is not \{answer/],
    ['true', answering('true'), /is not \{answer/],
    ['null', answering('null'), /is not \{answer/],
    ['a list', answering(`[${YES}]`), /is not \{answer/],
    ['a truth in place of the word', answering('{"answer":true,"reason":"x"}'), /look at answer/],
    ['another word', answering('{"answer":"YES","reason":"x"}'), /look at answer/],
    ['a yes without reason', answering('{"answer":"yes"}'), /look at reason/],
    ['an empty reason', answering('{"answer":"yes","reason":"  "}'), /look at reason/],
    ['a time that is none', answering('{"answer":"wait","reason":"x","until":"tomorrow"}'), /look at until/],
    ['a yes with status 201', answering(YES, 'application/json', 201), /status 201/],
    ['a yes with status 403', answering(YES, 'application/json', 403), /status 403/],
    ['10 MB', answering(`{"answer":"yes","reason":"${'x'.repeat(10_000_000)}"}`), /more than 16384 bytes/],
    [
      'a redirect, whatever it says itself',
      () => (_, response) => response.writeHead(302, { location: 'http://elsewhere.example.test/' }).end(YES),
      /status 302/,
    ],
    ['a constructor for everybody', answering('{"__proto__":{"answer":"yes","reason":"x"}}'), /look at answer, reason/],
  ];
  for (const [title, answers, reason] of cases) test(`${title} is unknown`, () => isUnknown(answers, reason, 1));

  test('a yes with status 500 is unknown, after a second question', () =>
    isUnknown(answering(YES, 'application/json', 500), /status 500/, 2));

  const slowly: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"answer":');
  };
  test('one that begins and does not end is unknown', () =>
    isUnknown(() => slowly, /no complete answer within 50 ms/, 2, { timeoutMs: 50 }));

  test('one that breaks off is unknown', () =>
    isUnknown(
      () => (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{"answer":"yes","reason":"fine"}', () => response.destroy());
      },
      /does not answer|complete answer/,
      2,
    ));
});

describe('a reason from outside', () => {
  const reasonOf = async (reason: string): Promise<string> =>
    (await ask(answering(JSON.stringify({ answer: 'no', reason })))).said.reason;

  test('is one short line without characters that steer', async () => {
    assert.equal(await reasonOf('a\u001b[31m\nb\u202e c'), 'a [31m b c');
    assert.equal((await reasonOf('x'.repeat(5_000))).length, 500);
  });

  test('comes with a time only when it says wait', async () => {
    const { said } = await ask(answering('{"answer":"yes","reason":"x","until":"2026-11-25T12:00:00Z"}'));
    assert.deepEqual(said, { gate: GATE, answer: 'yes', reason: 'x' });
  });
});
