import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { createMemorySigner } from '../../../src/adapters/record-signer/memory.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import { recordArtefact, toBeSigned } from '../../../src/evidence/record-bundle.ts';
import { PROMOTION_PREDICATE } from '../../../src/evidence/record-predicate.ts';
import { statementBytes } from '../../../src/evidence/record-statement.ts';
import type { Artefact } from '../../../src/ports/artefact-publisher.ts';
import { aStatement, AT } from './sample.ts';

const IMAGE = {
  mediaType: 'application/vnd.oci.image.index.v1+json',
  digest: digestOf('{}'),
  bytes: Buffer.from('{}'),
};

async function anArtefact(): Promise<{ artefact: Artefact; manifest: any; bundle: any }> {
  const bytes = statementBytes(aStatement());
  const signature = await createMemorySigner().signer.sign(toBeSigned(bytes));
  const artefact = recordArtefact(IMAGE, bytes, PROMOTION_PREDICATE, signature, AT);
  const read = (part: Uint8Array): any => JSON.parse(Buffer.from(part).toString('utf8'));
  const manifest = read(artefact.manifest);
  const layer = artefact.blobs.find(({ digest }) => digest === manifest.layers[0].digest);
  return { artefact, manifest, bundle: read(layer?.bytes ?? assert.fail('no bundle')) };
}

describe('a signed record in a registry', () => {
  test('is laid out as Cosign 3 writes attestations', async () => {
    const { manifest } = await anArtefact();
    const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    assert.equal(manifest.artifactType, type);
    assert.deepEqual(
      [manifest.config.mediaType, manifest.config.artifactType],
      ['application/vnd.oci.empty.v1+json', type],
    );
    assert.equal(manifest.layers.length, 1);
    assert.equal(manifest.layers[0].mediaType, type);
    assert.deepEqual(manifest.subject, { mediaType: IMAGE.mediaType, size: 2, digest: IMAGE.digest });
    assert.deepEqual(manifest.annotations, {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': PROMOTION_PREDICATE,
      'org.opencontainers.image.created': AT,
    });
  });

  test('says truly what each of its parts is', async () => {
    const { artefact, manifest } = await anArtefact();
    assert.equal(digestOf(artefact.manifest), artefact.manifestDigest);
    for (const { digest, bytes } of artefact.blobs) assert.equal(digestOf(bytes), digest);
    for (const named of [manifest.config, ...manifest.layers]) {
      const blob = artefact.blobs.find(({ digest }) => digest === named.digest);
      assert.equal(blob?.bytes.byteLength, named.size);
    }
  });

  test('names its key by a hint, and holds exactly the bytes that were signed', async () => {
    const { bundle } = await anArtefact();
    const { hint } = bundle.verificationMaterial.publicKey;
    assert.equal(Buffer.from(hint, 'base64').byteLength, createHash('sha256').digest().byteLength);
    const { payload, payloadType, signatures } = bundle.dsseEnvelope;
    assert.equal(payloadType, 'application/vnd.in-toto+json');
    assert.deepEqual(Buffer.from(payload, 'base64'), Buffer.from(statementBytes(aStatement())));
    assert.equal(signatures.length, 1);
  });
});
