/** What the real `cosign` has said about an image in one registry is what it finds in the next one, after a promotion. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createCosignSignatures } from '../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { hexOf } from '../../src/domain/digest.ts';
import { COMMON_SIGNER } from '../../src/domain/proof.ts';
import { Probe } from '../integration/acr-emulator/probe.ts';
import { mustArrive, REPOSITORY, startTravel, type Travel } from '../integration/referrers/travel.ts';
import { sampleImage, type SampleImage, sampleIndex } from '../ports/registry/subject.ts';
import { run } from '../support/activity-runs.ts';
import { type ClientProgram, skipWithout } from './program.ts';
import { FORMS, startSigningCosign } from './signing-cosign.ts';

const SBOM = { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'iam', packages: [] };

describe('after a promotion, cosign', { skip: skipWithout('cosign') }, () => {
  let travel: Travel;
  let cosign: ClientProgram;
  before(async () => {
    let pem = '';
    travel = await startTravel(
      {},
      {
        // the key is made by cosign, which needs the registry's authority
        verify: (...args) => signatures(pem).verify(...args),
        attestations: (...args) => signatures(pem).attestations(...args),
        unheard: (...args) => signatures(pem).unheard(...args),
      },
    );
    cosign = await startSigningCosign(new Probe(travel.emulated.emulator, ''), 'cosign');
    writeFileSync(join(cosign.home, 'sbom.json'), JSON.stringify(SBOM));
    pem = readFileSync(join(cosign.home, 'cosign.pub'), 'utf8');
  });
  after(async () => {
    cosign.remove();
    await travel.close();
  });

  const signatures = (pem: string) =>
    createCosignSignatures({ [COMMON_SIGNER]: [{ kind: 'key', file: 'cosign.pub', pem }] });
  const at = (registry: string, { manifestDigest }: { manifestDigest: string }) =>
    `${travel.emulated.emulator.registries[registry]?.loginServer}/${REPOSITORY}@${manifestDigest}`;
  const sign = (image: SampleImage, how: readonly string[]) =>
    cosign.output('sign', '--key', 'cosign.key', ...how, '--yes', at('onestreamdev', image));
  const attest = (image: SampleImage, how: readonly string[]) => {
    const what = ['--type', 'spdxjson', '--predicate', 'sbom.json'];
    return cosign.output('attest', '--key', 'cosign.key', ...how, ...what, '--yes', at('onestreamdev', image));
  };
  const asBuilder = () => cosign.loginAs('build', 'onestreamdev');
  const asNode = () => cosign.loginAs('kubelet-staging', 'onestreamstaging');
  const verify = (image: { manifestDigest: string }, more: readonly string[] = []) =>
    cosign.output('verify', '--key', 'cosign.pub', '--insecure-ignore-tlog', ...more, at('onestreamstaging', image));
  const verifyAttestation = (image: { manifestDigest: string }, more: readonly string[] = []) => {
    const how = ['--key', 'cosign.pub', '--insecure-ignore-tlog', '--type', 'spdxjson', ...more];
    return cosign.output('verify-attestation', ...how, at('onestreamstaging', image));
  };

  test('verifies signature, SBOM attestation and the signature on the attestation there', async () => {
    const image = sampleImage('bundles');
    const release = await travel.release(image);
    asBuilder();
    await sign(image, FORMS.bundle);
    const before = await travel.dev.referrers(REPOSITORY, image.manifestDigest);
    await attest(image, FORMS.bundle);
    const [sbom] = (await travel.dev.referrers(REPOSITORY, image.manifestDigest)).filter(
      ({ digest }) => !before.some((one) => one.digest === digest),
    );
    assert.ok(sbom !== undefined);
    await cosign.output(
      'sign',
      '--key',
      'cosign.key',
      ...FORMS.bundle,
      '--yes',
      at('onestreamdev', { manifestDigest: sbom.digest }),
    );
    asNode();
    await assert.rejects(verify(image));
    await mustArrive(travel.staging, await release.enter());
    await verify(image);
    assert.match(await verifyAttestation(image), /in-toto/);
    await verify({ manifestDigest: sbom.digest });
  });

  test('verifies what it keeps under tags there, and the tags mean the same at both ends', async () => {
    const image = sampleImage('tags');
    const release = await travel.release(image);
    asBuilder();
    await sign(image, FORMS.legacy);
    await attest(image, FORMS.legacy);
    await mustArrive(travel.staging, await release.enter('2.0.0'));
    asNode();
    await verify(image, ['--new-bundle-format=false']);
    await verifyAttestation(image, ['--new-bundle-format=false']);
    for (const form of ['sig', 'att']) {
      const tag = `sha256-${hexOf(image.manifestDigest)}.${form}`;
      const [here, there] = await Promise.all(
        [travel.dev, travel.there].map((end) => end.manifest(REPOSITORY, { tag })),
      );
      assert.ok(here !== undefined && here.digest === there?.digest, tag);
    }
  });

  test('verifies each platform of an index there', async () => {
    const index = sampleIndex('platforms');
    const release = await travel.release(index);
    asBuilder();
    for (const one of [index, ...index.children]) await sign(one, FORMS.bundle);
    await sign(index.children[0] as SampleImage, FORMS.legacy);
    await mustArrive(travel.staging, await release.enter('3.0.0'));
    asNode();
    for (const one of [index, ...index.children]) await verify(one);
    await verify(index.children[0] as SampleImage, ['--new-bundle-format=false']);
  });

  test('finds nothing any more when the promotion was undone', async () => {
    const image = sampleImage('undone');
    const release = await travel.release(image);
    asBuilder();
    for (const how of [FORMS.bundle, FORMS.legacy]) await sign(image, how);
    const request = await release.enter('4.0.0');
    await mustArrive(travel.staging, request);
    const locked = await run(travel.staging, 'lockImage', request);
    assert.ok(locked.ok, JSON.stringify(locked));
    for (let time = 0; time < 2; time += 1) assert.ok((await run(travel.staging, 'removeImage', request)).ok);
    asNode();
    for (const more of [[], ['--new-bundle-format=false']]) await assert.rejects(verify(image, more));
    assert.deepEqual(await travel.there.referrers(REPOSITORY, image.manifestDigest), []);
    const tag = `sha256-${hexOf(image.manifestDigest)}.sig`;
    assert.equal(await travel.there.manifest(REPOSITORY, { tag }), undefined);
  });
});
