/**
 * Gzip (RFC 1952) that only wraps: stored blocks (RFC 1951, 3.2.4), no compression. What a compressor makes of the same bytes
 * depends on the zlib it was built with (zlib, zlib-ng, Chromium's), and the digest of an artefact must not.
 */
import { crc32 } from 'node:zlib';

const LARGEST_BLOCK = 0xffff;
/** Magic, deflate, no flags, no time, no extra flags, operating system unknown. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

export function storedGzip(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [HEADER];
  for (let at = 0; at === 0 || at < bytes.byteLength; at += LARGEST_BLOCK) {
    const block = bytes.subarray(at, at + LARGEST_BLOCK);
    parts.push(blockHeader(block.byteLength, at + LARGEST_BLOCK >= bytes.byteLength), block);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.byteLength % 2 ** 32, 4);
  return Buffer.concat([...parts, trailer]);
}

function blockHeader(length: number, last: boolean): Uint8Array {
  const header = Buffer.alloc(5);
  header.writeUInt8(last ? 1 : 0, 0);
  header.writeUInt16LE(length, 1);
  header.writeUInt16LE(length ^ LARGEST_BLOCK, 3);
  return header;
}
