import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { SignatureVerdict } from '../../../src/ports/signatures.ts';
import { makeKey, signBundle, someImage } from '../../ports/signatures/signing.ts';
import { type Pushed, registryHolding } from '../../ports/signatures/test-registry.ts';
import { type Certified, type KeylessChanges, type LogEntry, type Sigstore, startSigstore } from './sigstore.ts';

const ISSUER = 'https://token.actions.githubusercontent.com';
const SUBJECT = 'https://github.com/onestream/iam/.github/workflows/release.yml@refs/heads/main';
const image = someImage();

let sigstore: Sigstore;
let signer: Certified;

before(async () => {
  sigstore = await startSigstore();
  signer = await sigstore.certify(ISSUER, SUBJECT);
});

interface Pinned {
  readonly issuer?: string;
  readonly subject?: string;
  readonly trustedRoot?: string;
}

async function look(pushed: Pushed, pinned: Pinned = {}): Promise<SignatureVerdict> {
  const registry = registryHolding(image, pushed);
  const identity = {
    kind: 'identity',
    issuer: ISSUER,
    subject: SUBJECT,
    trustedRoot: sigstore.trustedRoot,
    ...pinned,
  } as const;
  return createCosignSignatures({ [COMMON_SIGNER]: [identity] }).verify(
    registry.reader,
    { repository: 'iam', digest: image.digest },
    COMMON_SIGNATURES,
  );
}

for (const form of ['signBundle', 'signLegacy'] as const) {
  const signed = (by = signer, changes?: KeylessChanges): Promise<Pushed> => sigstore[form](by, image.digest, changes);

  describe(`when an identity is pinned (${form})`, () => {
    test('a signature of exactly this issuer and subject verifies', async () => {
      const verdict = await look(await signed());
      assert.ok(verdict.kind === 'verified', JSON.stringify(verdict));
      assert.equal(verdict.signed[0]?.by, `${SUBJECT} (${ISSUER})`);
    });

    const strangers: readonly (readonly [string, string, string])[] = [
      ['a subject that goes on', ISSUER, `${SUBJECT}-evil`],
      ['a subject that is only a part', ISSUER, SUBJECT.slice(0, -1)],
      ['a subject that contains it', ISSUER, `https://evil.test/?${SUBJECT}`],
      ['another repository with a similar name', ISSUER, SUBJECT.replace('/iam/', '/iam-evil/')],
      ['a subject that only a pattern would match', ISSUER, SUBJECT.replace('github.com', 'githubXcom')],
      ['a subject in other case', ISSUER, SUBJECT.toUpperCase()],
      ['another issuer', 'https://issuer.evil.test', SUBJECT],
      ['an issuer that goes on', `${ISSUER}.evil.test`, SUBJECT],
    ];
    for (const [name, issuer, subject] of strangers) {
      test(`${name} is untrusted, and the reason names who signed`, async () => {
        const verdict = await look(await signed(await sigstore.certify(issuer, subject)));
        assert.ok(verdict.kind === 'untrusted');
        assert.ok(verdict.found[0]?.why.includes(`signed by ${subject} (${issuer})`));
      });
    }

    test('a pinned subject is a text, never a pattern', async () => {
      for (const subject of ['.*', `^${SUBJECT}$`, 'https://github.com/onestream/iam', '']) {
        if (subject === '') await assert.rejects(look(await signed(), { subject }));
        else assert.equal((await look(await signed(), { subject })).kind, 'untrusted', subject);
      }
    });

    test('a certificate of another authority is untrusted', async () => {
      const elsewhere = await startSigstore();
      assert.equal((await look(await signed(), { trustedRoot: elsewhere.trustedRoot })).kind, 'untrusted');
    });

    test("a signature by another key than the certificate's is untrusted", async () => {
      const { privateKey } = await sigstore.certify(ISSUER, SUBJECT);
      assert.equal((await look(await signed({ ...signer, privateKey }))).kind, 'untrusted');
    });

    test('without an entry in the log it is untrusted', async () => {
      assert.equal((await look(await signed(signer, { withoutEntry: true }))).kind, 'untrusted');
    });

    test('the log entry of another signature does not count', async () => {
      let entry: LogEntry | undefined;
      const keep = (own: LogEntry): LogEntry => (entry = own);
      await sigstore[form](signer, someImage('another').digest, { alter: keep });
      assert.ok(entry !== undefined);
      assert.equal((await look(await signed(signer, { entry }))).kind, 'untrusted');
    });

    const altered: readonly (readonly [string, (entry: LogEntry) => LogEntry])[] = [
      ['another time', (entry) => ({ ...entry, integratedTime: entry.integratedTime + 1 })],
      [
        'a time after the certificate had ended',
        (entry) => ({ ...entry, integratedTime: entry.integratedTime + 86_400 }),
      ],
      ['another place in the log', (entry) => ({ ...entry, logIndex: entry.logIndex + 1 })],
      ['another log', (entry) => ({ ...entry, logID: '00'.repeat(32) })],
      ['a body that is no JSON', (entry) => ({ ...entry, body: 'AAAA' })],
      [
        'a promise that the log did not make',
        (entry) => ({
          ...entry,
          verification: {
            ...entry.verification,
            signedEntryTimestamp: flipLastByte(entry.verification.signedEntryTimestamp),
          },
        }),
      ],
    ];
    for (const [name, alter] of altered) {
      test(`a log entry with ${name} is untrusted`, async () => {
        assert.equal((await look(await signed(signer, { alter }))).kind, 'untrusted');
      });
    }

    test('a pinned key does not accept a certificate in its place', async () => {
      const registry = registryHolding(image, await signed());
      const signatures = createCosignSignatures({
        [COMMON_SIGNER]: [{ kind: 'key', file: 'cosign.pub', pem: makeKey().pem }],
      });
      assert.equal(
        (await signatures.verify(registry.reader, { repository: 'iam', digest: image.digest }, COMMON_SIGNATURES)).kind,
        'untrusted',
      );
    });
  });
}

