/** What a guardian knows. Small at any age: what is wrong now, and since when. */
import type {
  Guarded,
  GuardianInput,
  GuardianNext,
  GuardianState,
  GuardianStatus,
  LookRequest,
  Reaction,
  Suspected,
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
  /** What was seen and is not believed yet. */
  suspected: Suspected | undefined;
  /** Somebody wanted a look while a promotion was under way. */
  isOwed: boolean;
  /** What the last look saw, whether it is believed or not, and in a sentence. */
  seen: readonly Finding[];
  said: string;
  /** How often somebody has asked for a look, and for how many of them it has looked. */
  asked: number;
  answered: number;
  /** The look that goes on was asked for: it comes back by itself in a moment. */
  isAnswering: boolean;
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

export function openGuard({ environment, service, state, next }: GuardianInput): Guard {
  return {
    ...{ environment, service },
    guarded: state?.guarded,
    findings: state?.findings ?? [],
    reaction: state?.reaction,
    lookedAt: state?.lookedAt,
    // a run that follows another goes on in its rhythm; who starts one by hand wants to know
    first: next?.first ?? (state === undefined ? 'now' : 'round'),
    suspected: next?.suspected,
    isOwed: next?.isOwed === true,
    ...{ seen: [], said: '', asked: 0, answered: 0, isAnswering: false, isHeeded: true },
    ...{ interrupt: undefined, isStirred: false, goesBack: false, isOver: false, told: 0 },
  };
}

/** A look is wanted now. One that goes on for somebody else is let be: it may have missed what this one is about, and is done once more. */
export function askFor(guard: Guard): number {
  guard.asked += 1;
  if (!guard.isAnswering) stir(guard);
  return guard.asked;
}

export function isAsked({ asked, answered }: Guard): boolean {
  return asked > answered;
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

/** What a new run goes on with. */
export function nextOf(guard: Guard): GuardianNext {
  const { first, isOwed, suspected } = guard;
  return {
    first: isAsked(guard) ? 'now' : first,
    ...(isOwed ? { isOwed } : {}),
    ...(suspected === undefined ? {} : { suspected }),
  };
}

export function statusOf(guard: Guard): GuardianStatus {
  const { environment, service } = guard;
  return { kind: 'guardian', environment, service, ...stateOf(guard) };
}
