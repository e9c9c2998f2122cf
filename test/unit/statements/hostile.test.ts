import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { CompactSign } from 'jose';
import { createKeyApprovals } from '../../../src/adapters/approvals/keys.ts';
import type { ApprovalStatement } from '../../../src/domain/approval.ts';
import { thumbprintOf } from '../../../src/statements/public-key.ts';
import { EXPECTED, NOW, RULE, type Said, aPerson, answerOf } from '../../support/people.ts';

const ada = aPerson('ada');
const eve = aPerson('eve');
const pia = aPerson('pia', 'p-256');
const gone = aPerson('gus');
const rita = aPerson('rita.long');
const verifier = createKeyApprovals([
  { name: 'ada', aliases: ['ada@example.test'], groups: ['release-managers'], keys: [ada.pem] },
  { name: 'pia', aliases: [], groups: ['release-managers', 'security'], keys: [pia.pem] },
  { name: 'gus', aliases: [], groups: ['developers'], keys: [gone.pem] },
  { name: 'rita.long', aliases: ['Rita'], groups: ['release-managers'], keys: [rita.pem] },
]);
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const verify = (answer: ApprovalStatement, rule = RULE) => verifier.verify(answer, rule, EXPECTED);

async function codeOf(answer: ApprovalStatement, rule = RULE): Promise<string> {
  const verdict = await verify(answer, rule);
  if (verdict.kind === 'accepted') return 'accepted';
  assert.notEqual(verdict.refusal.message, '');
  return verdict.refusal.code;
}

describe('when a statement is signed by whom it names', () => {
  for (const person of [ada, pia]) {
    test(`${person.name} is accepted with the key ${person.publicKey.alg}, with groups from the configuration`, async () => {
      const verdict = await verify(await answerOf(person));
      assert.ok(verdict.kind === 'accepted', JSON.stringify(verdict));
      assert.equal(verdict.subject, person.name);
      assert.equal(verdict.proof, 'key');
      assert.ok(verdict.groups.includes('release-managers'));
      assert.match(verdict.jti ?? '', /^[0-9a-f-]{36}$/);
      assert.equal(verdict.signedAt, NOW.toISOString());
    });
  }

  test('another name of the same person is theirs too, and the verdict has the first one', async () => {
    const verdict = await verify(await answerOf(ada, { subject: 'Ada@Example.test' }));
    assert.equal(verdict.kind === 'accepted' && verdict.subject, 'ada');
  });

  test('a clock that is a minute off either way is allowed, and no more', async () => {
    const at = (ms: number, goodForMs = 60_000): Said => ({ now: new Date(NOW.getTime() + ms), goodForMs });
    assert.equal(await codeOf(await answerOf(ada, at(60_000))), 'accepted');
    assert.equal(await codeOf(await answerOf(ada, at(61_000))), 'approval-from-future');
    assert.equal(await codeOf(await answerOf(ada, at(-119_000))), 'accepted');
    assert.equal(await codeOf(await answerOf(ada, at(-120_000))), 'approval-stale');
  });
});

