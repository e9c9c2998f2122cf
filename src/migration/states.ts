/** The states through which a service goes on its way to Sluice, in order, and the one of those that went back. */
export const STATES = ['legacy', 'comparing', 'adopted', 'managed', 'done', 'reverted'] as const;
export type State = (typeof STATES)[number];

/** The way there; `reverted` lies beside it. */
export const WAY = ['legacy', 'comparing', 'adopted', 'managed', 'done'] as const satisfies readonly State[];

/** States that somebody can go on to. */
export const TARGETS = ['comparing', 'adopted', 'managed', 'done'] as const satisfies readonly State[];
export type Target = (typeof TARGETS)[number];

interface Meaning {
  readonly deploys: 'legacy' | 'Sluice';
  /** What is true in it. */
  readonly holds: string;
  /** What people do in it; how it ends is told by the gates of the next one. */
  readonly todo: string;
}

export const MEANING: Readonly<Record<State, Meaning>> = {
  legacy: {
    deploys: 'legacy',
    holds: 'Sluice has nothing to do with it',
    todo: 'write it into sluice.yaml, with its manifests; wait for its wave',
  },
  comparing: {
    deploys: 'legacy',
    holds: 'Sluice looks on: its plans and what legacy has deployed are compared, nothing is changed',
    todo: 'keep what "sluice compare --json" says after each legacy deployment; adopt the service with "sluice adopt"',
  },
  adopted: {
    deploys: 'legacy',
    holds: 'Sluice has on record what runs in each environment, and could bring it back',
    todo: 'rehearse the way back; have the change of hands signed off; adopt again what legacy deploys meanwhile',
  },
  managed: {
    deploys: 'Sluice',
    holds: 'Sluice releases it; the legacy pipeline is switched off, and still there to go back to',
    todo: 'switch the legacy pipeline off; release with Sluice until nobody would go back',
  },
  done: {
    deploys: 'Sluice',
    holds: 'the legacy pipeline may be removed: there is no way back to it',
    todo: 'clean up: "sluice legacy plan"',
  },
  reverted: {
    deploys: 'legacy',
    holds: 'it went back to legacy; a hold in each of its environments keeps Sluice from deploying over it',
    todo: 'find out what went wrong, then begin to compare anew',
  },
};

/** Undefined: there is nothing after it. Who went back begins anew. */
export function nextOf(state: State): Target | undefined {
  if (state === 'reverted') return 'comparing';
  const next = WAY[WAY.indexOf(state) + 1];
  return TARGETS.find((one) => one === next);
}

/** How far on the way; who went back has everything before them. */
export function rankOf(state: State): number {
  return state === 'reverted' ? 0 : WAY.indexOf(state);
}

export function isAtLeast(state: State, wanted: State): boolean {
  return rankOf(state) >= rankOf(wanted);
}

/** Undefined: it may go back to legacy. */
export function faultOfGoingBack(state: State): { readonly message: string; readonly remedy: string } | undefined {
  if (state === 'legacy')
    return {
      message: 'it has not left legacy yet',
      remedy: 'nothing to do: Sluice has nothing to do with it; "sluice hold set" keeps releases out all the same',
    };
  if (state !== 'done') return undefined;
  return {
    message: 'legacy was removed: there is nothing to go back to',
    remedy: 'bring back what ran well before with "sluice rollback"',
  };
}
