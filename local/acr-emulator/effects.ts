/** The append-only log of everything that changed a registry, for tests that prove "each effect exactly once". */
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';

export type EffectKind =
  | 'manifest-put'
  | 'tag-put'
  | 'manifest-deleted'
  | 'tag-deleted'
  | 'repository-deleted'
  | 'blob-deleted'
  | 'attributes-changed'
  | 'import-accepted'
  | 'import-completed'
  | 'import-failed'
  | 'refused';

export interface Effect {
  /** Unique; the same effect found again after a crash has the same id and is not logged twice. */
  readonly id: string;
  /** ISO 8601, milliseconds. */
  readonly time: string;
  /** Name of the identity in the world, or `anonymous`. */
  readonly identity: string;
  readonly registry: string;
  readonly effect: EffectKind;
  readonly repository?: string;
  readonly digest?: string;
  readonly tag?: string;
  /** Operation id of an import. */
  readonly operation?: string;
  /** Source of an import, `registry/repository@digest`. */
  readonly source?: string;
  /** Target tags of an import, `repository:tag`; repositories copied to without tag stand as `repository`. */
  readonly targets?: readonly string[];
  readonly attributes?: Readonly<Record<string, boolean>>;
  /** Of `refused`: what was asked and how it was answered. */
  readonly request?: string;
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
}

/** Keeps `effects.jsonl`. A line cut short by a crash is dropped when the file is opened. */
export class EffectLog {
  readonly #path: string;
  readonly #entries: Effect[];
  readonly #ids: Set<string>;

  constructor(path: string) {
    this.#path = path;
    this.#entries = readLines(path);
    this.#ids = new Set(this.#entries.map((entry) => entry.id));
  }

  entries(): readonly Effect[] {
    return this.#entries;
  }

  /** Appends what is not in the log yet. */
  append(effects: readonly Effect[]): void {
    const fresh = effects.filter((effect) => !this.#ids.has(effect.id));
    if (fresh.length === 0) return;
    appendFileSync(this.#path, fresh.map((effect) => `${JSON.stringify(effect)}\n`).join(''), { mode: 0o600 });
    for (const effect of fresh) {
      this.#entries.push(effect);
      this.#ids.add(effect.id);
    }
  }
}

function readLines(path: string): Effect[] {
  if (!existsSync(path)) return [];
  const content = readFileSync(path);
  const whole = content.subarray(0, content.lastIndexOf(0x0a) + 1);
  if (whole.length < content.length) truncateSync(path, whole.length);
  return whole
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Effect);
}
