/** How long each bad sign may last before it is a verdict. Milliseconds. */

export interface Patience {
  /** An image that the registry denies, though we have just seen it there: replication, a token that is renewed. */
  readonly imagePullMs: number;
  /** … or so many attempts of the node, whichever comes first. */
  readonly imagePullAttempts: number;
  /** A container that cannot be created, a pod that quota or admission refuses. */
  readonly notStartableMs: number;
  readonly unschedulableMs: number;
  /** Some new pods are bad, others not: more of them than a roll-out may have too many at once, for this long. */
  readonly someBadMs: number;
  /** A new pod that has been restarted must run this long before it counts. */
  readonly steadyMs: number;
  /** A StatefulSet's pod of another revision that is not ready and shows no reason, before it is taken out of the way. */
  readonly stuckMs: number;
}

export const PATIENCE: Patience = {
  imagePullMs: 30_000,
  imagePullAttempts: 3,
  notStartableMs: 2000,
  unschedulableMs: 60_000,
  someBadMs: 20_000,
  steadyMs: 10_000,
  stuckMs: 10_000,
};
