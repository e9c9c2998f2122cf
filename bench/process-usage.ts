/** What a process used of the machine, from Linux's /proc; other systems have no such figures here, and the bench says so. */
import { existsSync, readFileSync } from 'node:fs';

export interface Usage {
  /** CPU time since the process started, user and system, in milliseconds. */
  readonly cpuMs: number;
  /** Resident memory in bytes. */
  readonly residentBytes: number;
  /** Monotonic time of the reading, in milliseconds. */
  readonly atMs: number;
}

/** USER_HZ: the kernel reports CPU time in hundredths of a second on every platform that Node supports (man 5 proc_pid_stat). */
const MS_PER_TICK = 10;
const PAGE_BYTES = 4096;

export const canMeasure = existsSync('/proc/self/stat');

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may contain spaces: count the fields behind it. Field 3 is the first of them.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return {
    cpuMs: (field(14) + field(15)) * MS_PER_TICK,
    residentBytes: field(24) * PAGE_BYTES,
    atMs: performance.now(),
  };
}

/** Cores used between two readings: 1 is one core all the time. */
export function coresBetween(before: Usage, after: Usage): number {
  return (after.cpuMs - before.cpuMs) / (after.atMs - before.atMs);
}
