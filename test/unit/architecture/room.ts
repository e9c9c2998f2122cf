/** One room of the house, and those sets of rooms that many may import. */

export interface Room {
  readonly name: string;
  /** A folder, or one file of it that has a law of its own. */
  readonly at: string;
  /** Rooms it may import from; its own is always allowed. */
  readonly rooms: readonly string[];
  /** Rooms of which it may see the types, never a value. */
  readonly types?: readonly string[];
  /** Packages it may import: a name, or a scope or prefix that ends in `/` or `:`. */
  readonly packages: readonly string[];
  readonly because: string;
}

export const PURE = ['domain'] as const;
/** Everything that is neither an adapter nor a process. */
export const INNER = [
  'domain',
  'policy',
  'policy/gates',
  'policy/proofs',
  'proofs',
  'content',
  'plan',
  'manifests',
  'contract',
  'ports',
  'statements',
  'evidence',
  'config',
  'telemetry',
] as const;