describe('when a statement says something else than it should', () => {
  const cases: readonly (readonly [title: string, said: Said, code: string])[] = [
    ['another release', { facts: { release: 'release/iam/1.0.1' } }, 'approval-other-release'],
    ['another version', { facts: { version: '1.0.1' } }, 'approval-other-release'],
    ['another service', { facts: { service: 'billing' } }, 'approval-other-release'],
    ['another environment', { facts: { environment: 'staging' } }, 'approval-other-release'],
    ['another plan', { facts: { planDigest: `sha256:${'b'.repeat(64)}` } }, 'approval-other-plan'],
    ['another person', { subject: 'pia' }, 'approval-unproven'],
    ['no without a reason', { facts: { decision: 'reject' } }, 'approval-reason-missing'],
    ['no with a blank reason', { facts: { decision: 'reject', reason: ' \n' } }, 'approval-reason-missing'],
    ['that a gate is passed, without a reason', { facts: { overrides: ['freeze'] } }, 'approval-reason-missing'],
    ['that it is expired', { now: new Date(NOW.getTime() - 7_200_000), goodForMs: 3_600_000 }, 'approval-stale'],
    ['that it ends before it begins', { goodForMs: -1_000 }, 'approval-stale'],
    ['that it counts for ever, from long ago', { now: new Date('2020-01-01'), goodForMs: 1e13 }, 'approval-stale'],
    ['that it is from the future', { now: new Date(NOW.getTime() + 3_600_000) }, 'approval-from-future'],
  ];
  for (const [title, said, code] of cases) {
    test(`refuses one that says ${title}`, async () => assert.equal(await codeOf(await answerOf(ada, said)), code));
  }

  const beside: readonly (readonly [title: string, other: Partial<ApprovalStatement>])[] = [
    ['a no beside a signed yes', { decision: 'reject', reason: 'quarter end' }],
    ['another name', { approver: 'pia' }],
    ['another reason', { reason: 'because I was told to' }],
    ['another gate', { overrides: ['freeze'] }],
  ];
  for (const [title, other] of beside) {
    test(`refuses ${title}`, async () =>
      assert.equal(await codeOf({ ...(await answerOf(ada)), ...other }), 'approval-unproven'));
  }

  test('the name that somebody else has is the one that is shown, with how to answer as oneself', async () => {
    const verdict = await verify({ ...(await answerOf(ada)), approver: 'ada2' });
    assert.ok(verdict.kind === 'refused');
    const { expected, got, remedy } = verdict.refusal;
    assert.deepEqual([expected, got], ['ada', 'ada2']);
    assert.match(remedy ?? '', /^answer as ada: leave out "--as"/);
  });

  test('refuses a statement in the name of a group that the person has left', async () => {
    const claims = { ...(await claimsOf(await answerOf(ada))), groups: ['security', 'release-managers'] };
    assert.equal(await codeOf(await signed(claims)), 'approval-wrong-group');
  });
});

describe('when somebody signs who may not', () => {
  test('refuses whoever started the release, under any of their names', async () => {
    assert.equal(await codeOf(await answerOf(rita)), 'approval-excluded');
    assert.equal(await codeOf(await answerOf(rita), { ...RULE, notRequester: false }), 'accepted');
  });

  test('refuses somebody who is not in the group (any more)', async () => {
    assert.equal(await codeOf(await answerOf(gone)), 'approval-wrong-group');
    assert.equal(
      await codeOf(await answerOf(gone), { ...RULE, widen: { afterMs: 1, to: ['developers'] } }),
      'accepted',
    );
  });

  test('refuses a key that nobody is known by', async () => {
    assert.equal(await codeOf(await answerOf(eve, { subject: 'ada' })), 'approval-key-unknown');
  });

  test('refuses a name without any signature', async () => {
    const { statement: _, ...unsigned } = await answerOf(ada);
    assert.equal(await codeOf(unsigned), 'approval-unproven');
  });
});

describe('when a signature is forged', () => {
  test('refuses the wrong key under the name of the right one', async () => {
    const kid = await thumbprintOf(ada.publicKey);
    const claims = await claimsOf(await answerOf(ada));
    const forged = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'EdDSA', typ: 'sluice-approval+jwt', kid })
      .sign(eve.privateKey);
    assert.equal(await codeOf({ ...(await answerOf(ada)), statement: forged }), 'approval-signature-invalid');
  });

  for (const alg of ['none', 'None', 'HS256', 'RS256', 'ES384', '']) {
    test(`refuses alg "${alg}"`, async () => {
      const answer = await answerOf(ada);
      const [, payload = '', signature = ''] = (answer.statement ?? '').split('.');
      const header = { alg, typ: 'sluice-approval+jwt', kid: await thumbprintOf(ada.publicKey) };
      for (const tail of ['', signature]) {
        const statement = `${encode(header)}.${payload}.${tail}`;
        assert.equal(await codeOf({ ...answer, statement }), 'approval-signature-invalid');
      }
    });
  }

  test('refuses a public key that is used as a shared secret (key confusion)', async () => {
    const answer = await answerOf(pia);
    const [, payload = ''] = (answer.statement ?? '').split('.');
    for (const alg of ['HS256', 'ES256', 'EdDSA']) {
      const head = `${encode({ alg, typ: 'sluice-approval+jwt', kid: await thumbprintOf(pia.publicKey) })}.${payload}`;
      const mac = createHmac('sha256', pia.pem).update(head).digest('base64url');
      assert.equal(await codeOf({ ...answer, statement: `${head}.${mac}` }), 'approval-signature-invalid');
    }
  });

  test('refuses a key of one kind under the algorithm of the other', async () => {
    const answer = await answerOf(pia);
    const [header = '', payload = '', signature = ''] = (answer.statement ?? '').split('.');
    const swapped = { ...(JSON.parse(Buffer.from(header, 'base64url').toString()) as object), alg: 'EdDSA' };
    const statement = `${encode(swapped)}.${payload}.${signature}`;
    assert.equal(await codeOf({ ...answer, statement }), 'approval-signature-invalid');
  });

  test('refuses a key that the message brings along itself', async () => {
    const claims = await claimsOf(await answerOf(ada));
    const statement = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({
        alg: 'EdDSA',
        typ: 'sluice-approval+jwt',
        kid: await thumbprintOf(eve.publicKey),
        jwk: eve.publicKey.jwk,
      })
      .sign(eve.privateKey);
    assert.equal(await codeOf({ ...(await answerOf(ada)), statement }), 'approval-key-unknown');
  });

  test('refuses every single changed character', async () => {
    const answer = await answerOf(ada);
    const compact = answer.statement ?? '';
    for (let at = 0; at < compact.length; at += 7) {
      const statement = `${compact.slice(0, at)}${compact[at] === 'A' ? 'B' : 'A'}${compact.slice(at + 1)}`;
      if (at !== compact.length - 1) assert.notEqual(await codeOf({ ...answer, statement }), 'accepted', `at ${at}`);
    }
  });
});

