/** What refers to an image travels with it: on the wire of two registries, with the production adapter. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { digestOf } from '../../../src/content/digest-of.ts';
import { hexOf } from '../../../src/domain/digest.ts';
import { isFailure, run } from '../../support/activity-runs.ts';
import { OCI_INDEX, sampleImage, type SampleImage, sampleIndex } from '../../ports/registry/subject.ts';
import { mustArrive, mustBeEqual, REPOSITORY, startTravel, type Travel } from './travel.ts';

/** Manifests that staging's registry was asked for by digest, in order. */
function fetchedIn(dir: string): readonly (string | undefined)[] {
  const lines = readFileSync(join(dir, 'access.jsonl'), 'utf8').trimEnd().split('\n');
  const asked = lines.map((line) => JSON.parse(line) as { registry: string; method: string; path: string });
  const there = asked.filter(({ registry, method }) => registry === 'onestreamstaging' && method === 'GET');
  return there.flatMap(({ path }) => /^\/v2\/.*\/manifests\/(sha256:.*)$/.exec(path)?.slice(1) ?? []);
}

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

  test('travels with every tag by which tools find it, and each means the same at both ends', async () => {
    const image = sampleImage('tagged');
    const release = await travel.release(image);
    const name = `sha256-${hexOf(image.manifestDigest)}`;
    const tagged = new Map<string, SampleImage>(
      ['.sig', '.att', '.sbom'].map((form) => [`${name}${form}`, sampleImage(form, { layers: 1 })]),
    );
    tagged.set(name, indexOf([await travel.refer(image, 'listed')]));
    for (const [tag, one] of tagged) await travel.emulated.push(REPOSITORY, one, tag);
    await mustArrive(travel.staging, await release.enter());
    for (const [tag, one] of tagged)
      assert.equal((await travel.there.manifest(REPOSITORY, { tag }))?.digest, one.manifestDigest, tag);
    await mustBeEqual(travel, [...tagged.values()]);
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

  test('is looked for at the other end once each, when it has been brought, and is locked without being fetched again', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-travel-'));
    const logged = await startTravel({ dir, accessLog: true });
    try {
      const image = sampleImage('looked for');
      const release = await logged.release(image);
      const notes = await Promise.all([1, 2, 3, 4].map((one) => logged.refer(image, `note ${one}`)));
      const request = await release.enter();
      for (const name of ['importImage', 'verifyDigest'] as const) await run(logged.staging, name, request);
      const fetchedDuring = async (step: 'copySignatures' | 'lockImage') => {
        const before = fetchedIn(dir).length;
        assert.ok((await run(logged.staging, step, request)).ok);
        return fetchedIn(dir).slice(before).toSorted();
      };
      const beside = [...notes, release.manifests, release.signature].map((one) => one.manifestDigest);
      assert.deepEqual(await fetchedDuring('copySignatures'), beside.toSorted());
      assert.deepEqual(await fetchedDuring('lockImage'), [image.manifestDigest]);
    } finally {
      await logged.close();
      rmSync(dir, { recursive: true, force: true });
    }
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

  test('travels whole where a worker died in between: nothing is asked for twice that has arrived', async () => {
    const image = sampleImage('dies');
    const release = await travel.release(image);
    const notes = await Promise.all([1, 2, 3, 4].map((one) => travel.refer(image, `note ${one}`)));
    const request = await release.enter();
    for (const name of ['importImage', 'verifyDigest'] as const)
      assert.ok((await run(travel.staging, name, request)).ok);
    const before = accepted();
    // accepted, and the answer is lost
    const fault = { fault: 'status', status: 500, when: 'after', times: 2 } as const;
    travel.emulated.emulator.faults.set({ ...fault, match: { registry: 'arm', method: 'POST', path: 'importImage' } });
    await assert.rejects(run(travel.staging, 'copySignatures', request), isFailure('registry-failing', false));
    const answer = await run(travel.staging, 'copySignatures', request);
    assert.ok(answer.ok, JSON.stringify(answer));
    await mustBeEqual(travel, notes);
    assert.ok(accepted() - before <= notes.length + 2 + 2, `${accepted() - before} imports`);
  });
});

describe('an index of more manifests than one import takes', () => {
  test('travels with its manifests first, none of which is asked for twice', async () => {
    const children = Array.from({ length: 60 }, (_, at) => sampleImage(`platform ${at}`, { layers: 1 }));
    const index = indexOf(children);
    const release = await travel.release(index);
    const note = await travel.refer(children[59] as SampleImage, 'about the last');
    const request = await release.enter();
    await mustArrive(travel.staging, request);
    await mustBeEqual(travel, [index, ...children, note]);
    const ended = travel.emulated.emulator.effects().map(({ effect }) => effect);
    assert.equal(ended.filter((effect) => effect === 'import-failed').length, 0);
    assert.equal(accepted(), 60 + 1 + 3, 'manifests, index, signature, manifests of the service, note');
    await mustArrive(travel.staging, request);
    assert.equal(accepted(), 64);
  });
});

function indexOf(children: readonly SampleImage[]): SampleImage {
  const manifests = children.map((one) => ({
    mediaType: one.mediaType,
    digest: one.manifestDigest,
    size: one.manifest.length,
  }));
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
  return { mediaType: OCI_INDEX, manifest, manifestDigest: digestOf(manifest), blobs: [], children };
}
