/** The command line as a user runs it: bin/sluice, as a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SLUICE = fileURLToPath(new URL('../../../bin/sluice', import.meta.url));

export interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly program?: string;
  /** Interrupts (Ctrl-C, or as `interruptBy` says) as soon as this stands on stdout. */
  readonly interruptAt?: RegExp;
  readonly interruptBy?: 'SIGINT' | 'SIGTERM';
  /** Nobody reads stdout: it is closed at once. */
  readonly unread?: true;
  /** Told whatever stands on stderr by then, each time that there is more. */
  readonly heard?: (err: string) => void;
}

/** Nothing of the developer's own surroundings gets in. */
export function runSluice(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(options.program ?? SLUICE, args, {
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 240_000,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let out = '';
  let err = '';
  let interrupted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (interrupted || options.interruptAt?.test(out) !== true) return;
    interrupted = true;
    child.kill(options.interruptBy ?? 'SIGINT');
  });
  if (options.unread === true) child.stdout.destroy();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    options.heard?.(err);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, out, err }));
  });
}
