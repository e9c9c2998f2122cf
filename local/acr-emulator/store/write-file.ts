/** Files that are either the old or the new version after a SIGKILL at any moment. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';

/** Writes beside the target and renames; readable by the owner only. */
export function writeFileAtomically(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${randomUUID()}.tmp`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
}

/** Reads a JSON file, or undefined when there is none. Throws when it is damaged. */
export function readJson<T>(path: string): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return JSON.parse(text) as T;
}

/** The file's JSON, or the result of `create`, kept for the next start. */
export async function readOrCreateJson<T>(path: string, create: () => T | Promise<T>): Promise<T> {
  const existing = readJson<T>(path);
  if (existing !== undefined) return existing;
  mkdirSync(dirname(path), { recursive: true });
  const created = await create();
  writeFileAtomically(path, `${JSON.stringify(created, undefined, 2)}\n`);
  return created;
}
