/** The layer of a manifest artefact: a tar of the files, gzipped. Packing is deterministic, unpacking trusts nothing. */
import { gunzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { LIMITS, type ManifestFile, ManifestsError, printable, problemsOfFiles } from './manifest-file.ts';
import { storedGzip } from './stored-gzip.ts';

/** Headers, padding and long names on top of the files themselves. */
const LARGEST_TAR = LIMITS.totalSize + (LIMITS.files + 2) * 4096;
/** A registry may hold what others compressed or padded; more than this is not a set of manifests. */
export const LARGEST_LAYER = LARGEST_TAR + 64 * 1024;

export interface PackedLayer {
  readonly tar: Uint8Array;
  readonly gzip: Uint8Array;
}

/** Throws {@link ManifestsError} for files that {@link unpackManifests} would not take back. */
export async function packLayer(files: readonly ManifestFile[]): Promise<PackedLayer> {
  refuse(problemsOfFiles(files));
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const archive = pack();
  for (const { path, bytes } of sorted) {
    archive.entry({ name: path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) }, Buffer.from(bytes));
  }
  archive.finalize();
  const tar = await bytesOf(archive);
  return { tar, gzip: storedGzip(tar) };
}

/**
 * The files of a layer, sorted by path. Throws {@link ManifestsError} (`manifests-invalid`) for anything but plain files and
 * folders below the root, and for more than {@link LIMITS} allow; never unpacks more than that, however well it compresses.
 */
export async function unpackManifests(layerBytes: Uint8Array): Promise<readonly ManifestFile[]> {
  const files = await readTar(gunzip(layerBytes));
  refuse(problemsOfFiles(files));
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function gunzip(layerBytes: Uint8Array): Buffer {
  if (layerBytes.byteLength > LARGEST_LAYER) throw invalid('layer', `larger than ${LARGEST_LAYER} bytes`);
  try {
    return gunzipSync(layerBytes, { maxOutputLength: LARGEST_TAR });
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw invalid('layer', tooLarge ? `unpacks to more than ${LARGEST_TAR} bytes` : 'not a whole gzip stream');
  }
}

async function readTar(tar: Buffer): Promise<ManifestFile[]> {
  const files: ManifestFile[] = [];
  const archive = extract();
  archive.end(tar);
  try {
    for await (const entry of archive) {
      const { name, type } = entry.header;
      if (type === 'directory') {
        entry.resume();
        continue;
      }
      if (type !== 'file')
        throw invalid(printable(name), `expected a file or a folder, got a ${type ?? 'nameless'} entry`);
      files.push({ path: name.replace(/^\.\//, ''), bytes: await bytesOf(entry) });
      if (files.length > LIMITS.files) throw invalid('layer', `more than ${LIMITS.files} files`);
    }
  } catch (error) {
    if (error instanceof ManifestsError) throw error;
    throw invalid('layer', 'not a whole tar archive');
  }
  return files;
}

/** Bounded by the caller: what it reads comes out of a buffer of limited size. */
async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function refuse(problems: ManifestsError['problems']): void {
  if (problems.length > 0) throw new ManifestsError('manifests-invalid', problems);
}

function invalid(where: string, message: string): ManifestsError {
  return new ManifestsError('manifests-invalid', [{ where, message }]);
}
