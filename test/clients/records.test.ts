/** `cosign` verifies the records that Sluice signs, in a registry, offline and with the environment's public key alone. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createFileSigner } from '../../src/adapters/record-signer/file/create-file-signer.ts';
import { createCosignSignatures } from '../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { type Digest, parseDigest } from '../../src/domain/digest.ts';
import { recordArtefact, toBeSigned } from '../../src/evidence/record-bundle.ts';
import { PROMOTION_PREDICATE } from '../../src/evidence/record-predicate.ts';
import { statementBytes } from '../../src/evidence/record-statement.ts';
import { type Emulated, startEmulated } from '../integration/registry/emulated.ts';
import { Probe } from '../integration/acr-emulator/probe.ts';
import { importInto, sampleImage } from '../ports/registry/subject.ts';
import { aStatement } from '../unit/evidence/sample.ts';
import { ClientProgram, skipWithout } from './program.ts';

const KINDS = ['P-256', 'Ed25519'] as const;
type Kind = (typeof KINDS)[number];

describe('cosign', { skip: skipWithout('cosign') }, () => {
  let emulated: Emulated;
  let cosign: ClientProgram;
  before(async () => {
    emulated = await startEmulated({ importDurationMs: 1 });
    cosign = new ClientProgram('cosign', new Probe(emulated.emulator, ''));
    cosign.loginAs('kubelet-staging', 'onestreamstaging');
  });
  after(async () => {
    cosign.remove();
    await emulated.close();
  });

  function verify(key: string, host: string, digest: string): ReturnType<ClientProgram['run']> {
    const what = ['--insecure-ignore-tlog', '--type', PROMOTION_PREDICATE, '--key', key];
    return cosign.run('verify-attestation', ...what, `${host}/iam@${digest}`);
  }

  /** The public key lies in Cosign's folder under the name of the kind. */
  async function attachedRecord(kind: Kind): Promise<{ host: string; digest: Digest }> {
    const image = sampleImage(`promoted ${kind}`);
    await emulated.push('iam', image);
    await importInto(emulated.subject(), 'iam', image.manifestDigest);
    const { reader, publisher } = emulated.acr('staging', 'worker-staging');
    const { privateKey, publicKey } = keysOf(kind);
    writeFileSync(join(cosign.home, `${kind}.pub`), publicKey);
    const signer = createFileSigner({ place: kind, readKey: () => privateKey, publicKey });
    const bytes = statementBytes(aStatement({ registry: reader.host, digest: image.manifestDigest }));
    const held = (await reader.manifest('iam', image.manifestDigest)) ?? assert.fail('no image');
    const signature = await signer.sign(toBeSigned(bytes));
    const artefact = recordArtefact(held, bytes, PROMOTION_PREDICATE, signature, '2026-11-23T12:00:00Z');
    await publisher.publish('iam', artefact);
    return { host: reader.host, digest: image.manifestDigest };
  }

  for (const kind of KINDS) {
    test(`accepts a record that was signed with ${kind} by the environment's own identity`, async () => {
      const { host, digest } = await attachedRecord(kind);
      const { code, stdout, stderr } = await verify(`${kind}.pub`, host, digest);
      assert.equal(code, 0, stderr);
      const { payload } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { payload: string };
      const statement = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Record<string, any>;
      assert.equal(statement['predicateType'], PROMOTION_PREDICATE);
      assert.equal(statement['predicate'].outcome, 'promoted');
      assert.equal(`sha256:${statement['subject'][0].digest.sha256}`, digest);
    });
  }

  test('refuses it with the key of another environment, and for another image', async () => {
    const { host, digest } = await attachedRecord('P-256');
    writeFileSync(join(cosign.home, 'other.pub'), keysOf('P-256').publicKey);
    assert.notEqual((await verify('other.pub', host, digest)).code, 0);
    const other = sampleImage('never promoted');
    await emulated.push('iam', other);
    await importInto(emulated.subject(), 'iam', other.manifestDigest);
    assert.notEqual((await verify('P-256.pub', host, other.manifestDigest)).code, 0);
  });

  test('reads the same as Sluice does', async () => {
    const { digest } = await attachedRecord('P-256');
    const { reader } = emulated.acr('staging', 'worker-staging');
    const pem = (await import('node:fs')).readFileSync(join(cosign.home, 'P-256.pub'), 'utf8');
    const recorders = createCosignSignatures({ staging: [{ kind: 'key', file: 'staging.pub', pem }] });
    const image = { repository: 'iam', digest: parseDigest(digest) };
    const [found] = await recorders.attestations(reader, image, [PROMOTION_PREDICATE]);
    assert.deepEqual(found?.signers, ['staging']);
  });
});

function keysOf(kind: Kind): { privateKey: string; publicKey: string } {
  const { privateKey, publicKey } =
    kind === 'P-256' ? generateKeyPairSync('ec', { namedCurve: kind }) : generateKeyPairSync('ed25519');
  const pem = (key: KeyObject, type: 'pkcs8' | 'spki'): string =>
    key.export({ type, format: 'pem' } as never).toString();
  return { privateKey: pem(privateKey, 'pkcs8'), publicKey: pem(publicKey, 'spki') };
}
