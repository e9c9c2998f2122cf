import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { LIMITS } from '../../../src/adapters/signatures/cosign/wire.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { Attestation } from '../../../src/ports/signatures.ts';
import {
  attestBundle,
  BUNDLE_TYPE,
  bundleOf,
  bundleReferrer,
  descriptor,
  json,
  makeKey,
  signBundle,
  someImage,
} from '../../ports/signatures/signing.ts';
import { createTestRegistry, type Pushed } from '../../ports/signatures/test-registry.ts';

const TYPE = 'https://slsa.dev/provenance/v1';
const key = makeKey();
const image = someImage();
const other = someImage('another').digest.slice(7);
const signatures = createCosignSignatures({ [COMMON_SIGNER]: [{ kind: 'key', file: 'cosign.pub', pem: key.pem }] });

function hear(...content: readonly Pushed[]): Promise<readonly Attestation[]> {
  const registry = createTestRegistry();
  registry.push(image);
  for (const one of content) registry.push(one);
  return signatures.attestations(registry.reader, { repository: 'iam', digest: image.digest }, [TYPE]);
}

const attested = (changes: Record<string, unknown>): Pushed =>
  attestBundle(image.digest, key, TYPE, { author: 'ada' }, changes);

describe('what trusted signers attest', () => {
  for (const version of ['v1', 'v0.1'])
    test(`is heard in statements of version ${version}`, async () => {
      const found = await hear(attested({ _type: `https://in-toto.io/Statement/${version}` }));
      assert.deepEqual(
        found.map((one) => one.predicate),
        [{ author: 'ada' }],
      );
    });

  test('is heard also when the registry lists it without saying what it is', async () => {
    const plain = bundleOf(image.digest, key.privateKey, {
      statement: {
        ...{ _type: 'https://in-toto.io/Statement/v1', predicateType: TYPE, predicate: { author: 'ada' } },
        subject: [{ digest: { sha256: image.digest.slice(7) } }],
      },
    });
    const found = await hear(bundleReferrer(image.digest, json(plain), { artifactType: '', annotations: {} }));
    assert.equal(found.length, 1);
  });

  const unheard: Readonly<Record<string, Pushed>> = {
    'a statement about another image': attested({ subject: [{ digest: { sha256: other } }] }),
    'a statement about nothing': attested({ subject: [] }),
    'a statement of another version': attested({ _type: 'https://in-toto.io/Statement/v9' }),
    'another type inside than outside': attested({ predicateType: 'https://example.test/other' }),
    'a predicate that is no object': attested({ predicate: ['ada'] }),
    'no predicate': attested({ predicate: undefined }),
    'a bundle that is no JSON': bundleReferrer(image.digest, Buffer.from('{'), { annotations: {} }),
    'a signature of the image': signBundle(image.digest, key),
    'one that is moved here from another image': {
      ...attestBundle(someImage('another').digest, key, TYPE, { author: 'ada' }),
    },
  };
  for (const [what, pushed] of Object.entries(unheard))
    test(`is not ${what}`, async () => assert.deepEqual(await hear(pushed), []));

  test('does not change when a byte of it does', async () => {
    const bundle = bundleOf(image.digest, key.privateKey, {
      statement: {
        ...{ _type: 'https://in-toto.io/Statement/v1', predicateType: TYPE, predicate: { author: 'ada' } },
        subject: [{ digest: { sha256: image.digest.slice(7) } }],
      },
    }) as { dsseEnvelope: { payload: string } };
    const text = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('"ada"', '"eve"');
    bundle.dsseEnvelope.payload = Buffer.from(text).toString('base64');
    assert.deepEqual(await hear(bundleReferrer(image.digest, json(bundle), { annotations: {} })), []);
  });

  test('is an error when it is too large to be read: it might name somebody', async () => {
    const claimed = { ...descriptor(BUNDLE_TYPE, Buffer.from('{}')), size: LIMITS.attestationSize + 1 };
    const large = bundleReferrer(image.digest, Buffer.from('{}'), { annotations: {}, layers: [claimed] });
    await assert.rejects(
      hear(large),
      (error) => error instanceof PortError && /4194304 bytes/.test(error.expected ?? ''),
    );
  });

  test('is an error when there is more of it than anybody needs', async () => {
    const many = Array.from({ length: LIMITS.artefacts + 1 }, (_, index) =>
      attestBundle(image.digest, key, TYPE, { author: `ada ${index}` }),
    );
    await assert.rejects(hear(...many), (error) => error instanceof PortError && error.code === 'registry-protocol');
  });
});
