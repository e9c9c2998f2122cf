/** Everything that stands in a namespace, whoever put it there. Only reads. */
import type { ManifestObject } from '../domain/manifest-object.ts';

/** A kind that could not be read: nobody may, or nobody answers for it. "Not there" is another answer. */
export interface UnreadKind {
  /** As people write it: `secrets`, `certificates.cert-manager.io`. */
  readonly name: string;
  readonly group: string;
  /** Undefined: the whole group. */
  readonly kind?: string;
  readonly code: 'cluster-forbidden' | 'cluster-failing';
  /** One sentence. */
  readonly why: string;
}

export interface Inventory {
  readonly objects: readonly ManifestObject[];
  readonly unread: readonly UnreadKind[];
}

export interface ClusterInventory {
  /** With what the cluster notes about each (managed fields, status). Throws PortError where the cluster itself does not answer, or knows no such namespace. */
  list(namespace: string, signal: AbortSignal): Promise<Inventory>;
}
