import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../../src/cli/main.ts', import.meta.url));

/** The command line in a process of its own. */
export function runSluice(args: readonly string[]): Promise<{ readonly out: string; readonly err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { timeout: 120_000 }, (_, out, err) => resolve({ out, err }));
  });
}
