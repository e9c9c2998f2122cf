/**
 * Where each tool lies. The cache is `$SLUICE_TOOLS`, or `$XDG_CACHE_HOME/sluice/tools` (`~/.cache/…`; on macOS
 * `~/Library/Caches/sluice/tools`), and below it `<tool>/<version>-<platform>-<arch>/bin/<program>`.
 * Plain JavaScript without dependencies: set-up runs it on Node 20 before anything is installed.
 */
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const pins = JSON.parse(readFileSync(new URL('./pins.json', import.meta.url), 'utf8'));

/** Programs that come from the operating system's packages and are found on PATH. */
const SYSTEM_PROGRAMS = ['skopeo', 'chromium', 'shellcheck', 'promtool', 'runc'];

export const platform = `${process.platform}-${process.arch}`;

/** The control plane's two programs are one binary; BuildKit's two come from one module. */
const BUILT_TOGETHER = { kubectl: 'control-plane', buildx: 'buildkit' };

export function cacheRoot(env = process.env) {
  if (env.SLUICE_TOOLS) return env.SLUICE_TOOLS;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'sluice', 'tools');
  const base = process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
  return join(base, 'sluice', 'tools');
}

/** The variable by which a user names a program of their own: `SLUICE_COSIGN=/opt/cosign`. */
export function variableOf(tool) {
  return `SLUICE_${tool.toUpperCase().replaceAll('-', '_')}`;
}

/** Folder that holds (or will hold) one version of a tool for this machine. */
export function folderOf(tool, env = process.env) {
  const owner = BUILT_TOGETHER[tool] ?? tool;
  const version = owner === 'control-plane' ? controlPlaneKey() : pins[owner]?.version;
  if (version === undefined) throw new Error(`"${tool}" is not a tool that local/tools/pins.json names`);
  return join(cacheRoot(env), owner, `${version}-${platform}`);
}

/** Absolute path of an installed tool; undefined: not installed (`npm run setup`). */
export function toolPath(tool, env = process.env) {
  const named = env[variableOf(tool)];
  if (named) return isProgram(named) ? named : undefined;
  if (SYSTEM_PROGRAMS.includes(tool)) return onPath(tool, env);
  const path = join(folderOf(tool, env), 'bin', tool);
  return isProgram(path) ? path : undefined;
}

/** First program of that name on PATH. */
export function onPath(program, env = process.env) {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

/** Names the control plane by its own sources: another source is another tool. */
export function controlPlaneKey(folder = join(checkout, 'local', 'control-plane')) {
  const hash = createHash('sha256');
  for (const file of goSources(folder)) {
    hash
      .update(`${relative(folder, file).split(sep).join('/')}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function goSources(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(\.go|^go\.mod|^go\.sum)$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
