/** All that one environment's activities may touch: the parts of its trust zone. Built by the composition root, nowhere else. */
import type { ApprovalVerifier } from './approvals.ts';
import type { ArtefactPublisher } from './artefact-publisher.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterSight } from './cluster-sight.ts';
import type { ExternalChecks } from './external-checks.ts';
import type { HealthProbe } from './health-probe.ts';
import type { ImageLocks } from './image-locks.ts';
import type { RecordSigner } from './record-signer.ts';
import type { RegistryImporter } from './registry-importer.ts';
import type { RegistryReader } from './registry-reader.ts';
import type { RegistryRemover } from './registry-remover.ts';
import type { ReleaseRecords } from './release-records.ts';
import type { Signatures } from './signatures.ts';

/** With what an environment signs its promotion records and attaches them in its own registry. */
export interface Recording {
  readonly signer: RecordSigner;
  readonly publisher: ArtefactPublisher;
  /** Version of the engine that signs. */
  readonly engine: string;
}

export interface EnvironmentPorts {
  readonly registry: RegistryReader;
  /** Read access to the registries that this environment may import from, by environment. */
  readonly sources: Readonly<Record<string, RegistryReader>>;
  readonly importer: RegistryImporter;
  readonly locks: ImageLocks;
  readonly remover: RegistryRemover;
  /** The registry as the cluster's own identity sees it; undefined: that identity cannot be assumed here. */
  readonly puller?: RegistryReader;
  readonly signatures: Signatures;
  /** Who signs promotion records, by the names of their environments; apart from all others, whose word counts for other things. */
  readonly recorders?: Signatures;
  /** Undefined: this environment signs no records. */
  readonly recording?: Recording;
  /** With what it keeps evidence beside images in its own registry; undefined: it keeps none. */
  readonly keeper?: ArtefactPublisher;
  readonly approvals: ApprovalVerifier;
  readonly checks: ExternalChecks;
  readonly cluster: Cluster;
  readonly sight: ClusterSight;
  readonly records: ReleaseRecords;
  readonly health: HealthProbe;
}
