/** One registry's content on disk, by digest: `blobs/<algorithm>/<hex>`. Presence means complete and checked. */
import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { writeFileAtomically } from './write-file.ts';
import { digestOf } from './digests.ts';

export class BlobStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    mkdirSync(join(root, 'sha256'), { recursive: true });
    mkdirSync(join(root, 'sha512'), { recursive: true });
  }

  path(digest: string): string {
    const [algorithm, hex] = digest.split(':');
    return join(this.#root, algorithm as string, hex as string);
  }

  /** Bytes, or undefined when the content is not here. */
  size(digest: string): number | undefined {
    return statSync(this.path(digest), { throwIfNoEntry: false })?.size;
  }

  has(digest: string): boolean {
    return existsSync(this.path(digest));
  }

  read(digest: string): Buffer {
    return readFileSync(this.path(digest));
  }

  write(bytes: Uint8Array, digest: string = digestOf(bytes)): string {
    if (!this.has(digest)) writeFileAtomically(this.path(digest), bytes);
    return digest;
  }

  /** Takes a finished file whose content the caller has hashed. */
  adopt(file: string, digest: string): void {
    renameSync(file, this.path(digest));
  }

  /** The other registry's content, as a second name of the same file where the file system can. */
  copyFrom(source: BlobStore, digest: string): void {
    if (this.has(digest)) return;
    const temporary = `${this.path(digest)}.${randomUUID()}.tmp`;
    try {
      linkSync(source.path(digest), temporary);
    } catch {
      copyFileSync(source.path(digest), temporary);
    }
    renameSync(temporary, this.path(digest));
  }

  remove(digest: string): void {
    rmSync(this.path(digest), { force: true });
  }
}
