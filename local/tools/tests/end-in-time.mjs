/**
 * Loaded into each process of tests (`?ms=…`): when it is told to end, or that many milliseconds are over, it ends, and what it has
 * started ends with it. Node's runner fails a test that takes too long and then waits for the process: a worker or a server that the
 * test has left behind would keep it, and the whole run, for ever.
 */
import { spawnSync } from 'node:child_process';

const ms = Number(new URL(import.meta.url).searchParams.get('ms'));

function end(why) {
  console.error(`process ${process.pid} of tests is ended: ${why}`);
  spawnSync('pkill', ['-TERM', '-P', String(process.pid)], { stdio: 'ignore' });
  process.exit(1);
}

setTimeout(end, ms, `it is still there after ${ms / 1_000} s`).unref();
process.prependOnceListener('SIGTERM', () => end('SIGTERM'));
