/** Running `notation verify` on a layout, and reading what it says: a yes only in the words in which it says yes. */
import { execFile, type ExecFileException } from 'node:child_process';
import { type Digest } from '../../../domain/digest.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { Layout } from './layout.ts';
import { LIMITS, LOGGED, REFUSED, VERIFIED } from './wire.ts';

export type Answer = { readonly passed: true } | { readonly passed: false; readonly why: string };

/** Throws `signer-unusable` for whatever is neither yes nor no. */
export async function runNotation(
  program: string | undefined,
  { images, config, home }: Layout,
  image: Digest,
  scope: string,
): Promise<Answer> {
  if (program === undefined) throw unusable('no program "notation" on PATH, and none that NOTATION names');
  const reference = `${images}@${image}`;
  const args = ['verify', '--oci-layout', '--scope', scope, reference];
  // nothing of ours goes along: the program gets no token and no setting that is not in the layout
  const env = { HOME: home, XDG_CONFIG_HOME: config, XDG_CACHE_HOME: `${home}/cache`, NOTATION_EXPERIMENTAL: '1' };
  const { code, stdout, stderr, failure } = await run(program, args, env);
  if (failure !== undefined) throw unusable(failure);
  const said = lastLine(stderr) || lastLine(stdout);
  if (code === 0) {
    if (LOGGED.test(stderr) || LOGGED.test(stdout)) throw unusable(said);
    if (stdout.split('\n').includes(`${VERIFIED}${reference}`)) return { passed: true };
    throw unusable(said);
  }
  if (stderr.includes(`${REFUSED}${reference}`))
    return { passed: false, why: 'Notation refuses it by its trust policy' };
  throw unusable(said);
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** It did not run to its end. */
  readonly failure?: string;
}

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const limits = { timeout: LIMITS.timeoutMs, maxBuffer: LIMITS.output, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve) => {
    execFile(program, args, { env, ...limits }, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, stdout, stderr });
      if (typeof error.code === 'number') return resolve({ code: error.code, stdout, stderr });
      const failure =
        error.killed === true || isTooLong(error) ? 'no answer in time, or too long a one' : notRun(error);
      return resolve({ code: -1, stdout, stderr, failure });
    });
  });
}

function isTooLong({ code }: ExecFileException): boolean {
  return code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
}

function notRun({ code }: ExecFileException): string {
  return `it cannot be run (${code ?? 'ended by a signal'})`;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 300) ?? '';
}

function unusable(got: string): PortError {
  return new PortError('signer-unusable', 'Notation could not say whether a signature is good', {
    retry: 'no',
    expected: 'an answer of "notation verify"',
    got: got === '' ? 'nothing' : got,
    remedy: 'install notation 1.x where the worker runs, and check trustPolicy and trustStore of the signer',
  });
}
