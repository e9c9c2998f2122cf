/**
 * Ends the programs of a parent that could not: reads `+pid` and `-pid` lines on stdin, and when stdin ends (the parent
 * is gone, however it went) asks every process group still on the list to stop, then kills what is left. Its argument, the
 * parent's pid, is for people who wonder whose it is.
 */
import { createInterface } from 'node:readline';

const GRACE_MS = 3000;
const pids = new Set();

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const pid = Number(line.slice(1));
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  if (line.startsWith('+')) pids.add(pid);
  if (line.startsWith('-')) pids.delete(pid);
});
lines.on('close', () => {
  const left = [...pids].filter((pid) => signal(pid, 'SIGTERM'));
  if (left.length === 0) process.exit(0);
  const deadline = Date.now() + GRACE_MS;
  setInterval(() => {
    if (!left.some((pid) => signal(pid, 0))) process.exit(0);
    if (Date.now() < deadline) return;
    left.forEach((pid) => signal(pid, 'SIGKILL'));
    process.exit(0);
  }, 50);
});

/** False when the group is gone. */
function signal(pid, name) {
  try {
    process.kill(-pid, name);
    return true;
  } catch {
    return false;
  }
}
