/** A release, or a roll-back, as a list shows it. */
export interface ListedRelease {
  readonly service: string;
  /** Absent: a roll-back that found no version to go back to. */
  readonly version?: string;
  readonly environment?: string;
  readonly waitingFor?: string;
  readonly outcome?: string;
  readonly digest?: string;
  readonly requestedBy?: string;
  readonly running: boolean;
  /** Temporal's name of the run. */
  readonly runId?: string;
  /** ISO 8601, as `endedAt`: of the release; of its promotion, where an environment or those that wait are asked for. */
  readonly startedAt: string;
  readonly endedAt?: string;
  /** It is no release: it brings this version back to where it ran well before. */
  readonly rollback?: true;
  /** It is no release: somebody has looked what one would do, and `outcome` is the verdict. */
  readonly observation?: true;
}
