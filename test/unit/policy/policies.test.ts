import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import type { RefusedSignature, SignatureVerdict } from '../../../src/ports/signatures.ts';
import { parseDigest } from '../../../src/domain/digest.ts';
import type { HealthRule } from '../../../src/domain/rulebook.ts';
import { judgeHealth } from '../../../src/policy/health-policy.ts';
import { copyRefusal, isLocked, versionRefusal } from '../../../src/policy/image-policy.ts';
import { journeyOf } from '../../../src/policy/journey-policy.ts';
import { runningRefusal } from '../../../src/policy/running-policy.ts';
import { signatureRefusal } from '../../../src/policy/signature-policy.ts';
import type { HealthAnswer } from '../../../src/ports/health-probe.ts';
import { aRulebook } from '../../support/memory-world.ts';

const ONE = parseDigest(`sha256:${'1'.repeat(64)}`);
const TWO = parseDigest(`sha256:${'2'.repeat(64)}`);

describe('which way a release goes', () => {
  const book = aRulebook();
  it("is the service's path, up to where the caller wants", () => {
    assert.deepEqual(journeyOf(book, { service: 'iam', version: '1' }), { ok: true, value: ['dev', 'staging'] });
    assert.deepEqual(journeyOf(book, { service: 'iam', version: '1', until: 'dev' }), { ok: true, value: ['dev'] });
  });
  for (const [asked, code, known] of [
    [{ service: 'aim', version: '1' }, 'service-unknown', /iam/],
    [{ service: 'constructor', version: '1' }, 'service-unknown', /iam/],
    [{ service: 'iam', version: '1/2' }, 'version-malformed', /letters/],
    [{ service: 'iam', version: '1', until: 'prod' }, 'environment-unknown', /dev, staging/],
  ] as const) {
    it(`is refused for ${JSON.stringify(asked)} with what would do`, () => {
      const answer = journeyOf(book, asked);
      assert.ok(!answer.ok);
      assert.equal(answer.refusal.code, code);
      assert.match(answer.refusal.expected ?? '', known);
    });
  }
});

describe('a version', () => {
  const facts = { registry: 'r', repository: 'iam', version: '1', digest: ONE };
  it('may be free or mean this image', () => {
    assert.equal(versionRefusal({ ...facts, tagged: undefined }), undefined);
    assert.equal(versionRefusal({ ...facts, tagged: ONE }), undefined);
  });
  it('may not mean another image', () => {
    assert.deepEqual(pick(versionRefusal({ ...facts, tagged: TWO })), ['version-taken', ONE, TWO]);
  });
});

describe('a copy', () => {
  const facts = { registry: 'r', version: '1', digest: ONE, found: ONE, tagged: ONE };
  it('is good when manifest and tag are what was asked for', () => assert.equal(copyRefusal(facts), undefined));
  for (const [title, changed, expected] of [
    ['another manifest', { found: TWO }, ['digest-mismatch', ONE, TWO]],
    ['no manifest', { found: undefined }, ['digest-mismatch', ONE, 'no manifest']],
    ['another tag', { tagged: TWO }, ['tag-conflict', ONE, TWO]],
    ['no tag', { tagged: undefined }, ['tag-conflict', ONE, 'no such tag']],
  ] as const) {
    it(`is refused with ${title}`, () => assert.deepEqual(pick(copyRefusal({ ...facts, ...changed })), expected));
  }
  it('is locked only when it can be neither deleted nor written', () => {
    assert.equal(isLocked({ deletable: false, writable: false }), true);
    assert.equal(isLocked({ deletable: false, writable: true }), false);
    assert.equal(isLocked({ deletable: true, writable: false }), false);
    assert.equal(isLocked(undefined), false);
  });
});

