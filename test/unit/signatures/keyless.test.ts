import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import type { SignatureVerdict } from '../../../src/ports/signatures.ts';
import { makeKey, signBundle, someImage } from '../../ports/signatures/signing.ts';
import { type Pushed, createTestRegistry } from '../../ports/signatures/test-registry.ts';
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
  const registry = createTestRegistry();
  registry.push(image);
  registry.push(pushed);
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
      const registry = createTestRegistry();
      registry.push(image);
      registry.push(await signed());
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
