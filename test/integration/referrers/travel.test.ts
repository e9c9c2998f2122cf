/** What refers to an image travels with it: on the wire of two registries, with the production adapter. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { run } from '../../support/activity-runs.ts';
import { sampleImage, sampleIndex } from '../../ports/registry/subject.ts';
import { mustArrive, mustBeEqual, REPOSITORY, startTravel, type Travel } from './travel.ts';

let travel: Travel;
beforeEach(async () => {
  travel = await startTravel();
});
afterEach(() => travel.close());

const accepted = (): number =>
  travel.emulated.emulator.effects().filter(({ effect }) => effect === 'import-accepted').length;

describe('what refers to an image', () => {
  test('travels with it, and what refers to that, and is the same at both ends', async () => {
    const image = sampleImage('image');
    const release = await travel.release(image);
    const sbom = await travel.refer(image, 'sbom');
    const signature = await travel.refer(sbom, 'signature of the sbom');
    const countersigned = await travel.refer(signature, 'signature of the signature');
    await mustArrive(travel.staging, await release.enter());
    const all = [image, release.manifests, release.signature, sbom, signature, countersigned];
    await mustBeEqual(travel, all);
    const listed = await travel.there.referrers(REPOSITORY, sbom.manifestDigest);
    assert.deepEqual(
      listed.map(({ digest }) => digest),
      [signature.manifestDigest],
    );
  });

  test('travels for the manifests of an index as well', async () => {
    const index = sampleIndex('both');
    const release = await travel.release(index);
    const [first] = index.children as [typeof index, typeof index];
    const note = await travel.refer(first, 'about one platform');
    await mustArrive(travel.staging, await release.enter());
    await mustBeEqual(travel, [index, ...index.children, note, release.signature]);
  });

  test('is asked for once, however often the step runs', async () => {
    const image = sampleImage('once');
    const release = await travel.release(image);
    await travel.refer(image, 'a note');
    const request = await release.enter();
    await mustArrive(travel.staging, request);
    const asked = accepted();
    await mustArrive(travel.staging, request);
    assert.equal(asked, 4, 'image, manifests, signature, note');
    assert.equal(accepted(), asked);
  });

  test('is in the answer by number and by one digest, which says the same each time', async () => {
    const image = sampleImage('evidence');
    const release = await travel.release(image);
    const request = await release.enter();
    await mustArrive(travel.staging, request);
    const before = await run(travel.staging, 'copySignatures', request);
    await travel.refer(image, 'one more');
    const after = await run(travel.staging, 'copySignatures', request);
    assert.ok(before.ok && after.ok);
    assert.deepEqual([before.facts['referrers'], after.facts['referrers']], ['2', '3']);
    assert.notEqual(before.facts['graph'], after.facts['graph']);
    const again = await run(travel.staging, 'copySignatures', request);
    assert.equal(again.ok && again.facts['graph'], after.facts['graph']);
  });
});
