/** The real command line as a child process, as a pipeline or a person in another shell would call it. */
import { execFile } from 'node:child_process';
import { checkout } from '../tools/place.mjs';
import { SLUICE } from './workers.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 180_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Any exit code is an answer; rejects when the command could not run, ran too long, or was given up. */
export function runSluice(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { env, signal, timeoutMs = TIMEOUT_MS } = options;
  return new Promise((resolve, reject) => {
    const settings = { cwd: checkout, env, signal, timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES };
    execFile(SLUICE, [...args], settings, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') return resolve({ code, stdout, stderr });
      reject(new Error(`sluice ${args.join(' ')}: ${error?.message}`, { cause: error }));
    });
  });
}
