/** Faults that can be switched on while the emulator runs: what to do wrong, to which requests, how many times. */

export interface FaultMatch {
  /** Registry name; `arm`, `identity` for the other endpoints. Imports match the target registry. */
  readonly registry?: string;
  readonly method?: string;
  /** Regular expression on the decoded path. */
  readonly path?: string;
}

export type FaultAction =
  /** 429 with Retry-After in seconds (omitted when undefined). */
  | { readonly fault: 'throttle'; readonly retryAfterSeconds?: number }
  /** An error status, before anything happened or after the effect. */
  | {
      readonly fault: 'status';
      readonly status: number;
      readonly when?: 'before' | 'after';
      readonly code?: string;
      readonly message?: string;
    }
  /** The connection dies: before anything happened, after the effect, or in the middle of the answer's body. */
  | { readonly fault: 'reset'; readonly when?: 'before' | 'after' | 'body' }
  /** The answer waits `delayMs` (default 0), its body trickles with `bytesPerSecond` (default: as fast as it goes). */
  | { readonly fault: 'slow'; readonly delayMs?: number; readonly bytesPerSecond?: number }
  /** No answer at all until the client gives up. */
  | { readonly fault: 'hang' }
  /** Other content under the same headers (`body`), or a `Docker-Content-Digest` that is not the content's (`header`). */
  | { readonly fault: 'swap'; readonly what?: 'body' | 'header' }
  /** Half of the content under the same headers, told with its own length. */
  | { readonly fault: 'truncate' }
  /** A manifest is answered with the bytes of that one, under the digest that was asked for. */
  | { readonly fault: 'other-manifest'; readonly digest: string }
  /** A manifest is said to be of that media type. */
  | { readonly fault: 'media-type'; readonly mediaType: string }
  /** A list of referrers names so many that nobody pushed, in pages. */
  | { readonly fault: 'referrers-many'; readonly count: number }
  /** A list of referrers names one more, whatever that refers to. */
  | { readonly fault: 'referrers-also'; readonly digest: string; readonly size?: number }
  /** A list of referrers leaves this one out, or all of them. */
  | { readonly fault: 'referrers-without'; readonly digest?: string }
  /** No referrers API (customer-managed keys): 404. */
  | { readonly fault: 'referrers-off' }
  /** The token is called invalid. */
  | { readonly fault: 'invalid-token' }
  /** Changes of attributes answer 200 and change nothing. */
  | { readonly fault: 'lock-ignored' }
  /** Locations come with scheme and host. */
  | { readonly fault: 'absolute-location' }
  /** The import ends with an error on the poll (default 400 InvalidParameters), or with 200 `{"status":"Failed"}`. */
  | {
      readonly fault: 'import-fails';
      readonly status?: number;
      readonly code?: string;
      readonly message?: string;
      readonly asBody?: boolean;
    }
  /** The import stays at 202 for ever. */
  | { readonly fault: 'import-hangs' }
  /** The import reports success and copies nothing. */
  | { readonly fault: 'import-lies' }
  /** This import takes so long. */
  | { readonly fault: 'import-slow'; readonly durationMs: number };

export type Fault = FaultAction & {
  readonly match?: FaultMatch;
  /** How many requests it spoils; undefined: all until cleared. */
  readonly times?: number;
};

export type ReferrersFault = Extract<Fault, { fault: `referrers-${string}` }>;
export type ImportFault = Extract<Fault, { fault: `import-${string}` }>;

export interface RequestFacts {
  readonly registry: string;
  readonly method: string;
  readonly path: string;
}

const KINDS: readonly FaultAction['fault'][] = [
  'throttle',
  'status',
  'reset',
  'slow',
  'hang',
  'swap',
  'truncate',
  'other-manifest',
  'media-type',
  'referrers-many',
  'referrers-also',
  'referrers-without',
  'referrers-off',
  'invalid-token',
  'lock-ignored',
  'absolute-location',
  'import-fails',
  'import-hangs',
  'import-lies',
  'import-slow',
];

interface Armed {
  readonly fault: Fault;
  left: number;
}

/** The faults in force. The first that matches a request spoils it; each counts its own `times`. */
export class FaultBoard {
  #armed: Armed[] = [];

  constructor(faults: readonly Fault[] = []) {
    for (const fault of faults) this.set(fault);
  }

  /** Adds a fault. Throws on one that could never work: unknown kind, bad pattern. */
  set(fault: Fault): void {
    checkFault(fault);
    this.#armed.push({ fault, left: fault.times ?? Infinity });
  }

  /** These faults instead of those in force; nothing changes when one of them is bad. */
  replace(faults: readonly Fault[]): void {
    const board = new FaultBoard(faults);
    this.#armed = board.#armed;
  }

  clear(): void {
    this.#armed = [];
  }

  list(): Fault[] {
    return this.#armed.filter((armed) => armed.left > 0).map((armed) => ({ ...armed.fault }));
  }

  /** The fault for this request, used up by one; import faults only answer `takeForImport`. */
  take(facts: RequestFacts): Exclude<Fault, ImportFault> | undefined {
    const armed = this.#find(facts, (fault) => !isImportFault(fault));
    return armed?.fault as Exclude<Fault, ImportFault> | undefined;
  }

  takeForImport(facts: RequestFacts): ImportFault | undefined {
    return this.#find(facts, isImportFault)?.fault as ImportFault | undefined;
  }

  #find(facts: RequestFacts, accept: (fault: Fault) => boolean): Armed | undefined {
    const found = this.#armed.find((armed) => armed.left > 0 && accept(armed.fault) && matches(armed.fault, facts));
    if (found !== undefined) found.left -= 1;
    return found;
  }
}

function isImportFault(fault: Fault): boolean {
  return fault.fault.startsWith('import-');
}

function matches(fault: Fault, facts: RequestFacts): boolean {
  const { registry, method, path } = fault.match ?? {};
  if (registry !== undefined && registry !== facts.registry) return false;
  if (method !== undefined && method.toUpperCase() !== facts.method) return false;
  return path === undefined || new RegExp(path).test(facts.path);
}

function checkFault(fault: Fault): void {
  if (typeof fault !== 'object' || fault === null) throw new Error('a fault is an object');
  if (!KINDS.includes(fault.fault)) {
    throw new Error(`unknown fault ${JSON.stringify(fault.fault)}: expected one of ${KINDS.join(', ')}`);
  }
  if (fault.match?.path !== undefined) new RegExp(fault.match.path);
  if (fault.times !== undefined && !(Number.isInteger(fault.times) && fault.times > 0)) {
    throw new Error(`fault ${fault.fault}: times must be a positive whole number, got ${JSON.stringify(fault.times)}`);
  }
}
