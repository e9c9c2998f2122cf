/** What lies in the data folder besides the registries: secrets, and the mark that a process uses the folder. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Secrets } from './emulation.ts';
import { readOrCreateJson } from './store/write-file.ts';
import type { World } from './world.ts';

/** Reads or creates `hosts.json`, `service-principals.json` and `secrets.json`; all for the owner only. */
export async function openSecrets(dir: string, world: World): Promise<Secrets> {
  const hosts = await readOrCreateJson(join(dir, 'hosts.json'), () => secretsFor(Object.keys(world.hosts)));
  const clients = await readOrCreateJson(join(dir, 'service-principals.json'), () =>
    secretsFor(world.identities.map(({ name }) => name)),
  );
  const own = await readOrCreateJson(join(dir, 'secrets.json'), () => secretsFor(['admin', 'operations']));
  return { hosts, clients, admin: own['admin'] ?? '', operations: own['operations'] ?? '' };
}

function secretsFor(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, randomBytes(24).toString('base64url')]));
}

const held = new Set<string>();

/** Claims the folder for this process; two emulators in one folder would overwrite each other. Returns the release. */
export function claimFolder(dir: string): () => void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'emulator.pid');
  const owner = readOwner(path);
  const taken = held.has(path) || (owner !== undefined && owner !== process.pid && isAlive(owner));
  if (taken) {
    throw new Error(
      `acr-emulator: ${dir} is in use by process ${owner}; stop it, or remove ${path} if it is no emulator`,
    );
  }
  writeFileSync(path, String(process.pid), { mode: 0o600 });
  held.add(path);
  return () => {
    held.delete(path);
    rmSync(path, { force: true });
  };
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
