import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { canonicalJson } from '../../../src/content/canonical-json.ts';
import { openArchive, packArchive } from '../../../src/evidence/archive.ts';
import { EvidenceError } from '../../../src/evidence/evidence-error.ts';
import { checkIndex, nameOf, withIndex } from '../../../src/evidence/evidence-index.ts';
import { INDEX, type Part } from '../../../src/evidence/layout.ts';
import { verifyEvidence } from '../../../src/evidence/verify.ts';
import { altered, aReleaseWithEvidence, type EvidencedRelease } from '../../support/evidence.ts';

let release: EvidencedRelease;
let bytes: Buffer;
before(async () => {
  release = await aReleaseWithEvidence();
  ({ bytes } = await release.evidence());
});

/** `no`, or the code of whatever was thrown: a crash has none. */
async function answerTo(file: Uint8Array): Promise<string | undefined> {
  try {
    return (await verifyEvidence(file, release.trust)).answer;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

const NOES = ['no', 'evidence-unreadable'];

async function isNo(file: Uint8Array, what: string): Promise<void> {
  const answer = await answerTo(file);
  assert.ok(answer !== undefined && NOES.includes(answer), `${what}: ${answer}`);
}

describe('when a file of evidence is not what was exported', () => {
  test('a flipped bit anywhere is found', async () => {
    assert.equal(await answerTo(bytes), 'yes');
    const flips = fc.record({ at: fc.nat({ max: bytes.byteLength - 1 }), bit: fc.nat({ max: 7 }) });
    await fc.assert(
      fc.asyncProperty(flips, ({ at, bit }) => isFoundWith(at, bit)),
      { numRuns: 400 },
    );
  });

  test('a flipped bit in each region is found: each field of each header, each content, each padding, and the end', async () => {
    const regions = [...regionsIn(bytes)];
    const covered = regions.reduce((sum, { from, to }) => sum + to - from, 0);
    assert.equal(covered, bytes.byteLength, 'together they are the whole file');
    const kinds = new Set(regions.map(({ what }) => what));
    assert.deepEqual([...kinds].toSorted(), ['content', 'end', 'header', 'padding']);
    for (const { from, to, what } of regions) {
      const [{ at, bit }] = fc.sample(
        fc.record({ at: fc.nat({ max: to - from - 1 }), bit: fc.nat({ max: 7 }) }),
        1,
      ) as [{ at: number; bit: number }];
      for (const place of new Set([from, from + at, to - 1])) await isFoundWith(place, bit, what);
    }
  });

  test('every single byte of a small archive counts, one bit of it or all of them', async () => {
    const part = (path: string, text: string): Part => ({ path, bytes: Buffer.from(text) });
    const small = withIndex([part('release.json', '{}'), part('histories/release.json', '[1]')], {
      ...{ service: 'iam', version: '1.0.0', without: [] },
    });
    const whole = await packArchive(small);
    for (let at = 0; at < whole.byteLength; at += 1) {
      for (const bits of [1 << (at % 8), 0xff]) {
        const other = Buffer.from(whole);
        other[at] = (other[at] ?? 0) ^ bits;
        const isSame = await openArchive(other)
          .then((parts) => checkIndex(parts).differences.length === 0 && nameOf(parts) === nameOf(small))
          .catch((error: unknown) => {
            assert.ok(error instanceof EvidenceError, String(error));
            return false;
          });
        assert.equal(isSame, false, `bits ${bits} of byte ${at}`);
      }
    }
  });

  test('cut off, continued, doubled or empty it is found', async () => {
    const cuts = fc.nat({ max: bytes.byteLength - 1 });
    await fc.assert(
      fc.asyncProperty(cuts, (at) => isNo(bytes.subarray(0, at), `cut at ${at}`)),
      { numRuns: 100 },
    );
    const tails = fc.uint8Array({ minLength: 1, maxLength: 2_048 });
    await fc.assert(
      fc.asyncProperty(tails, (tail) => isNo(Buffer.concat([bytes, tail]), 'continued')),
      { numRuns: 50 },
    );
    await isNo(Buffer.concat([bytes, bytes]), 'doubled');
    await isNo(Buffer.concat([bytes, Buffer.alloc(1_024)]), 'padded');
  });

  test('parts in another order, twice, or without one another are found', async () => {
    const parts = await openArchive(bytes);
    await isNo(await tarOf([...parts].toReversed()), 'reversed');
    await isNo(await tarOf([...parts, parts[0] as Part]), 'twice');
    for (const { path } of parts)
      await isNo(await packArchive(parts.filter((one) => one.path !== path)), `without ${path}`);
  });

  test('two parts that have changed their places are found', async () => {
    const parts = await openArchive(bytes);
    const places = fc.tuple(fc.nat({ max: parts.length - 1 }), fc.nat({ max: parts.length - 1 }));
    await fc.assert(
      fc.asyncProperty(places, async ([a, b]) => {
        const [one, other] = [parts[a] as Part, parts[b] as Part];
        fc.pre(!Buffer.from(one.bytes).equals(other.bytes));
        const swapped = parts.map((part) => {
          if (part === one) return { path: part.path, bytes: other.bytes };
          return part === other ? { path: part.path, bytes: one.bytes } : part;
        });
        await isNo(await packArchive(swapped), `${one.path} and ${other.path}`);
      }),
      { numRuns: 60 },
    );
  });
});

describe('when a file was made to do harm', () => {
  const entry = (header: object, body = 'x'): Promise<Buffer> =>
    tarWith((archive) => archive.entry({ name: 'index.json', ...header } as never, body));

  test('names that lead elsewhere, links and folders are none of an archive', async () => {
    for (const name of [
      '../index.json',
      '/etc/passwd',
      'blobs/sha256/../../x',
      'index.json/',
      'histories/release.json\u0000x',
    ])
      await isNo(await entry({ name }), name);
    for (const type of ['symlink', 'link', 'directory', 'fifo', 'character-device'])
      await isNo(await entry({ type, linkname: '/etc/passwd', size: 0 }, ''), type);
  });

  test('a size that nobody could keep is not believed', async () => {
    const huge = Buffer.from(await entry({}));
    huge.write('77777777777\0', 124, 'latin1');
    repair(huge);
    await isNo(huge, '8 GiB');
    const base256 = Buffer.from(await entry({}));
    base256.fill(0xff, 124, 136);
    base256[124] = 0x80;
    repair(base256);
    await isNo(base256, 'base 256');
  });

  test('a compressed file, a bomb among them, is not unpacked', async () => {
    await isNo(gzipSync(bytes), 'gzip');
    await isNo(gzipSync(Buffer.alloc(50 * 1024 * 1024)), 'bomb');
  });

  test('whatever JSON stands in a part with a good index over it, it is an answer and no crash', async () => {
    const parts = (await openArchive(bytes)).filter((one) => one.path.endsWith('.json') && one.path !== INDEX);
    const place = fc.record({
      part: fc.nat({ max: parts.length - 1 }),
      node: fc.nat(),
      value: fc.jsonValue({ maxDepth: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(place, async ({ part, node, value }) => {
        const { path } = parts[part] as Part;
        const file = await altered(bytes, (all) =>
          all.map((one) => (one.path === path ? { path, bytes: Buffer.from(withOther(one.bytes, node, value)) } : one)),
        );
        // what no promotion rests on may be another one: the histories are signed by nobody
        const answer = await answerTo(file);
        assert.ok(answer === 'yes' || NOES.includes(answer ?? ''), `${path}: ${answer}`);
        if (!path.startsWith('histories/')) assert.ok(answer !== 'yes' || isSame(file), `${path}: ${answer}`);
      }),
      { numRuns: 300 },
    );
  });

  test('whatever it is, it is a no and no crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4_096 }), (noise) => isNo(noise, 'noise')),
      { numRuns: 100 },
    );
  });
});

/** The same JSON with another value in one of its places. */
function withOther(json: Uint8Array, node: number, value: unknown): string {
  const root: unknown = JSON.parse(Buffer.from(json).toString('utf8'));
  const places: [Record<string, unknown>, string][] = [];
  const walk = (at: unknown): void => {
    if (typeof at !== 'object' || at === null) return;
    for (const key of Object.keys(at)) {
      places.push([at as Record<string, unknown>, key]);
      walk((at as Record<string, unknown>)[key]);
    }
  };
  walk(root);
  const [parent, key] = places[node % places.length] ?? [];
  if (parent === undefined || key === undefined) return canonicalJson(value);
  parent[key] = value;
  return canonicalJson(root);
}

function isSame(file: Uint8Array): boolean {
  return bytes.equals(file);
}

async function isFoundWith(at: number, bit: number, what = 'anywhere'): Promise<void> {
  const other = Buffer.from(bytes);
  other[at] = (other[at] ?? 0) ^ (1 << bit);
  await isNo(other, `bit ${bit} of byte ${at}, ${what}`);
}

interface Region {
  readonly from: number;
  /** The first byte after it. */
  readonly to: number;
  readonly what: 'header' | 'content' | 'padding' | 'end';
}

/** Fields of a header (POSIX ustar): name, mode, owner, group, size, time, checksum, type, link, magic, version, names, devices, prefix, and what fills it. */
const FIELDS = [0, 100, 108, 116, 124, 136, 148, 156, 157, 257, 263, 265, 297, 329, 337, 345, 500, 512] as const;

function* regionsIn(tar: Buffer): Generator<Region> {
  let at = 0;
  while (at < tar.byteLength && tar[at] !== 0) {
    for (const [number, field] of FIELDS.slice(0, -1).entries())
      yield { from: at + field, to: at + (FIELDS[number + 1] ?? 512), what: 'header' };
    const content = at + 512 + Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    const next = at + 512 + Math.ceil((content - at - 512) / 512) * 512;
    if (content > at + 512) yield { from: at + 512, to: content, what: 'content' };
    if (next > content) yield { from: content, to: next, what: 'padding' };
    at = next;
  }
  yield { from: at, to: tar.byteLength, what: 'end' };
}

/** Writes the checksum anew, as whoever altered the header would. */
function repair(tar: Buffer): void {
  tar.fill(0x20, 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

/** In the order that is given, without a look at anything. */
function tarOf(parts: readonly Part[]): Promise<Buffer> {
  return tarWith((archive) => {
    for (const { path, bytes: body } of parts)
      archive.entry({ name: path, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) }, Buffer.from(body));
  });
}

async function tarWith(fill: (archive: ReturnType<typeof pack>) => void): Promise<Buffer> {
  const archive = pack();
  fill(archive);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
