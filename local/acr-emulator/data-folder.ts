/** What lies in the data folder besides the registries: secrets, and the mark that a process uses the folder. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Secrets } from './emulation.ts';
import { readOrCreateJson, writeFileAtomically } from './store/write-file.ts';
import type { World } from './world.ts';

/** Reads or creates `hosts.json`, `service-principals.json` and `secrets.json`; all for the owner only. */
export async function openSecrets(dir: string, world: World): Promise<Secrets> {
  const hosts = await openSecretFile(join(dir, 'hosts.json'), Object.keys(world.hosts));
  const identities = world.identities.map(({ name }) => name);
  const clients = await openSecretFile(join(dir, 'service-principals.json'), identities);
  const own = await openSecretFile(join(dir, 'secrets.json'), ['admin', 'operations']);
  return { hosts, clients, admin: own['admin'] ?? '', operations: own['operations'] ?? '' };
}

/** A secret for each name: those that the file holds, and new ones for names that are new in the world. */
async function openSecretFile(path: string, names: readonly string[]): Promise<Record<string, string>> {
  const known = await readOrCreateJson(path, () => secretsFor(names));
  const missing = names.filter((name) => known[name] === undefined);
  if (missing.length === 0) return known;
  const complete = { ...known, ...secretsFor(missing) };
  writeFileAtomically(path, `${JSON.stringify(complete, undefined, 2)}\n`);
  return complete;
}

/** Hexadecimal: base64 may begin with a dash, and then `az login --password …` takes it for an option. */
function secretsFor(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, randomBytes(24).toString('hex')]));
}

const held = new Set<string>();

/**
 * Claims the folder for this process; two emulators in one folder would overwrite each other. Returns the release.
 * A mark counts while its process lives and `port`, its last one, answers: after a reboot another program may have its number.
 */
export async function claimFolder(dir: string, host: string, port: number): Promise<() => void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'emulator.pid');
  const owner = readOwner(path);
  const elsewhere = owner !== undefined && owner !== process.pid && isAlive(owner) && (await answers(host, port));
  if (held.has(path) || elsewhere) {
    throw new Error(`acr-emulator: ${dir} is in use by process ${owner}; stop it before another one is started there`);
  }
  writeFileSync(path, String(process.pid), { mode: 0o600 });
  held.add(path);
  return () => {
    held.delete(path);
    rmSync(path, { force: true });
  };
}

const CONNECT_MS = 2000;

function answers(host: string, port: number): Promise<boolean> {
  if (port === 0) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const finish = (result: boolean) => () => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', finish(true)).once('error', finish(false)).once('timeout', finish(false));
  });
}

function readOwner(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8')) || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
