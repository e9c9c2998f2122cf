import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryRegistries } from '../../../src/adapters/registry/memory/create-memory-registries.ts';
import {
  createMemorySignatures,
  stateAttestation,
  stateSignature,
} from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import { renderProof } from '../../../src/cli/render/proof.ts';
import { plain } from '../../../src/cli/terminal.ts';
import { type Asked, exitOfProof, type Proof, verifyImage } from '../../../src/cli/verify-image.ts';
import type { EnvironmentRules } from '../../../src/domain/rulebook.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { GOOD, read } from '../config/written.ts';
import { github, V1 } from '../policy/proofs/provenances.ts';

const IMAGE_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const config = read(
  GOOD.replace(
    'lockImages: true',
    'proofs: { provenance: { by: [signatures], sources: ["https://github.com/org/repo"] } }',
  ),
);
const now = new Date('2026-11-30T12:00:00Z');

async function aPlace(repository = 'https://github.com/org/repo') {
  const hosts = Object.fromEntries(
    Object.values(config.rulebook.environments).map((one) => [one.name, one.registryHost]),
  );
  const registries = createMemoryRegistries({ hosts });
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_TYPE }));
  const digest = registries.push('dev', 'iam', { mediaType: IMAGE_TYPE, manifest, blobs: [], tag: '1.0.0' });
  const { publisher } = registries.registry('dev');
  await publisher.publish('iam', stateSignature(digest, 'build'));
  await publisher.publish('iam', stateAttestation(digest, 'build', V1, github({ repository })));
  const verify = (asked: Partial<Asked> = {}): Promise<Proof> =>
    verifyImage(
      config,
      { image: 'iam:1.0.0', environment: 'production', at: 'dev', now, ...asked },
      {
        registryOf: (name) => Promise.resolve(registries.registry(name).reader),
        signatures: () => Promise.resolve(createMemorySignatures({ signatures: ['build'] })),
      },
    );
  return { registries, digest, verify };
}

describe('sluice verify', () => {
  test('says that everything is proven that an environment wants, of the digest that the tag means', async () => {
    const { digest, verify } = await aPlace();
    const proof = await verify();
    assert.equal(exitOfProof(proof), 0);
    assert.deepEqual(proof.image, { repository: 'iam', digest, tag: '1.0.0' });
    assert.deepEqual(
      proof.verdicts.map(({ rule, answer }) => [rule, answer]),
      [
        ['signatures', 'yes'],
        ['provenance', 'yes'],
      ],
    );
    assert.match(
      renderProof(proof, false, plain),
      /✓ signatures .*signed by build\n.*✓ provenance .*org\/repo.*\nproven: it is what production wants$/,
    );
  });

  test('says which rule refuses it and what to do; explained, with statements, expected and got', async () => {
    const { verify } = await aPlace('https://github.com/evil/repo');
    const proof = await verify();
    assert.equal(exitOfProof(proof), 3);
    const short = renderProof(proof, false, plain);
    assert.match(short, /✗ provenance .*evil\/repo\n +do +build it where/);
    assert.match(short, /not proven: production refuses it for provenance \(--explain: what was expected and got\)$/);
    assert.doesNotMatch(short, /^ +expected/m);
    const long = renderProof(proof, true, plain);
    assert.match(
      long,
      /in +sha256:[0-9a-f]{64}\n +expected +source https:\/\/github.com\/org\/repo\n +got +sha256:[0-9a-f]{12}: built by/,
    );
    assert.match(long, /docs\/errors.md#provenance-refused/);
  });

  test('asks the rules of the environment that is named, wherever the image lies', async () => {
    const { verify } = await aPlace('https://github.com/evil/repo');
    assert.equal((await verify({ environment: 'dev' })).proven, true);
  });

  const written: Readonly<Record<string, (digest: Digest) => Partial<Asked>>> = {
    'a digest': (digest) => ({ image: `iam@${digest}` }),
    'the host of its registry': () => ({ image: 'onestreamdev.azurecr.io/iam:1.0.0' }),
    'a service and a tag': () => ({ image: '1.0.0', service: 'iam' }),
    'a service and a digest': (digest) => ({ image: digest, service: 'iam' }),
  };
  for (const [what, asked] of Object.entries(written))
    test(`takes ${what}`, async () => {
      const { digest, verify } = await aPlace();
      assert.equal((await verify(asked(digest))).image.digest, digest);
    });
  test('looks in the registry that the reference names when nobody says where', async () => {
    const { digest, verify } = await aPlace();
    const { at: _, ...asked } = { at: '', image: 'onestreamdev.azurecr.io/iam:1.0.0' };
    const proof = await verify({ ...asked, at: 'dev' });
    assert.deepEqual([proof.registry, proof.image.digest], ['onestreamdev.azurecr.io', digest]);
  });

  const wrong: Readonly<Record<string, readonly [Partial<Asked>, string]>> = {
    'an image that is not there': [{ image: 'iam:2.0.0' }, 'image-not-found'],
    'an image that is not there yet': [{ at: 'production' }, 'image-not-found'],
    'no tag and no digest': [{ image: 'iam' }, 'reference-malformed'],
    'another registry than the one in which is looked': [{ image: 'evil.test/iam:1.0.0' }, 'reference-malformed'],
    'the registry of another environment': [{ image: '127.0.0.1:16503/iam:1.0.0' }, 'reference-malformed'],
    'another repository than the service has': [{ service: 'iam', image: 'other:1' }, 'reference-malformed'],
    'a misspelt environment': [{ environment: 'prodution' }, 'environment-unknown'],
    'a misspelt place': [{ at: 'dve' }, 'environment-unknown'],
    'a misspelt service': [{ service: 'aim' }, 'service-unknown'],
  };
  for (const [what, [asked, code]] of Object.entries(wrong))
    test(`refuses ${what}: ${code}`, async () => {
      const { verify } = await aPlace();
      await assert.rejects(verify(asked), (error) => (error as { code?: string }).code === code);
    });

  test('that it could not be found out is neither yes nor no', async () => {
    const failure = new PortError('registry-unreachable', 'connection refused', { retry: 'yes' });
    const asked = { image: 'iam:1.0.0', environment: 'production', now };
    const parts = { registryOf: () => Promise.reject(failure), signatures: () => Promise.reject(failure) };
    await assert.rejects(verifyImage(config, asked, parts), failure);
  });

  test('where records of other environments are wanted, an image without one is refused, whoever is known', async () => {
    const production = config.rulebook.environments['production'] as EnvironmentRules;
    const proofs = { signatures: { need: 'any' as const, of: ['signatures'] }, records: [{ of: 'dev' }] };
    const environments = { ...config.rulebook.environments, production: { ...production, proofs } };
    const { registries } = await aPlace();
    const proof = await verifyImage(
      { ...config, rulebook: { ...config.rulebook, environments } },
      { image: 'iam:1.0.0', environment: 'production', at: 'dev', now },
      {
        registryOf: (name) => Promise.resolve(registries.registry(name).reader),
        signatures: () => Promise.resolve(createMemorySignatures({ signatures: ['build'] })),
      },
    );
    assert.deepEqual(
      proof.verdicts.map((one) => [one.rule, one.refusal?.code ?? one.answer]),
      [
        ['signatures', 'yes'],
        ['record of dev', 'record-missing'],
      ],
    );
  });
});
