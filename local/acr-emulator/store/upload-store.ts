/** Blob uploads in progress: one file each, appended to; they outlive a restart. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { join } from 'node:path';
import { algorithmOf } from './digests.ts';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export class UploadStore {
  readonly #root: string;
  /** Uploads that a request is writing to: a second writer would mix their bytes. */
  readonly #busy = new Set<string>();

  constructor(root: string) {
    this.#root = root;
    mkdirSync(root, { recursive: true });
  }

  create(): string {
    const id = randomUUID();
    writeFileSync(join(this.#root, id), '', { mode: 0o600 });
    return id;
  }

  /** Undefined for what is no upload. */
  path(id: string): string | undefined {
    if (!ID.test(id)) return undefined;
    const path = join(this.#root, id);
    return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : path;
  }

  size(id: string): number {
    return statSync(join(this.#root, id)).size;
  }

  isBusy(id: string): boolean {
    return this.#busy.has(id);
  }

  async append(id: string, body: Readable): Promise<void> {
    this.#busy.add(id);
    try {
      await pipeline(body, createWriteStream(join(this.#root, id), { flags: 'a' }));
    } finally {
      this.#busy.delete(id);
    }
  }

  /** The digest of what has been uploaded, by the algorithm of the expected one. */
  async digest(id: string, expected: string): Promise<string> {
    const hash = createHash(algorithmOf(expected));
    await pipeline(createReadStream(join(this.#root, id)), hash);
    return `${algorithmOf(expected)}:${hash.digest('hex')}`;
  }

  remove(id: string): void {
    rmSync(join(this.#root, id), { force: true });
  }
}
