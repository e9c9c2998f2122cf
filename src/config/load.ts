/** The process's surroundings: the only reader of `process.env`. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Config, StoredFile } from './config.ts';
import { ConfigError } from './config-error.ts';
import { CONFIG_FILE } from './defaults.ts';
import { notationIn } from './program-path.ts';
import { type TelemetrySettings, telemetryIn } from './telemetry.ts';
import { testServerIn } from './test-server.ts';

const MAX_BYTES = 1_048_576;
const MAX_FILES = 200;
const DEFAULT_ADDRESS = 'localhost:7233';
const DEFAULT_NAMESPACE = 'default';

/**
 * Reads the configuration: `path`, else SLUICE_CONFIG, else `sluice.yaml` in the working directory or above.
 * Throws {@link ConfigError} `config-missing` or `config-invalid`. The grammar is loaded only when it is needed.
 */
export async function loadConfig(path?: string): Promise<Config> {
  const file = locate(path);
  const { readConfig } = await import('./read-config.ts');
  return readConfig({ text: readText(file), file, variables: process.env, readText, readFolder });
}

function locate(path?: string): string {
  const named = path ?? process.env['SLUICE_CONFIG'];
  if (named !== undefined && named !== '') {
    const file = resolve(named);
    if (existsSync(file)) return file;
    throw missing(file, 'check --config or SLUICE_CONFIG');
  }
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const file = join(folder, CONFIG_FILE);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) break;
  }
  throw missing(join(process.cwd(), CONFIG_FILE), `go to the folder of your ${CONFIG_FILE}, or name it with --config`);
}

function missing(file: string, remedy: string): ConfigError {
  return new ConfigError('config-missing', [{ where: file, message: 'no such file, here or above', remedy }]);
}

/** Throws what `node:fs` throws, and for more than any honest file holds. */
export function readText(file: string): string {
  return readBytes(file).toString('utf8');
}

function readBytes(file: string): Buffer {
  const { size } = statSync(file);
  if (size > MAX_BYTES) throw new RangeError(`${size} bytes; expected at most ${MAX_BYTES}`);
  return readFileSync(file);
}

function readFolder(folder: string): readonly StoredFile[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => !one.isDirectory()).map((one) => join(one.parentPath, one.name));
  if (files.length > MAX_FILES) throw new RangeError(`${files.length} files; expected at most ${MAX_FILES}`);
  return files.toSorted().map((file) => ({
    path: file.slice(folder.length + 1).replaceAll(sep, '/'),
    base64: readBytes(file).toString('base64'),
  }));
}

/** Where Temporal is, from the environment and the profile file that its own CLI reads. */
export interface TemporalAccess {
  readonly address: string;
  readonly namespace: string;
  /** Options for `NativeConnection.connect` and `Connection.connect`; holds credentials, never to be printed. */
  readonly connection: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
}

/**
 * TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE, TEMPORAL_API_KEY, TEMPORAL_TLS… and TEMPORAL_CONFIG_FILE.
 * Throws {@link ConfigError} `config-invalid` for a profile that is not there and a file that cannot be read.
 */
export function temporalAccess(): TemporalAccess {
  const { connectionOptions, namespace } = clientConfig();
  const address = connectionOptions.address ?? DEFAULT_ADDRESS;
  return { address, namespace: namespace ?? DEFAULT_NAMESPACE, connection: { ...connectionOptions, address } };
}

function clientConfig(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (cause) {
    const where = process.env['TEMPORAL_CONFIG_FILE'] ?? "the configuration of Temporal's clients";
    const profile = process.env['TEMPORAL_PROFILE'] ?? 'default';
    const [message = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    const remedy = `correct it, or TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE (${profile}) and TEMPORAL_TLS_*; "temporal config list" shows its profiles`;
    throw new ConfigError('config-invalid', [{ where, message, remedy }]);
  }
}

/**
 * Who acts: SLUICE_USER, else whoever is logged in on this machine, else the operating system's user. A name, not a proof; but whoever starts
 * a release must be known by the name under which they answer, or nothing keeps them from approving it. Throws {@link ConfigError} for a
 * login file that is none.
 */
export async function currentUser(): Promise<string> {
  const stated = statedUser();
  if (stated !== undefined) return stated;
  const { readLogin } = await import('./login-file.ts');
  return readLogin()?.subject ?? userInfo().username;
}

/** Who acts when nobody is logged in. */
export function userWithoutLogin(): string {
  return statedUser() ?? userInfo().username;
}

/** SLUICE_USER; undefined: it says nothing. */
export function statedUser(): string | undefined {
  const named = (process.env['SLUICE_USER'] ?? '').trim();
  return named === '' ? undefined : named;
}

/** Path of Temporal's time-skipping test server; undefined: this machine has none. */
export function testServer(): string | undefined {
  return testServerIn(process.env);
}

/** Path of the program "notation"; undefined: this machine has none. */
export function notation(): string | undefined {
  return notationIn(process.env);
}

/**
 * Where a worker sends its telemetry; `scrape`: `host:port` where Prometheus reads it. Undefined: nobody listens. Throws {@link ConfigError}
 * `config-invalid`.
 */
export function telemetrySettings(scrape: string | undefined, version: string): TelemetrySettings | undefined {
  const instance = `${process.pid}@${hostname()}`;
  return telemetryIn(process.env, { instance, version, ...(scrape === undefined ? {} : { scrape }) });
}
