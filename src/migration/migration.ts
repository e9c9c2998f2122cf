/** `migration.yaml`, read: which services go over, in which order, whose they are, and how far they have come. */
import type { Gate, Gates } from './gate.ts';
import type { State, Target } from './states.ts';

export interface SignOff {
  /** Undefined: of the wave, to which a service's states are nothing. */
  readonly for?: Target;
  readonly by: string;
  /** A day, or ISO 8601. */
  readonly at: string;
  readonly note?: string;
}

export interface Change {
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly from: State;
  readonly to: State;
  readonly reason?: string;
}

export interface MigratingService {
  readonly name: string;
  readonly owner: string;
  readonly wave: string;
  readonly state: State;
  /** What its owner does to let the legacy pipeline deploy again, in order. */
  readonly backToLegacy: readonly string[];
  readonly gates: Gates;
  readonly signOffs: readonly SignOff[];
  /** The oldest first. */
  readonly history: readonly Change[];
}

export interface Wave {
  readonly name: string;
  /** What must be true before one of its services leaves legacy. */
  readonly gates: readonly Gate[];
  readonly signOffs: readonly SignOff[];
}

export interface Migration {
  /** Absolute path of the file. */
  readonly file: string;
  /** In their order. */
  readonly waves: readonly Wave[];
  readonly services: readonly MigratingService[];
  /** Absolute folders; one that is not there holds nothing. */
  readonly comparisons: string;
  readonly rehearsals: string;
}

/** ISO 8601: when it came into its state; undefined: nobody has written it down. */
export function sinceOf({ history }: Pick<MigratingService, 'history'>): string | undefined {
  return history.at(-1)?.at;
}

export function servicesIn(migration: Migration, wave: string): readonly MigratingService[] {
  return migration.services.filter((one) => one.wave === wave);
}
