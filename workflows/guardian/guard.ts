/** What a guardian knows. Small at any age: what is wrong now, and since when. */
import type {
  Guarded,
  GuardianInput,
  GuardianState,
  GuardianStatus,
  LookRequest,
  Reaction,
} from '../../src/contract/guardian-workflow.ts';
import type { Finding } from '../../src/domain/finding.ts';

export interface Guard {
  readonly environment: string;
  readonly service: string;
  guarded: Guarded | undefined;
  findings: readonly Finding[];
  reaction: Reaction | undefined;
  lookedAt: string | undefined;
  /** When the next look begins. */
  first: LookRequest['first'];
  /** What the last look saw, whether it is believed or not, and in a sentence. */
  seen: readonly Finding[];
  said: string;
  /** How often somebody has asked for a look, and for how many of them it has looked. */
  asked: number;
  answered: number;
  /** What the last look said has been taken in. */
  isHeeded: boolean;
  /** Ends the look that goes on, because something was said. */
  interrupt: (() => void) | undefined;
  isStirred: boolean;
  /** A roll-back of its own goes on. */
  goesBack: boolean;
  /** There is nothing to look after any more. */
  isOver: boolean;
  /** Events that were told in this run. */
  told: number;
}

export function openGuard({ environment, service, state }: GuardianInput): Guard {
  return {
    ...{ environment, service },
    guarded: state?.guarded,
    findings: state?.findings ?? [],
    reaction: state?.reaction,
    lookedAt: state?.lookedAt,
    // a run that follows another goes on in its rhythm; who starts one by hand wants to know
    first: state === undefined ? 'now' : 'round',
    ...{ seen: [], said: '', asked: 0, answered: 0, isHeeded: true },
    ...{ interrupt: undefined, isStirred: false, goesBack: false, isOver: false, told: 0 },
  };
}

/** Something was said: whatever is looked at is looked at anew. */
export function stir(guard: Guard): void {
  guard.isStirred = true;
  guard.interrupt?.();
}

export function stateOf({ guarded, findings, reaction, lookedAt }: Guard): GuardianState {
  return {
    format: 1,
    findings,
    ...(guarded === undefined ? {} : { guarded }),
    ...(reaction === undefined ? {} : { reaction }),
    ...(lookedAt === undefined ? {} : { lookedAt }),
  };
}

export function statusOf(guard: Guard): GuardianStatus {
  const { environment, service } = guard;
  return { kind: 'guardian', environment, service, ...stateOf(guard) };
}
