/** Who this person is on this machine: a file in their own configuration folder that nobody else may read. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';

const keyLogin = z.strictObject({
  kind: z.literal('key'),
  subject: z.string().min(1),
  /** Absolute path of the private key. */
  keyFile: z.string().min(1),
});

const identityLogin = z.strictObject({
  kind: z.literal('identity'),
  subject: z.string().min(1),
  issuer: z.string().min(1),
  /** Private key, PEM: made for this login, worthless after it. */
  privateKey: z.string().min(1),
  idToken: z.string().min(1),
  /** ISO 8601, of the token. */
  expiresAt: z.string().min(1),
});

const login = z.union([keyLogin, identityLogin]);

export type Login = z.infer<typeof login>;

const OWNER_ONLY = 0o600;

/** SLUICE_LOGIN, a file; else below XDG_CONFIG_HOME, else below `~/.config`. */
export function loginFile(): string {
  const named = process.env['SLUICE_LOGIN'] ?? '';
  if (named !== '') return resolve(named);
  const folder = process.env['XDG_CONFIG_HOME'] ?? '';
  return join(folder === '' ? join(homedir(), '.config') : resolve(folder), 'sluice', 'login.json');
}

/** Undefined: nobody is logged in. Throws {@link ConfigError} for a file that is none of ours. */
export function readLogin(): Login | undefined {
  const file = loginFile();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw unusable(file, cause instanceof Error ? cause.message : String(cause));
  }
  const parsed = login.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw unusable(file, 'it is no login of this version');
}

export function writeLogin(value: Login): void {
  writeSecret(loginFile(), `${JSON.stringify(value, null, 2)}\n`);
}

/** False when nobody was logged in. */
export function removeLogin(): boolean {
  const there = readLoginQuietly();
  rmSync(loginFile(), { force: true });
  return there;
}

/** Readable by its owner alone, also when the file was there before. */
export function writeSecret(file: string, text: string): void {
  writing(file, () => {
    makeFolder(dirname(file));
    writeFileSync(file, text, { mode: OWNER_ONLY });
    chmodSync(file, OWNER_ONLY);
  });
}

/** Throws {@link ConfigError} where `write` cannot. */
export function writing(file: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    const message = `it cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new ConfigError('config-invalid', [
      { where: file, message, remedy: 'name another with SLUICE_LOGIN or --key' },
    ]);
  }
}

/** One by one: Node's own "recursive" tries for ever where a file system says that a folder which is there is not (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

function readLoginQuietly(): boolean {
  try {
    return readLogin() !== undefined;
  } catch {
    return true;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(file: string, message: string): ConfigError {
  return new ConfigError('config-invalid', [{ where: file, message, remedy: 'log in anew with "sluice login"' }]);
}
