/** One registry on disk: content, uploads and a file per repository. Changes are synchronous: no two interleave. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Effect, EffectLog } from '../effects.ts';
import { BlobStore } from './blob-store.ts';
import { newRepository, type RepositoryRecord } from './repository-record.ts';
import { UploadStore } from './upload-store.ts';
import { readJson, writeFileAtomically } from './write-file.ts';

export class RegistryStore {
  readonly name: string;
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  /** Folder of the import operations. */
  readonly operations: string;
  readonly #folder: string;
  readonly #log: EffectLog;
  readonly #repositories = new Map<string, RepositoryRecord>();

  /** Reads what the folder holds and logs effects that a crash kept from the log. */
  constructor(name: string, dir: string, log: EffectLog) {
    this.name = name;
    this.#log = log;
    this.#folder = join(dir, 'repositories');
    this.operations = join(dir, 'operations');
    mkdirSync(this.#folder, { recursive: true });
    mkdirSync(this.operations, { recursive: true });
    this.blobs = new BlobStore(join(dir, 'blobs'));
    this.uploads = new UploadStore(join(dir, 'uploads'));
    for (const file of readdirSync(this.#folder)) this.#load(join(this.#folder, file));
  }

  #load(path: string): void {
    if (path.endsWith('.tmp')) {
      rmSync(path, { force: true });
      return;
    }
    const record = readJson<RepositoryRecord>(path);
    if (record === undefined) return;
    this.#repositories.set(record.name, record);
    this.#log.append(record.lastEffects);
  }

  repository(name: string): RepositoryRecord | undefined {
    return this.#repositories.get(name);
  }

  repositories(): RepositoryRecord[] {
    return [...this.#repositories.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Logs what happened without changing the registry, such as a refusal. */
  log(effects: readonly Effect[]): void {
    this.#log.append(effects);
  }

  /**
   * Applies a change to a copy of the repository, stores it together with its effects, then logs them. A change that
   * throws leaves nothing behind.
   */
  change(name: string, apply: (record: RepositoryRecord, now: string) => readonly Effect[]): void {
    const now = new Date().toISOString();
    const record = structuredClone(this.#repositories.get(name) ?? newRepository(name, now));
    const effects = apply(record, now);
    if (effects.length > 0) {
      record.lastUpdateTime = now;
      record.lastEffects = effects;
    }
    writeFileAtomically(join(this.#folder, `${encodeURIComponent(name)}.json`), JSON.stringify(record));
    this.#repositories.set(name, record);
    this.#log.append(effects);
  }
}
