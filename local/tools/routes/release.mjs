/**
 * Route 2: the project's own release file, when its SHA-256 is pinned here and the network has it. Where only package registries
 * are reachable this fails within seconds, and the caller goes on quietly.
 */
import { createHash } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { platform } from '../place.mjs';
import { runCommand } from '../run-command.mjs';

const CONNECT_MS = 4000;
const DOWNLOAD_MS = 180_000;

/** Puts the program into `draft` and says where from; undefined when no release is pinned for this platform or none is reachable. */
export async function fromRelease(tool, pin, draft) {
  const release = pin.release?.[platform];
  if (release === undefined) return undefined;
  const bytes = await download(release.url);
  if (bytes === undefined) return undefined;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== release.sha256) {
    throw new Error(`${release.url}: expected SHA-256 ${release.sha256}, got ${sha256}; nothing of it was used`);
  }
  const program = join(draft, 'bin', tool);
  if (release.member === undefined) {
    writeFileSync(program, bytes);
  } else {
    const archive = join(draft, 'release.tar.gz');
    writeFileSync(archive, bytes);
    await runCommand('tar', ['-xzf', archive, '-C', join(draft, 'bin'), release.member]);
  }
  chmodSync(program, 0o755);
  return `${release.url}, SHA-256 checked`;
}

/** Undefined: not reachable, or not there. */
async function download(url) {
  const abort = new AbortController();
  const connecting = setTimeout(() => abort.abort(), CONNECT_MS);
  const whole = setTimeout(() => abort.abort(), DOWNLOAD_MS);
  try {
    const answer = await fetch(url, { signal: abort.signal });
    clearTimeout(connecting);
    return answer.ok ? Buffer.from(await answer.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(connecting);
    clearTimeout(whole);
  }
}
