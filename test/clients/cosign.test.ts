/** `cosign` signs in both formats and verifies, offline and with a local key. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { COMMON_SIGNER } from '../../src/domain/proof.ts';
import { createCosignSignatures } from '../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { parseDigest } from '../../src/domain/digest.ts';
import { authorsIn } from '../../src/policy/author-policy.ts';
import { resourceId, startProbe, type Probe } from '../integration/acr-emulator/probe.ts';
import { createTestRegistry, type TestRegistry } from '../ports/signatures/test-registry.ts';
import { type ClientProgram, skipWithout } from './program.ts';
import { FORMS, startSigningCosign } from './signing-cosign.ts';

const PROVENANCE = 'https://slsa.dev/provenance/v1';
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

describe('cosign', { skip: skipWithout('cosign') }, () => {
  let probe: Probe;
  let cosign: ClientProgram;
  before(async () => {
    probe = await startProbe();
    cosign = await startSigningCosign(probe, 'cosign');
    cosign.loginAs('build', 'onestreamdev');
  });
  after(async () => {
    cosign.remove();
    await probe.remove();
  });

  async function anImage(content: string): Promise<{ digest: string; reference: string }> {
    const { digest } = await probe.pushImage('iam', undefined, content);
    return { digest, reference: `${probe.loginServer('onestreamdev')}/iam@${digest}` };
  }

  async function referrersOf(registry: string, identity: string, digest: string): Promise<any[]> {
    const token = await probe.token(identity, registry, 'repository:iam:pull');
    return (await probe.ask(registry, 'GET', `/v2/iam/referrers/${digest}`, { token })).json().manifests;
  }

  const VERIFY = ['verify', '--key', 'cosign.pub', '--insecure-ignore-tlog'];

  test('keeps a bundle as a referrer, without a fallback tag, and verifies it', async () => {
    const { digest, reference } = await anImage('bundle');
    assert.notEqual((await cosign.run(...VERIFY, reference)).code, 0);
    await cosign.output('sign', '--key', 'cosign.key', ...FORMS.bundle, '--yes', reference);
    await cosign.output(...VERIFY, reference);
    const referrers = await referrersOf('onestreamdev', 'build', digest);
    assert.deepEqual(
      referrers.map(({ artifactType }) => artifactType),
      [BUNDLE],
    );
    const tags = probe.emulator.effects().filter((e) => e.effect === 'tag-put' && e.tag?.includes(digest.slice(7)));
    assert.deepEqual(tags, []);
  });

  test('keeps a legacy signature under a tag, and verifies it', async () => {
    const { digest, reference } = await anImage('legacy');
    await cosign.output('sign', '--key', 'cosign.key', ...FORMS.legacy, '--yes', reference);
    await cosign.output(...VERIFY, '--new-bundle-format=false', reference);
    const tag = `${digest.replace(':', '-')}.sig`;
    assert.ok(probe.emulator.effects().some((e) => e.effect === 'tag-put' && e.tag === tag));
    assert.deepEqual(await referrersOf('onestreamdev', 'build', digest), []);
  });

  test('verifies after an import only when the signature was imported by its own digest', async () => {
    const { digest, reference } = await anImage('travels');
    await cosign.output('sign', '--key', 'cosign.key', ...FORMS.bundle, '--yes', reference);
    assert.equal((await probe.importToStaging('iam', digest, { targetTags: ['iam:1'] })).status, 200);
    cosign.loginAs('kubelet-staging', 'onestreamstaging');
    const copy = `${probe.loginServer('onestreamstaging')}/iam@${digest}`;
    assert.notEqual((await cosign.run(...VERIFY, copy)).code, 0);

    const [signature] = await referrersOf('onestreamdev', 'build', digest);
    const moved = await probe.importToStaging('iam', signature.digest, { untaggedTargetRepositories: ['iam'] });
    assert.equal(moved.status, 200, `import of ${resourceId('onestreamdev')} ${signature.digest}`);
    await cosign.output(...VERIFY, copy);
    cosign.loginAs('build', 'onestreamdev');
  });

  test('does not verify with another key, nor for another image', async () => {
    const { reference } = await anImage('signed');
    const other = await anImage('not signed');
    await cosign.output('sign', '--key', 'cosign.key', ...FORMS.bundle, '--yes', reference);
    await cosign.output('generate-key-pair', '--output-key-prefix', 'other');
    const wrongKey = ['verify', '--key', 'other.pub', '--insecure-ignore-tlog', reference];
    assert.notEqual((await cosign.run(...wrongKey)).code, 0);
    assert.notEqual((await cosign.run(...VERIFY, other.reference)).code, 0);
    await cosign.output(...VERIFY, reference);
  });

  test('attaches an attestation beside the signature', async () => {
    const { digest, reference } = await anImage('attested');
    await cosign.output(
      'attest',
      '--key',
      'cosign.key',
      ...FORMS.bundle,
      '--yes',
      '--type',
      'custom',
      '--predicate',
      'signing-config.json',
      reference,
    );
    const verify = [
      'verify-attestation',
      '--key',
      'cosign.pub',
      '--insecure-ignore-tlog',
      '--type',
      'custom',
      reference,
    ];
    await cosign.output(...verify);
    assert.equal((await referrersOf('onestreamdev', 'build', digest)).length, 1);
  });

  test('attests who made an image, and Sluice hears the trusted one of two', async () => {
    const { digest, reference } = await anImage('made by somebody');
    await cosign.output('generate-key-pair', '--output-key-prefix', 'stranger');
    for (const [key, actor] of Object.entries({ cosign: 'ada', stranger: 'eve' })) {
      const predicate = {
        buildDefinition: { buildType: 'https://example.test/b', internalParameters: { actor } },
        runDetails: { builder: { id: 'https://example.test/builder' } },
      };
      writeFileSync(join(cosign.home, 'provenance.json'), JSON.stringify(predicate));
      const what = ['--type', 'slsaprovenance1', '--predicate', 'provenance.json'];
      await cosign.output('attest', '--key', `${key}.key`, ...FORMS.bundle, '--yes', ...what, reference);
    }
    const registry = createTestRegistry();
    await copyInto(registry, digest);
    const pem = readFileSync(join(cosign.home, 'cosign.pub'), 'utf8');
    const found = await createCosignSignatures({
      [COMMON_SIGNER]: [{ kind: 'key', file: 'cosign.pub', pem }],
    }).attestations(registry.reader, { repository: 'iam', digest: parseDigest(digest) }, [PROVENANCE]);
    const claims = [{ predicateType: PROVENANCE, at: ['/buildDefinition/internalParameters/actor'] }];
    assert.deepEqual(authorsIn(claims, found), ['ada']);
  });

  /** The image and all that refers to it, as the emulator serves them. */
  async function copyInto(registry: TestRegistry, digest: string): Promise<void> {
    const token = await probe.token('build', 'onestreamdev', 'repository:iam:pull');
    const get = (path: string) => probe.ask('onestreamdev', 'GET', `/v2/iam/${path}`, { token });
    registry.push({ manifest: (await get(`manifests/${digest}`)).bytes, blobs: [] });
    for (const referrer of await referrersOf('onestreamdev', 'build', digest)) {
      const manifest = await get(`manifests/${referrer.digest}`);
      const layers: readonly { digest: string }[] = manifest.json().layers;
      const blobs = await Promise.all(layers.map((layer) => get(`blobs/${layer.digest}`)));
      registry.push({ manifest: manifest.bytes, blobs: blobs.map((one) => one.bytes) });
    }
  }
});
