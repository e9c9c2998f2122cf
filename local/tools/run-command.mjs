/** One command to its end: no shell, output kept for the message when it fails, a time limit, a sign of life when it is long. */
import { spawn } from 'node:child_process';

const KEEP_CHARACTERS = 20_000;
const SIGN_OF_LIFE_MS = 15_000;

/** Every command that still runs, so that an interrupted set-up leaves none behind. */
const running = new Set();

/** Resolves to stdout and stderr together; rejects with the end of it. `say` gets one line every 15 s. */
export function runCommand(file, args, { cwd, env = process.env, timeoutMs = 600_000, say } = {}) {
  return new Promise((resolve, reject) => {
    const began = Date.now();
    // Its own group, so that what a build starts ends with it.
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    running.add(child);
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-KEEP_CHARACTERS));
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const alive = setInterval(() => say?.(`${Math.round((Date.now() - began) / 1000)} s`), SIGN_OF_LIFE_MS);
    const late = setTimeout(() => endGroup(child), timeoutMs);
    const settle = (act) => {
      clearInterval(alive);
      clearTimeout(late);
      running.delete(child);
      act();
    };
    child.once('error', (error) => settle(() => reject(new CommandError(file, args, error.message, output))));
    child.once('close', (code, signal) =>
      settle(() =>
        code === 0 ? resolve(output) : reject(new CommandError(file, args, signal ?? `exit code ${code}`, output)),
      ),
    );
  });
}

/** Ends every command that still runs. */
export function endCommands() {
  for (const child of running) endGroup(child);
}

function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

export class CommandError extends Error {
  constructor(file, args, how, output) {
    const last = output.trim().split('\n').slice(-6).join('\n    ');
    super(`${file} ${args.slice(0, 4).join(' ')} … ended with ${how}${last ? `:\n    ${last}` : ''}`);
    this.name = 'CommandError';
    this.output = output;
  }
}
