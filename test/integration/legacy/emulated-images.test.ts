/** Images of a real registry: the production adapter reads manifests, indexes and what refers to them over TLS. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { planCleanUp } from '../../../src/cli/legacy-clean-up.ts';
import { type ShownCleanUp, shownCleanUp } from '../../../src/cli/render/legacy.ts';
import { sampleImage, sampleIndex } from '../../ports/registry/subject.ts';
import { type Emulated, startEmulated } from '../registry/emulated.ts';

const OLD = '2026-01-01T00:00:00Z';
const RULES = { now: new Date('2026-12-01T00:00:00Z'), unusedFor: 90 * 86_400_000, wait: 30 * 86_400_000 };

describe('when the images of a real registry are judged', () => {
  const index = sampleIndex('legacy index');
  const alone = sampleImage('legacy alone');
  const signature = sampleImage('legacy signature', { subject: alone, artifactType: 'application/x.signature' });
  let emulated: Emulated;
  let folder: string;
  before(async () => {
    emulated = await startEmulated();
    folder = mkdtempSync(join(tmpdir(), 'legacy-emulated-'));
    await emulated.push('iam', index, 'multi');
    await emulated.push('iam', alone, '1.0.0');
    await emulated.push('iam', signature);
  });
  after(async () => {
    await emulated.close();
    rmSync(folder, { recursive: true });
  });

  async function judged(inUse: string, identity: string): Promise<ShownCleanUp> {
    const { reader } = emulated.acr('dev', identity);
    const images = [index, ...index.children, alone, signature].map((one) => one.manifestDigest);
    const write = (name: string, content: unknown) => {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    };
    write(
      `lists/images/${reader.host}/iam.json`,
      images.map((digest) => ({
        digest,
        imageSize: 1,
        tags: digest === index.manifestDigest ? ['multi'] : null,
        changeableAttributes: { deleteEnabled: true, writeEnabled: true },
      })),
    );
    write(
      'lists/pulls.json',
      images.map((digest) => ({ LoginServer: reader.host, Repository: 'iam', Digest: digest, TimeGenerated: OLD })),
    );
    write('used/deployment.yaml', inUse);
    const places = { lists: join(folder, 'lists'), lookIn: [join(folder, 'used')] };
    return shownCleanUp(await planCleanUp(places, RULES, () => Promise.resolve(reader)));
  }
  const going = (plan: ShownCleanUp) => plan.items.map(({ mayGo }) => mayGo);

  test('an index that a manifest names by its tag keeps both platforms; the rest may go with its signature', async () => {
    const plan = await judged('image: example/iam:multi', 'build');
    assert.deepEqual(going(plan), [false, false, false, true, true]);
    const stored = [alone, signature].flatMap((one) => [
      one.manifest.length,
      ...one.blobs.map(({ bytes }) => bytes.length),
    ]);
    assert.equal(
      plan.saved.bytes,
      stored.reduce((sum, size) => sum + size, 0),
    );
    assert.equal(plan.saved.atMost, false);
  });

  test('an image whose digest runs keeps its signature, and the index goes with its platforms', async () => {
    const plan = await judged(`imageID: example/iam@${alone.manifestDigest}`, 'build');
    assert.deepEqual(going(plan), [true, true, true, false, false]);
  });

  test('an identity that may not read the registry makes nothing go', async () => {
    const plan = await judged('', 'kubelet-production');
    assert.deepEqual(going(plan), [false, false, false, false, false]);
    assert.match(plan.items[0]?.because.join() ?? '', /its registry could not be read/);
  });
});
