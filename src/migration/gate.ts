/** What must be true before a service goes on: each is judged by facts, and a sign-off by what stands in the file. */
import type { State, Target } from './states.ts';

/** Undefined environments: all on the service's path. */
interface InEnvironments {
  readonly environments?: readonly string[];
}

export type Gate =
  /** The last so many comparisons in each environment were equal, none older than that. */
  | ({ readonly kind: 'comparisons'; readonly equal: number; readonly withinMs: number } & InEnvironments)
  /** Sluice has on record what runs there: it was adopted, or released by Sluice. */
  | ({ readonly kind: 'adopted' } & InEnvironments)
  /**
   * The newest rehearsal of the way back went well, and is not older than that. `forReal`: it has to have gone back and forward, or (false)
   * a look suffices; undefined: a look suffices at the end of the path, where the users are.
   */
  | ({ readonly kind: 'rehearsal'; readonly withinMs: number; readonly forReal?: boolean } & InEnvironments)
  /** The last so many promotions by Sluice arrived, and none was taken back. */
  | ({ readonly kind: 'releases'; readonly last: number } & InEnvironments)
  /** No stop and no hold in force. */
  | ({ readonly kind: 'unrestrained' } & InEnvironments)
  /** Every service of another wave has got that far, and for so long. */
  | { readonly kind: 'wave'; readonly name: string; readonly state: State; readonly forMs?: number }
  /** Somebody (of these) has signed for it in the file. */
  | { readonly kind: 'sign-off'; readonly by?: readonly string[] };
export type GateKind = Gate['kind'];

export type Gates = Readonly<Record<Target, readonly Gate[]>>;

const DAY_MS = 86_400_000;

/** Where the file says nothing. Before the first comparison nothing is asked but that the wave is open. */
export const USUAL_GATES: Gates = {
  comparing: [],
  adopted: [{ kind: 'comparisons', equal: 5, withinMs: 14 * DAY_MS }, { kind: 'adopted' }],
  managed: [
    { kind: 'adopted' },
    { kind: 'rehearsal', withinMs: 30 * DAY_MS },
    { kind: 'unrestrained' },
    { kind: 'sign-off' },
  ],
  done: [{ kind: 'releases', last: 3 }, { kind: 'unrestrained' }, { kind: 'sign-off' }],
};

/** A wave that says nothing waits until Sluice releases everything of the one before. */
export function usualWaveGates(before: string | undefined): readonly Gate[] {
  return before === undefined ? [] : [{ kind: 'wave', name: before, state: 'managed' }];
}