describe('when the subject is pinned by a pattern', () => {
  const pattern = '^https://github\\.com/onestream/[a-z]+/\\.github/workflows/release\\.yml@refs/heads/main$';
  const by = async (subject: string, issuer = ISSUER): Promise<Pushed> =>
    sigstore.signBundle(await sigstore.certify(issuer, subject), image.digest);
  const judged = async (pushed: Pushed, subjectPattern = pattern): Promise<SignatureVerdict> => {
    const registry = registryHolding(image, pushed);
    const { trustedRoot } = sigstore;
    const entry = { kind: 'identity', issuer: ISSUER, subjectPattern, trustedRoot } as const;
    const signatures = createCosignSignatures({ [COMMON_SIGNER]: [entry] });
    return signatures.verify(registry.reader, { repository: 'iam', digest: image.digest }, COMMON_SIGNATURES);
  };

  test('whoever matches the whole of it is trusted, and named as who they are', async () => {
    const verdict = await judged(await by(SUBJECT));
    assert.ok(verdict.kind === 'verified');
    assert.equal(verdict.signed[0]?.by, `${SUBJECT} (${ISSUER})`);
  });

  const strangers: readonly (readonly [string, string, string?])[] = [
    ['a repository whose name goes on', SUBJECT.replace('/iam/', '/iam-evil/')],
    ['a subject that goes on', `${SUBJECT}-evil`],
    ['a subject in which it stands', `https://evil.test/?${SUBJECT}`],
    ['another host that a dot would match', SUBJECT.replace('github.com', 'githubXcom')],
    ['another owner', SUBJECT.replace('/onestream/', '/evil/')],
    ['another issuer', SUBJECT, 'https://issuer.evil.test'],
  ];
  for (const [name, subject, issuer] of strangers)
    test(`${name} is untrusted`, async () => {
      const verdict = await judged(await by(subject, issuer));
      assert.ok(verdict.kind === 'untrusted', JSON.stringify(verdict));
      assert.ok(verdict.found[0]?.why.includes(`signed by ${subject}`));
    });

  for (const open of ['https://github\\.com/onestream/repo', '^https://github\\.com/onestream/repo', '^.*$', ''])
    test(`a pattern that is not closed on both sides is refused at once: ${open || 'none'}`, async () => {
      const evil = await by('https://github.com/onestream/repo-evil/.github/workflows/release.yml@refs/heads/main');
      await assert.rejects(
        judged(evil, open),
        (error) => error instanceof PortError && error.code === 'config-invalid',
      );
    });
});

