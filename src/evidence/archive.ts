/**
 * Evidence as one file: an uncompressed tar in exactly one spelling. What is read is packed again and compared, so that there is no byte
 * of the file (name, mode, time, padding, end) that could be another one, and nothing is unpacked into more than it is.
 */
import { extract, pack } from 'tar-stream';
import { unreadable } from './evidence-error.ts';
import { LARGEST_ARCHIVE, mediaTypeAt, MOST_PARTS, type Part } from './layout.ts';

/** The same parts give the same bytes, in whatever order they come. */
export async function packArchive(parts: readonly Part[]): Promise<Buffer> {
  const archive = pack();
  for (const { path, bytes } of sorted(parts)) {
    const header = { name: path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) } as const;
    archive.entry(header, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
  archive.finalize();
  return bytesOf(archive);
}

/** Sorted by path. Throws `evidence-unreadable` for anything but what {@link packArchive} writes. */
export async function openArchive(bytes: Uint8Array): Promise<readonly Part[]> {
  if (bytes.byteLength > LARGEST_ARCHIVE)
    throw unreadable(`it is larger than any evidence: more than ${LARGEST_ARCHIVE} bytes`, `${bytes.byteLength} bytes`);
  const parts = await readTar(bytes);
  const paths = parts.map((part) => part.path);
  const seen = new Set<string>();
  const double = paths.find((path) => seen.size === seen.add(path).size);
  if (double !== undefined) throw unreadable('two parts of the archive have one name', printable(double));
  if (!(await packArchive(parts)).equals(bytes))
    throw unreadable('it is not spelt as an export spells it: something was changed, added or put in another order');
  return parts;
}

async function readTar(bytes: Uint8Array): Promise<readonly Part[]> {
  const parts: Part[] = [];
  const archive = extract();
  archive.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  try {
    for await (const entry of archive) {
      const { name, type } = entry.header;
      if (type !== 'file') throw unreadable('it holds something that is no file', `${printable(name)}: ${type}`);
      if (mediaTypeAt(name) === undefined) throw unreadable('it holds what belongs to no evidence', printable(name));
      if (parts.length >= MOST_PARTS) throw unreadable(`it holds more than ${MOST_PARTS} parts`);
      parts.push({ path: name, bytes: await bytesOf(entry) });
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'EvidenceError') throw error;
    throw unreadable('it is no whole tar archive', error instanceof Error ? error.message : String(error));
  }
  if (parts.length === 0) throw unreadable('there is nothing in it');
  return parts;
}

function sorted(parts: readonly Part[]): readonly Part[] {
  return parts.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Bounded by the file that it comes from. */
async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function printable(name: string): string {
  return JSON.stringify(name.slice(0, 200));
}
