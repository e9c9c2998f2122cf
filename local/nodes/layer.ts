/** Looking into a layer: its real content after decompression, and the behaviour file in it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { extract, type Extract } from 'tar-stream';
import { BEHAVIOUR_PATH } from './behaviour.ts';

/** What a layer does to the behaviour file of the layers below it (image-spec, layer.md#whiteouts). */
export type LayerEffect =
  { readonly kind: 'untouched' } | { readonly kind: 'written'; readonly text: string } | { readonly kind: 'removed' };

export interface OpenedLayer {
  /** Hexadecimal SHA-256 of the uncompressed tar: the `diff_id` of the image's configuration. */
  readonly diffHex: string;
  readonly effect: LayerEffect;
}

type Entry = Extract extends AsyncIterable<infer E> ? E : never;

const MAX_BEHAVIOUR_BYTES = 1024 * 1024;
const FOLDER = BEHAVIOUR_PATH.slice(0, BEHAVIOUR_PATH.indexOf('/'));
const FILE = BEHAVIOUR_PATH.slice(FOLDER.length + 1);
const REMOVING = new Set([`.wh.${FOLDER}`, `${FOLDER}/.wh.${FILE}`, `${FOLDER}/.wh..wh..opq`, '.wh..wh..opq']);

/** Reads a layer file to its end; throws when it is no tar, or compressed in another way than its media type says. */
export async function openLayer(file: string, mediaType: string): Promise<OpenedLayer> {
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const tar = extract();
  let effect: LayerEffect = { kind: 'untouched' };
  const reading = (async (): Promise<void> => {
    for await (const entry of tar) effect = (await effectOf(entry)) ?? effect;
  })();
  const decompress = decompressor(mediaType);
  const stages = decompress === undefined ? [hashing, tar] : [decompress, hashing, tar];
  await Promise.all([pipeline([createReadStream(file), ...stages] as never), reading]);
  return { diffHex: hash.digest('hex'), effect };
}

async function effectOf(entry: Entry): Promise<LayerEffect | undefined> {
  const name = entry.header.name.replace(/^\.?\/+/, '');
  if (name === BEHAVIOUR_PATH && entry.header.type === 'file') {
    return { kind: 'written', text: await textOf(entry) };
  }
  entry.resume();
  return REMOVING.has(name) ? { kind: 'removed' } : undefined;
}

async function textOf(source: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += (chunk as Buffer).length;
    if (size > MAX_BEHAVIOUR_BYTES) throw new Error(`${BEHAVIOUR_PATH} has more than ${MAX_BEHAVIOUR_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

function decompressor(mediaType: string): Transform | undefined {
  if (mediaType.endsWith('gzip')) return createGunzip();
  if (mediaType.endsWith('zstd')) return createZstdDecompress();
  return undefined;
}
