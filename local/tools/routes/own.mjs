/** Route 1: what the user names by a variable, or has on PATH in a version that fits. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { onPath } from '../place.mjs';
import { runCommand } from '../run-command.mjs';

const ANSWER_MS = 10_000;

/** Links the program on PATH into `draft` and says where it is; undefined when there is none that fits. */
export async function fromPath(tool, pin, draft, env = process.env) {
  if (pin.versionArguments === undefined) return undefined;
  const path = onPath(tool, env);
  if (path === undefined || !(await fits(path, pin))) return undefined;
  symlinkSync(path, join(draft, 'bin', tool));
  return `${path}, found on PATH`;
}

/** Same major version, and not older than the pinned one. */
export async function fits(path, pin) {
  try {
    const output = await runCommand(path, pin.versionArguments, { timeoutMs: ANSWER_MS });
    return isAtLeast(/(\d+)\.(\d+)\.(\d+)/.exec(output)?.[0], pin.version);
  } catch {
    return false;
  }
}

export function isAtLeast(got, wanted) {
  if (got === undefined) return false;
  const [a, b] = [got, wanted].map((version) => version.split('.').map(Number));
  if (a[0] !== b[0]) return false;
  return a[1] !== b[1] ? a[1] > b[1] : a[2] >= b[2];
}