describe('when log and timestamp are demanded or not looked at', () => {
  const DAY = 86_400_000;
  const now = (): Date => new Date(Date.now() + 1_000);
  const outcomeOf = async (changes: KeylessChanges, demands: object): Promise<string> => {
    const registry = registryHolding(image, await sigstore.signBundle(signer, image.digest, changes));
    const entry = { kind: 'identity', issuer: ISSUER, subject: SUBJECT, ...demands } as const;
    const signatures = createCosignSignatures({
      [COMMON_SIGNER]: [{ ...entry, trustedRoot: sigstore.rootWithTimestamps, ...demands }],
    });
    const verdict = await signatures.verify(
      registry.reader,
      { repository: 'iam', digest: image.digest },
      COMMON_SIGNATURES,
    );
    return verdict.kind === 'untrusted' ? (verdict.found[0]?.why ?? '') : verdict.kind;
  };

  test('a log is demanded where the root lists one, unless the entry says that it is off', async () => {
    const stamped = { withoutEntry: true, stampedAt: now() };
    assert.match(await outcomeOf(stamped, {}), /expected 1 tlog entries/);
    assert.match(await outcomeOf(stamped, { transparencyLog: 'required' }), /expected 1 tlog entries/);
    assert.equal(await outcomeOf(stamped, { transparencyLog: 'off' }), 'verified');
  });

  test('a timestamp counts if it is there, and may be demanded', async () => {
    assert.equal(await outcomeOf({}, {}), 'verified');
    assert.match(await outcomeOf({}, { timestamp: 'required' }), /without a signed timestamp/);
    assert.equal(await outcomeOf({ stampedAt: now() }, { timestamp: 'required' }), 'verified');
  });

  test('both demanded means both', async () => {
    const both = { transparencyLog: 'required', timestamp: 'required' };
    assert.equal(await outcomeOf({ stampedAt: now() }, both), 'verified');
    assert.notEqual(await outcomeOf({ stampedAt: now(), withoutEntry: true }, both), 'verified');
    assert.notEqual(await outcomeOf({}, both), 'verified');
  });

  test('what is off neither helps nor harms', async () => {
    const spoiled = (entry: LogEntry): LogEntry => ({ ...entry, logIndex: entry.logIndex + 1 });
    assert.equal(await outcomeOf({ stampedAt: now(), alter: spoiled }, { transparencyLog: 'off' }), 'verified');
    assert.match(await outcomeOf({}, { transparencyLog: 'off' }), /expected 1 timestamps/);
    assert.equal(await outcomeOf({ stampedAt: new Date(Date.now() + DAY) }, { timestamp: 'off' }), 'verified');
  });

  test('an expired certificate does not count: signed, as the authority says, after its ten minutes', async () => {
    const late = { withoutEntry: true, stampedAt: new Date(Date.now() + DAY) };
    assert.match(await outcomeOf(late, { transparencyLog: 'off' }), /certificate/i);
  });

  test('a demand that the root cannot meet is refused at once', async () => {
    const root = { trustedRoot: sigstore.trustedRoot, timestamp: 'required' };
    await assert.rejects(outcomeOf({}, root), /cannot verify anything/);
    const noLog = { trustedRoot: sigstore.rootOfTimestamps, transparencyLog: 'required' };
    await assert.rejects(outcomeOf({}, noLog), /cannot verify anything/);
    await assert.rejects(outcomeOf({}, { transparencyLog: 'off', timestamp: 'off' }), /cannot verify anything/);
  });
});

describe('when a signature by a bare key meets a pinned identity', () => {
  test('it is untrusted, and says that the certificate is missing', async () => {
    const verdict = await look(signBundle(image.digest, makeKey()));
    assert.ok(verdict.kind === 'untrusted');
    assert.match(verdict.found[0]?.why ?? '', /without certificate/);
  });
});

function flipLastByte(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bytes.length - 1]! ^= 1;
  return bytes.toString('base64');
}