describe('a signature verdict', () => {
  const artefact = { digest: TWO, form: 'bundle' } as const;
  const signed = (signer: string) => ({ signer, by: 'k', artefact });
  it('tells unsigned from signed by somebody else', () => {
    const said = (verdict: SignatureVerdict) => signatureRefusal(verdict, 'iam', 'r', COMMON_SIGNATURES);
    assert.equal(said({ kind: 'verified', signed: [signed(COMMON_SIGNER)], found: [artefact] }), undefined);
    assert.equal(said({ kind: 'unsigned', looked: ['referrers'] })?.code, 'signature-missing');
    const untrusted = said({ kind: 'untrusted', found: [{ artefact, why: 'another key' }], signed: [], missing: [] });
    assert.equal(untrusted?.code, 'signature-untrusted');
    assert.match(untrusted?.got ?? '', /another key/);
  });

  it('names who has signed and who has not, where several are wanted', () => {
    const half = { kind: 'untrusted', found: [], signed: [signed('builder')], missing: ['scanner'] } as const;
    const refusal = signatureRefusal(half, 'iam', 'r', { need: 'all', of: ['builder', 'scanner'] });
    assert.equal(refusal?.code, 'signature-incomplete');
    assert.match(refusal.message, /by builder, and not by scanner$/);
    assert.match(refusal.expected ?? '', /each of: builder, scanner/);
  });

  it('tells what is revoked from what has ended, and both from a stranger, also where others have signed', () => {
    const both = { need: 'all', of: ['builder', 'scanner'] } as const;
    const codeOf = (...found: readonly RefusedSignature[]) =>
      signatureRefusal(
        { kind: 'untrusted', found, signed: [signed('builder')], missing: ['scanner'] },
        'iam',
        'r',
        both,
      )?.code;
    const stranger = { artefact, why: 'another key' };
    assert.equal(codeOf(stranger), 'signature-incomplete');
    assert.equal(codeOf(stranger, { ...stranger, because: 'not-valid' }), 'signer-not-valid');
    assert.equal(codeOf({ ...stranger, because: 'not-valid' }, { ...stranger, because: 'revoked' }), 'signer-revoked');
    assert.equal(codeOf({ ...stranger, because: 'other-image' }), 'signature-incomplete');
  });

  const nobody = (...found: readonly RefusedSignature[]) =>
    signatureRefusal({ kind: 'untrusted', found, signed: [], missing: [] }, 'iam', 'r', COMMON_SIGNATURES);
  for (const [because, code] of [
    ['other-image', 'signature-other-image'],
    ['too-large', 'signature-too-large'],
    ['certificate-expired', 'certificate-expired'],
    ['log-entry-foreign', 'log-entry-foreign'],
  ] as const)
    it(`has the code ${code} where that is wrong with all that is there, and not beside a stranger`, () => {
      const one: RefusedSignature = { artefact, why: 'x', because };
      assert.equal(nobody(one, one)?.code, code);
      assert.equal(nobody(one, { artefact, why: 'another key' })?.code, 'signature-untrusted');
      assert.equal(nobody(one, { ...one, because: 'revoked' })?.code, 'signer-revoked');
    });

  it('is kept in a history, and short however much a stranger has pushed', () => {
    const many = Array.from({ length: 64 }, () => ({ artefact, why: 'not signed by key a '.repeat(5_000) }));
    const said = JSON.stringify(nobody(...many));
    assert.ok(said.length < 6_000, `${said.length}`);
    assert.match(said, /and 59 more/);
  });
});

describe('what runs', () => {
  const pod = (name: string, imageDigest: string, workload = 'deployment/iam') => ({ name, workload, imageDigest });
  it('is proven when every ready pod runs the image or one of its platforms', () => {
    assert.equal(runningRefusal([pod('a', ONE), pod('b', TWO)], [ONE, TWO], ['deployment/iam']), undefined);
  });
  for (const [title, pods, workloads] of [
    ['one pod runs something else', [pod('a', ONE), pod('b', TWO)], ['deployment/iam']],
    ['nothing is ready', [], ['deployment/iam']],
    ['one of two workloads has no ready pod', [pod('a', ONE)], ['deployment/iam', 'deployment/worker']],
  ] as const) {
    it(`is not proven when ${title}`, () => {
      assert.equal(runningRefusal(pods, [ONE], workloads)?.code, 'running-digest-mismatch');
    });
  }
});

describe('health', () => {
  const rule: HealthRule = {
    service: 'iam',
    port: 1,
    path: '/',
    attempts: 3,
    everyMs: 1,
    timeoutMs: 1,
    passes: 2,
    urls: {},
  };
  const ok: HealthAnswer = { kind: 'answered', status: 200, body: '' };
  const error: HealthAnswer = { kind: 'answered', status: 503, body: 'no' };
  const silent: HealthAnswer = { kind: 'no-answer', why: 'refused' };
  for (const [title, answers, kind] of [
    ['asks when nobody answered yet', [], 'ask-again'],
    ['asks again after one good answer of two', [ok], 'ask-again'],
    ['is well after enough good answers in a row', [error, ok, ok], 'well'],
    ['counts from the start after a bad one', [ok, error], 'ask-again'],
    ['is unwell when the attempts are used up', [ok, error, ok], 'unwell'],
    ['is unwell when nobody ever answered', [silent, silent, silent], 'unwell'],
    [
      'is unwell at once when the address means nothing to the service',
      [{ kind: 'answered', status: 404, body: '' }],
      'unwell',
    ],
    ['takes a redirect for no good answer', [{ kind: 'answered', status: 302, body: '' }], 'ask-again'],
  ] as const) {
    it(title, () => assert.equal(judgeHealth(rule, 'http://x', answers as readonly HealthAnswer[]).kind, kind));
  }
});

function pick(refusal: { code: string; expected?: string; got?: string } | undefined): unknown[] {
  return [refusal?.code, refusal?.expected, refusal?.got];
}
