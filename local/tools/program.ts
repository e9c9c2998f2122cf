/**
 * Running a program beside this process: own process group (so that Ctrl-C reaches this process alone, which stops them in
 * order), output into a file, ended by pid, and ended by a guard when this process dies without a chance to do so.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ProgramOptions {
  /** For messages. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Receives stdout and stderr. */
  readonly logFile: string;
}

export interface Program {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  readonly running: boolean;
  /** Settles when it has ended, with how: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** SIGTERM, and SIGKILL when it does not end within `graceMs` (5 s). Twice is once. */
  stop(graceMs?: number): Promise<void>;
  /** SIGKILL, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
  /** The end of its log, for messages. */
  logTail(lines?: number): string;
}

const GRACE_MS = 5000;
const GUARD = fileURLToPath(new URL('./guard.mjs', import.meta.url));

/** Starts the program; rejects when it cannot be started at all. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.file, [...options.args], {
    cwd: options.cwd,
    env: (options.env ?? process.env) as NodeJS.ProcessEnv,
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(new Error(`${options.name} could not be started: ${cause.message}`)));
  });
  return watchOver(child, options);
}

function watchOver(child: ChildProcess, options: ProgramOptions): Program {
  const pid = child.pid as number;
  let running = true;
  guard(`+${pid}`);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false;
      guard(`-${pid}`);
      resolve(signal ?? `exit code ${code}`);
    });
  });
  const send = (signal: NodeJS.Signals): void => {
    if (running) signalGroup(pid, signal);
  };
  return {
    name: options.name,
    pid,
    logFile: options.logFile,
    get running() {
      return running;
    },
    ended,
    async stop(graceMs = GRACE_MS) {
      send('SIGTERM');
      const hard = setTimeout(() => send('SIGKILL'), graceMs);
      await ended;
      clearTimeout(hard);
    },
    async kill() {
      send('SIGKILL');
      await ended;
    },
    logTail: (lines = 15) => tail(options.logFile, lines),
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function tail(file: string, lines: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

let guardian: ChildProcess | undefined;

/** One guard for all programs of this process, started with the first. */
function guard(line: string): void {
  if (guardian === undefined || guardian.exitCode !== null) {
    guardian = spawn(process.execPath, [GUARD, `${process.pid}`], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    guardian.unref();
    (guardian.stdin as unknown as { unref(): void }).unref();
    guardian.stdin?.on('error', () => undefined);
  }
  guardian.stdin?.write(`${line}\n`);
}
