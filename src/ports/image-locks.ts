/** The registry attributes that make a manifest or a tag undeletable and unwritable. */
import type { Digest } from '../domain/digest.ts';

export interface LockState {
  readonly deletable: boolean;
  readonly writable: boolean;
}

export type LockSubject = { readonly repository: string } & ({ readonly digest: Digest } | { readonly tag: string });

export interface ImageLocks {
  /** Undefined: the registry has no such manifest or tag. */
  read(subject: LockSubject): Promise<LockState | undefined>;
  /**
   * Manifests of a repository, those that were changed last: about `count` of them, as one list of the registry shows them. It may lag behind, and
   * what is not in it may be there all the same.
   */
  changedLast(repository: string, count: number): Promise<ReadonlyMap<Digest, LockState>>;
  /** Sets both attributes; does not wait until they are visible. */
  set(subject: LockSubject, state: LockState): Promise<void>;
}
