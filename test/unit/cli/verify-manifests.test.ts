/** `sluice verify --manifests`: what a promotion asks of the manifests, asked without one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryRegistries } from '../../../src/adapters/registry/memory/create-memory-registries.ts';
import { createMemorySignatures, stateSignature } from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import { renderProof } from '../../../src/cli/render/proof.ts';
import { plain } from '../../../src/cli/terminal.ts';
import { exitOfProof, type Proof, verifyImage } from '../../../src/cli/verify-image.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { packManifests } from '../../../src/manifests/artefact.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { Signatures } from '../../../src/ports/signatures.ts';
import { YAML } from '../../support/memory-world.ts';
import { GOOD, read } from '../config/written.ts';

const IMAGE_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const WANTED = read(GOOD.replace('lockImages: true', 'proofs: { manifests: { any: [signatures] } }'));
const FREE = read(GOOD);
const SIDECAR = YAML.replace(
  'containers: [{',
  `initContainers: [{ name: i, image: "docker.io/evil@sha256:${'a'.repeat(64)}" }]\n      containers: [{`,
);

async function aPlace() {
  const hosts = Object.fromEntries(
    Object.values(FREE.rulebook.environments).map((one) => [one.name, one.registryHost]),
  );
  const registries = createMemoryRegistries({ hosts });
  const { reader, publisher } = registries.registry('dev');
  const pushed = async (seed: string): Promise<Digest> => {
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_TYPE, annotations: { seed } }));
    const digest = registries.push('dev', 'iam', { mediaType: IMAGE_TYPE, manifest, blobs: [] });
    await publisher.publish('iam', stateSignature(digest, 'build'));
    return digest;
  };
  const image = await pushed('one');
  const publish = async (yaml = YAML, of = image, by: string | null = 'build'): Promise<Digest> => {
    const files = [{ path: 'production/iam.yaml', bytes: Buffer.from(yaml) }];
    const packed = await packManifests(files, { digest: of, mediaType: IMAGE_TYPE, size: 2 });
    await publisher.publish('iam', packed);
    if (by !== null) await publisher.publish('iam', stateSignature(packed.manifestDigest, by));
    return packed.manifestDigest;
  };
  const verify = (manifests?: string, config = WANTED, over: Partial<Signatures> = {}): Promise<Proof> =>
    verifyImage(
      config,
      {
        ...{ image: `iam@${image}`, environment: 'production', at: 'dev', now: new Date() },
        ...(manifests === undefined ? {} : { manifests }),
      },
      {
        registryOf: () => Promise.resolve(reader),
        signatures: () => Promise.resolve({ ...createMemorySignatures({ signatures: ['build'] }), ...over }),
      },
    );
  return { image, pushed, publish, verify };
}

const answersOf = ({ verdicts }: Proof) => verdicts.map((one) => [one.rule, one.refusal?.code ?? one.answer]);

describe('when the manifests are asked about with the image', () => {
  test('those that are signed as the environment wants are proven, with the signature on which it rests', async () => {
    const { publish, verify } = await aPlace();
    const proof = await verify(await publish());
    assert.deepEqual(answersOf(proof), [
      ['signatures', 'yes'],
      ['manifests', 'yes'],
    ]);
    assert.equal(proof.verdicts[1]?.statements.length, 1);
    assert.equal(exitOfProof(proof), 0);
  });

  for (const [by, code] of [
    [null, 'manifests-unsigned'],
    ['mallory', 'manifests-untrusted'],
  ] as const)
    test(`those that ${by ?? 'nobody'} has signed are not: ${code}`, async () => {
      const { image, publish, verify } = await aPlace();
      const proof = await verify(await publish(YAML, image, by));
      assert.deepEqual(answersOf(proof).at(-1), ['manifests', code]);
      assert.equal(exitOfProof(proof), 3);
      assert.match(renderProof(proof, false, plain), /not proven: production refuses it for manifests \(--explain: /);
    });

  test('those of another image are not, however well they are signed', async () => {
    const { pushed, publish, verify } = await aPlace();
    const proof = await verify(await publish(YAML, await pushed('another')));
    assert.deepEqual(answersOf(proof).at(-1), ['manifests', 'manifests-invalid']);
  });

  test('those that the environment does not take are not, and it is said what to do', async () => {
    const { publish, verify } = await aPlace();
    for (const config of [WANTED, FREE]) {
      const proof = await verify(await publish(SIDECAR), config);
      assert.deepEqual(answersOf(proof).at(-1), ['manifests', 'manifests-not-allowed']);
      assert.match(proof.verdicts.at(-1)?.refusal?.remedy ?? '', /docker\.io\/evil/);
    }
  });

  test('those that are not there are not', async () => {
    const { verify } = await aPlace();
    const proof = await verify(`sha256:${'0'.repeat(64)}`);
    assert.deepEqual(answersOf(proof).at(-1), ['manifests', 'manifests-missing']);
  });

  test('where nobody has to sign them it is asked whether they are taken', async () => {
    const { image, publish, verify } = await aPlace();
    const proof = await verify(await publish(YAML, image, null), FREE);
    assert.deepEqual(answersOf(proof).at(-1), ['manifests', 'yes']);
  });

  test('what cannot be found out is an error, and what is no digest is a mistake', async () => {
    const { image, publish, verify } = await aPlace();
    const manifests = await publish();
    const gone = new PortError('signer-unreachable', 'no answer', { retry: 'yes' });
    const { verify: real } = createMemorySignatures({ signatures: ['build'] });
    const over: Partial<Signatures> = {
      verify: (registry, asked, wanted) =>
        asked.digest === image ? real(registry, asked, wanted) : Promise.reject(gone),
    };
    await assert.rejects(verify(manifests, WANTED, over), gone);
    await assert.rejects(verify('latest'), { code: 'digest-malformed' });
  });
});

describe('when nobody says which manifests', () => {
  test('an environment that wants them signed says that they are not in the answer', async () => {
    const { publish, verify } = await aPlace();
    await publish();
    const proof = await verify();
    assert.deepEqual(answersOf(proof), [['signatures', 'yes']]);
    assert.deepEqual(proof.unasked, ['manifests']);
    assert.match(renderProof(proof, false, plain), /\? manifests have to be signed as well: .*--manifests sha256:/);
    assert.equal((await verify(undefined, FREE)).unasked, undefined);
  });
});
