/** What a cluster suite needs to be run against an adapter. */
import type { Cluster } from '../../../src/ports/cluster.ts';
import type { ClusterInventory } from '../../../src/ports/cluster-inventory.ts';
import type { ClusterSight } from '../../../src/ports/cluster-sight.ts';
import type { ClusterWatch } from '../../../src/ports/cluster-watch.ts';
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';
import type { ReleaseRecords } from '../../../src/ports/release-records.ts';

export type Fate = 'ready' | 'pull-fails' | 'crashes' | 'never-ready';

export interface ClusterSubject {
  readonly cluster: Cluster;
  readonly sight: ClusterSight;
  readonly inventory: ClusterInventory;
  readonly watch: ClusterWatch;
  readonly records: ReleaseRecords;
  freshNamespace(): Promise<string>;
  /** What becomes of pods with this image. */
  behave(image: string, fate: Fate): void;
  /** Somebody else writes the object. */
  interfere(object: ManifestObject, namespace: string): Promise<void>;
  /** Gives the Service an address, where the cluster does not do so by itself. */
  expose(namespace: string, service: string): Promise<void>;
  close(): Promise<void>;
}

export type MakeSubject = () => Promise<ClusterSubject>;

export interface SuiteOptions {
  readonly skip: string | false;
}