describe('when something else is sent', () => {
  const cases: readonly (readonly [title: string, make: () => Promise<string> | string, code: string])[] = [
    ['no JWS at all', () => 'yes please', 'approval-malformed'],
    ['an empty text', () => '', 'approval-malformed'],
    [
      'two parts',
      async () => (await answerOf(ada)).statement?.split('.').slice(0, 2).join('.') ?? '',
      'approval-malformed',
    ],
    ['another token of the same person', () => other('JWT'), 'approval-malformed'],
    ['a token without a type', () => other(undefined), 'approval-malformed'],
    ['a signed list', () => raw('[]'), 'approval-malformed'],
    ['a signed text that is no JSON', () => raw('yes'), 'approval-malformed'],
    ['signed bytes that are no text', () => raw(Buffer.from([0xff, 0xfe])), 'approval-malformed'],
    ['a megabyte', () => `${'A'.repeat(1_000_000)}.B.C`, 'approval-too-large'],
    [
      'a reason of ten megabytes',
      async () => (await answerOf(ada, { facts: { reason: 'x'.repeat(10_000_000) } })).statement ?? '',
      'approval-too-large',
    ],
  ];
  for (const [title, make, code] of cases) {
    test(`refuses ${title}`, async () =>
      assert.equal(await codeOf({ ...(await answerOf(ada)), statement: await make() }), code));
  }

  for (const change of [
    { type: 'urn:x-sluice:approval:v2' },
    { iat: '1' },
    { exp: 1.5 },
    { exp: undefined },
    { jti: '' },
    { jti: 'x'.repeat(129) },
    { subject: 7 },
    { decision: 'maybe' },
    { reason: 'x'.repeat(2_001) },
    { overrides: 'freeze' },
  ]) {
    test(`refuses claims with ${JSON.stringify(change).slice(0, 50)}`, async () => {
      const claims = { ...(await claimsOf(await answerOf(ada))), ...change };
      assert.equal(await codeOf(await signed(claims)), 'approval-malformed');
    });
  }
});

test('a statement that says it is good for a million years counts as long as the longest, and is no defect', async () => {
  const claims = { ...(await claimsOf(await answerOf(ada))), exp: Number.MAX_SAFE_INTEGER };
  const verdict = await verify(await signed(claims));
  assert.ok(verdict.kind === 'accepted', JSON.stringify(verdict));
  assert.equal(verdict.expiresAt, new Date(NOW.getTime() + 92 * 86_400_000).toISOString());
});

async function claimsOf({ statement = '' }: ApprovalStatement): Promise<object> {
  return JSON.parse(Buffer.from(statement.split('.')[1] ?? '', 'base64url').toString()) as object;
}

async function signed(claims: object): Promise<ApprovalStatement> {
  return { ...(await answerOf(ada)), statement: await raw(JSON.stringify(claims)) };
}

async function raw(payload: string | Buffer): Promise<string> {
  return new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'sluice-approval+jwt', kid: await thumbprintOf(ada.publicKey) })
    .sign(ada.privateKey);
}

async function other(typ: string | undefined): Promise<string> {
  const claims = await claimsOf(await answerOf(ada));
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'EdDSA', kid: await thumbprintOf(ada.publicKey), ...(typ === undefined ? {} : { typ }) })
    .sign(ada.privateKey);
}
