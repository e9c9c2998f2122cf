/** node_modules as package-lock.json wants it. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './into-cache.mjs';
import { checkout, onPath } from './place.mjs';
import { runCommand } from './run-command.mjs';

const INSTALL_MS = 600_000;

/** Runs `npm ci` when a package is missing or has another version than the lockfile says; resolves to what was done. */
export async function installDependencies(say, folder = checkout) {
  if (isInstalled(folder)) return 'in place';
  const npm = onPath('npm');
  if (npm === undefined) throw new Error('npm is not on PATH: install Node.js 20 or newer with npm');
  mkdirSync(join(folder, '.sluice'), { recursive: true });
  return withLock(join(folder, '.sluice', 'npm.lock'), say, async () => {
    if (isInstalled(folder)) return 'installed by another set-up';
    say('npm ci');
    await runCommand(npm, ['ci', '--no-audit', '--no-fund'], { cwd: folder, timeoutMs: INSTALL_MS, say });
    return 'npm ci';
  });
}

/** Compares what npm says it installed with the lockfile, package by package. */
export function isInstalled(folder) {
  const record = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  const got = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || (entry.optional && got[path] === undefined)) return true;
    return got[path]?.version === entry.version;
  });
}
