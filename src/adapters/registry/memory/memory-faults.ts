/** Faults that can be switched on while in-memory registries run: what goes wrong, where, how many times. */
import type { ErrorCode } from '../../../domain/error-code.ts';
import { PortError, type Retry } from '../../../ports/port-error.ts';

export type MemoryCall =
  | 'manifest'
  | 'blob'
  | 'has-blob'
  | 'referrers'
  | 'import'
  | 'finish-import'
  | 'read-lock'
  | 'set-lock'
  | 'untag'
  | 'delete'
  | 'publish';

export interface MemoryFaultMatch {
  readonly environment?: string;
  readonly call?: MemoryCall;
  readonly repository?: string;
}

export type MemoryFault = {
  readonly match?: MemoryFaultMatch;
  /** How many calls it spoils; undefined: all until cleared. */
  readonly times?: number;
} & (
  | {
      readonly fault: 'error';
      readonly code: ErrorCode;
      readonly retry?: Retry;
      /** `after`: the effect happens, its answer is lost. */
      readonly when?: 'before' | 'after';
    }
  /** Content that does not hash to its digest. */
  | { readonly fault: 'swap' }
  | { readonly fault: 'lock-ignored' }
  | { readonly fault: 'import-fails' | 'import-hangs' | 'import-lies' }
);

type Kind = MemoryFault['fault'];

export interface MemoryFaults {
  set(fault: MemoryFault): void;
  clear(): void;
  /** The first fault of these kinds that matches, used up by one. */
  take(kinds: readonly Kind[], at: Required<MemoryFaultMatch>, when?: 'before' | 'after'): MemoryFault | undefined;
}

export function createMemoryFaults(): MemoryFaults {
  let armed: { readonly fault: MemoryFault; left: number }[] = [];
  return {
    set: (fault) => armed.push({ fault, left: fault.times ?? Infinity }),
    clear: () => {
      armed = [];
    },
    take(kinds, at, when) {
      // Benchmarks call this a thousand times a second, nearly always in vain.
      if (armed.length === 0) return undefined;
      const found = armed.find(({ fault, left }) => left > 0 && kinds.includes(fault.fault) && fits(fault, at, when));
      if (found === undefined) return undefined;
      found.left -= 1;
      return found.fault;
    },
  };
}

/** The error of an `error` fault. */
export function injected(fault: MemoryFault & { readonly fault: 'error' }, at: Required<MemoryFaultMatch>): PortError {
  return new PortError(fault.code, `could not ${at.call} ${at.repository} at ${at.environment}: injected fault`, {
    retry: fault.retry ?? 'yes',
    expected: 'an answer',
    got: fault.code,
    remedy: 'clear the fault',
  });
}

function fits(fault: MemoryFault, at: Required<MemoryFaultMatch>, when: 'before' | 'after' | undefined): boolean {
  if (fault.fault === 'error' && (fault.when ?? 'before') !== when) return false;
  const { environment, call, repository } = fault.match ?? {};
  return (
    (environment === undefined || environment === at.environment) &&
    (call === undefined || call === at.call) &&
    (repository === undefined || repository === at.repository)
  );
}
