/**
 * The one way into the cache: built in a folder beside the final one, then renamed, so that what is there is whole. Two
 * set-ups at once wait for each other: the lock is a file with the owner's pid, and a dead owner's lock is taken over.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const LOOK_EVERY_MS = 300;

/** Calls `make(folder)` on an empty folder and moves the result to `target`; true when somebody else made it meanwhile. */
export async function intoCache(target, isThere, make, say) {
  mkdirSync(dirname(target), { recursive: true });
  return withLock(`${target}.lock`, say, async () => {
    if (isThere()) return true;
    const draft = join(dirname(target), `.${basename(target)}.draft`);
    rmSync(draft, { recursive: true, force: true }); // of a set-up that was interrupted
    mkdirSync(join(draft, 'bin'), { recursive: true });
    try {
      await make(draft);
      rmSync(target, { recursive: true, force: true });
      renameSync(draft, target);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
    return false;
  });
}

/** Runs `act` while holding the lock file; waits while its owner lives. */
export async function withLock(file, say, act) {
  for (let told = false; !take(file); told = true) {
    if (!told) say?.('another set-up is at it; waiting');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  try {
    return await act();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!isAlive(ownerOf(file))) clear(file);
  return false;
}

/** Takes a dead owner's lock away, unless another set-up has just replaced it. */
function clear(file) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (isAlive(ownerOf(aside))) renameSync(aside, file);
  else rmSync(aside, { force: true });
}

/** A lock that is empty is being written this moment: its owner counts as alive. */
function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || process.pid;
  } catch {
    return process.pid;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
