/** What every adapter of the port Signatures must do, whatever a signature is made of. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { Signatures } from '../../../src/ports/signatures.ts';
import { someImage } from './signing.ts';
import { type Pushed, type TestRegistry, createTestRegistry } from './test-registry.ts';

export interface Subject {
  readonly signatures: Signatures;
  sign(image: Digest, by: 'trusted' | 'stranger'): Pushed;
  attest(image: Digest, by: 'trusted' | 'stranger', predicateType: string, predicate: Record<string, unknown>): Pushed;
}

const PROVENANCE = 'https://slsa.dev/provenance/v1';

export function signaturesSuite(name: string, make: () => Subject): void {
  const image = someImage();
  const reference = { repository: 'iam', digest: image.digest };

  function setUp(...by: readonly ('trusted' | 'stranger')[]): Subject & { registry: TestRegistry; digests: Digest[] } {
    const subject = make();
    const registry = createTestRegistry();
    registry.push(image);
    const digests = by.map((one) => registry.push(subject.sign(image.digest, one)));
    return { ...subject, registry, digests };
  }

  describe(`when ${name} look at an image`, () => {
    test('a signature of somebody trusted verifies, and is listed with its artefact', async () => {
      const { signatures, registry, digests } = setUp('trusted');
      const verdict = await signatures.verify(registry.reader, reference, COMMON_SIGNATURES);
      assert.equal(verdict.kind, 'verified');
      assert.ok(verdict.kind === 'verified' && verdict.signed[0] !== undefined);
      const [{ by, signer, artefact }] = verdict.signed;
      assert.ok(by !== '' && signer === COMMON_SIGNER);
      assert.deepEqual([artefact.digest], digests);
      assert.deepEqual(verdict.found, [artefact]);
    });

    test('without a signature it is unsigned, and the verdict says where was looked', async () => {
      const { signatures, registry } = setUp();
      const verdict = await signatures.verify(registry.reader, reference, COMMON_SIGNATURES);
      assert.ok(verdict.kind === 'unsigned' && verdict.looked.length > 0);
    });

    test('a signature of a stranger is untrusted, and each says why', async () => {
      const { signatures, registry, digests } = setUp('stranger');
      const verdict = await signatures.verify(registry.reader, reference, COMMON_SIGNATURES);
      assert.ok(verdict.kind === 'untrusted');
      assert.deepEqual(
        verdict.found.map((one) => one.artefact.digest),
        digests,
      );
      assert.ok(verdict.found.every((one) => one.why !== ''));
    });

    for (const order of [
      ['stranger', 'trusted'],
      ['trusted', 'stranger'],
    ] as const) {
      test(`one trusted signature suffices and all are listed (${order.join(' before ')})`, async () => {
        const { signatures, registry, digests } = setUp(...order);
        const verdict = await signatures.verify(registry.reader, reference, COMMON_SIGNATURES);
        assert.ok(verdict.kind === 'verified');
        assert.equal(verdict.signed[0]?.artefact.digest, digests[order.indexOf('trusted')]);
        assert.deepEqual(verdict.found.map((one) => one.digest).sort(), [...digests].sort());
      });
    }

    test('a signature of another image does not count', async () => {
      const { signatures, registry, sign } = setUp();
      const other = someImage('another');
      registry.push(other);
      registry.push(sign(other.digest, 'trusted'));
      assert.equal((await signatures.verify(registry.reader, reference, COMMON_SIGNATURES)).kind, 'unsigned');
      assert.equal(
        (await signatures.verify(registry.reader, { repository: 'iam', digest: other.digest }, COMMON_SIGNATURES)).kind,
        'verified',
      );
    });

    test('a signature stays behind until it is copied', async () => {
      const { signatures, sign } = setUp();
      const target = createTestRegistry('target.test');
      target.push(image);
      assert.equal((await signatures.verify(target.reader, reference, COMMON_SIGNATURES)).kind, 'unsigned');
      target.push(sign(image.digest, 'trusted'));
      assert.equal((await signatures.verify(target.reader, reference, COMMON_SIGNATURES)).kind, 'verified');
    });

    test('an image that is not there is an error, not "unsigned"', async () => {
      const { signatures } = setUp();
      await assert.rejects(signatures.verify(createTestRegistry().reader, reference, COMMON_SIGNATURES), (error) => {
        return error instanceof PortError && error.code === 'manifest-unknown';
      });
    });

    test('it hears what somebody trusted attests, of the types that are asked for, with the artefact it is in', async () => {
      const { signatures, registry, attest } = setUp('trusted');
      const digest = registry.push(attest(image.digest, 'trusted', PROVENANCE, { author: 'ada' }));
      registry.push(attest(image.digest, 'trusted', 'https://example.test/other', { author: 'eve' }));
      const found = await signatures.attestations(registry.reader, reference, [PROVENANCE]);
      assert.deepEqual(
        found.map((one) => [one.artefact.digest, one.predicateType, one.predicate]),
        [[digest, PROVENANCE, { author: 'ada' }]],
      );
      assert.ok(found.every((one) => one.by !== ''));
    });

    test('it hears all of several statements', async () => {
      const { signatures, registry, attest } = setUp();
      for (const author of ['ada', 'bob']) registry.push(attest(image.digest, 'trusted', PROVENANCE, { author }));
      const found = await signatures.attestations(registry.reader, reference, [PROVENANCE]);
      assert.deepEqual(found.map((one) => one.predicate['author']).toSorted(), ['ada', 'bob']);
    });

    test('it does not hear a stranger, nor what is said about another image', async () => {
      const { signatures, registry, attest } = setUp('trusted');
      registry.push(attest(image.digest, 'stranger', PROVENANCE, { author: 'eve' }));
      const other = someImage('another');
      registry.push(other);
      registry.push(attest(other.digest, 'trusted', PROVENANCE, { author: 'eve' }));
      assert.deepEqual(await signatures.attestations(registry.reader, reference, [PROVENANCE]), []);
    });

    test('an attestation is no signature', async () => {
      const { signatures, registry, attest } = setUp();
      registry.push(attest(image.digest, 'trusted', PROVENANCE, { author: 'ada' }));
      assert.equal((await signatures.verify(registry.reader, reference, COMMON_SIGNATURES)).kind, 'unsigned');
    });

    test('a registry that does not answer is an error, not the absence of attestations', async () => {
      const { signatures, registry } = setUp('trusted');
      const failure = new PortError('registry-unreachable', 'connection refused', { retry: 'yes' });
      registry.fail('referrers', failure);
      await assert.rejects(signatures.attestations(registry.reader, reference, [PROVENANCE]), failure);
    });

    for (const operation of ['referrers', 'manifest'] as const) {
      test(`a registry that does not answer (${operation}) is an error, passed on with its code`, async () => {
        const { signatures, registry } = setUp('trusted');
        const failure = new PortError('registry-unreachable', 'connection refused', { retry: 'yes' });
        registry.fail(operation, failure);
        await assert.rejects(signatures.verify(registry.reader, reference, COMMON_SIGNATURES), failure);
      });
    }
  });
}
