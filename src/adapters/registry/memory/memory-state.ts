/** What in-memory registries hold, and how it survives a killed process: one JSON file, replaced whole. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Digest } from '../../../domain/digest.ts';
import type { LockState } from '../../../ports/image-locks.ts';
import type { ImportRequest } from '../../../ports/registry-importer.ts';

export interface MemoryManifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  lock: LockState;
}

export interface MemoryTag {
  readonly digest: Digest;
  lock: LockState;
}

export interface MemoryRepository {
  readonly manifests: Map<Digest, MemoryManifest>;
  readonly blobs: Map<Digest, Uint8Array>;
  readonly tags: Map<string, MemoryTag>;
  /** Manifests by the manifest that they refer to. */
  readonly referrers: Map<Digest, Digest[]>;
}

export type ImportEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'tag-conflict'; readonly meaning: Digest };

/** An import that was accepted: it ends by itself at `dueAt`, whether or not somebody waits. */
export interface MemoryOperation {
  readonly target: string;
  readonly request: ImportRequest;
  /** Milliseconds since the epoch; null: never. */
  readonly dueAt: number | null;
  readonly begunAt: number;
  readonly outcome: 'copies' | 'fails' | 'lies';
  end?: ImportEnd;
}

/** Something that changed a registry; the words are those of the emulator's log. */
export interface MemoryEffect {
  readonly effect:
    | 'manifest-put'
    | 'tag-put'
    | 'manifest-deleted'
    | 'tag-deleted'
    | 'attributes-changed'
    | 'import-accepted'
    | 'import-completed'
    | 'import-failed';
  readonly environment: string;
  readonly repository: string;
  readonly digest: Digest;
  readonly tag?: string;
  /** Number of the import. */
  readonly operation?: number;
}

export interface MemoryState {
  readonly registries: Map<string, Map<string, MemoryRepository>>;
  readonly operations: MemoryOperation[];
  readonly effects: MemoryEffect[];
}

export const UNLOCKED: LockState = { deletable: true, writable: true };

export function emptyState(): MemoryState {
  return { registries: new Map(), operations: [], effects: [] };
}

/** Reads what {@link saveState} wrote; an empty state where there is no file. Throws on a file that is something else. */
export function loadState(file: string): MemoryState {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return emptyState();
    throw error;
  }
  return JSON.parse(text, revive) as MemoryState;
}

/** Replaces the file in one step, so that a process killed in between leaves the old one. */
export function saveState(file: string, state: MemoryState): void {
  const half = `${file}.${process.pid}.part`;
  writeFileSync(half, JSON.stringify(state, replace), { mode: 0o600 });
  renameSync(half, file);
}

/** `toJSON` of a Buffer runs before the replacer, so the value is taken from its holder. */
function replace(this: unknown, key: string, value: unknown): unknown {
  const raw: unknown = (this as Readonly<Record<string, unknown>>)[key];
  if (raw instanceof Map) return { $map: [...(raw as Map<unknown, unknown>)] };
  if (raw instanceof Uint8Array) return { $bytes: Buffer.from(raw).toString('base64') };
  return value;
}

function revive(_key: string, value: unknown): unknown {
  const { $map, $bytes } = (value ?? {}) as { readonly $map?: [unknown, unknown][]; readonly $bytes?: string };
  if ($map !== undefined) return new Map($map);
  return $bytes === undefined ? value : new Uint8Array(Buffer.from($bytes, 'base64'));
}
