/** Two environments in memory with one signed image pushed to the first: the ground on which activities are tested. */
import type { Zone } from '../../activities/index.ts';
import type { StepRequest } from '../../src/contract/activities.ts';
import type { PlannedPromotion } from '../../src/contract/plan.ts';
import { createNamedApprovals } from '../../src/adapters/approvals/named.ts';
import {
  createMemoryCluster,
  type MemoryCluster,
  type MemoryClusterOptions,
} from '../../src/adapters/cluster/memory/memory-cluster.ts';
import { createMemoryChecks, type MemoryCheckAnswers } from '../../src/adapters/external-checks/memory.ts';
import { createMemoryHealth, type HealthScript } from '../../src/adapters/health/memory.ts';
import { createMemorySigner } from '../../src/adapters/record-signer/memory.ts';
import {
  createMemoryRegistries,
  type MemoryRegistries,
} from '../../src/adapters/registry/memory/create-memory-registries.ts';
import { createCosignSignatures } from '../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { createMemorySignatures, stateSignature } from '../../src/adapters/signatures/memory/memory-signatures.ts';
import { digestOf } from '../../src/content/digest-of.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { COMMON_SIGNER } from '../../src/domain/proof.ts';
import type { Rulebook } from '../../src/domain/rulebook.ts';
import type { ApprovalVerifier } from '../../src/ports/approvals.ts';
import type { EnvironmentPorts } from '../../src/ports/environment-ports.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { MANIFEST_MEDIA_TYPE, packManifests } from '../../src/manifests/artefact.ts';

export const PATH = ['dev', 'staging'] as const;
export type Environment = (typeof PATH)[number];

export interface Pushed {
  readonly digest: Digest;
  readonly manifests: Digest;
  readonly signature: Digest;
}

export interface MemoryWorld {
  readonly registries: MemoryRegistries;
  readonly clusters: Readonly<Record<Environment, MemoryCluster>>;
  readonly zones: Readonly<Record<Environment, Zone>>;
  /** Pushes another image with its signature and manifests to the first environment. */
  push(name: string, options?: { readonly yaml?: string; readonly signer?: string }): Promise<Pushed>;
}

export interface WorldOptions {
  readonly cluster?: MemoryClusterOptions;
  readonly health?: HealthScript;
  readonly checks?: MemoryCheckAnswers;
  readonly rulebook?: (rulebook: Rulebook) => Rulebook;
  /** Undefined: names are taken on trust. */
  readonly approvals?: ApprovalVerifier;
  /** Names whose signatures count no more; may be added to at any time. */
  readonly revoked?: ReadonlySet<string>;
  /** The zones' clock; undefined: it stands still. */
  readonly now?: () => Date;
  /** Each environment signs records of its promotions, with a key of its own. */
  readonly signsRecords?: true;
  /** Each environment keeps evidence, whether it signs records or not. */
  readonly keepsEvidence?: true;
}

export const SIGNER = 'build';

export async function aWorld(options: WorldOptions = {}): Promise<MemoryWorld> {
  const registries = createMemoryRegistries({ hosts: { dev: 'dev.example.test', staging: 'staging.example.test' } });
  const clusters = { dev: createMemoryCluster(options.cluster), staging: createMemoryCluster(options.cluster) };
  const keepers = options.keepsEvidence === true ? { keepsEvidence: PATH } : {};
  const rulebook = (options.rulebook ?? ((same) => same))({ ...aRulebook(), ...keepers });
  const recording = options.signsRecords === true ? recordings(registries) : undefined;
  const zone = (environment: Environment): Zone => {
    const { reader, importer, locks, remover } = registries.registry(environment);
    const sources = environment === 'dev' ? {} : { dev: registries.registry('dev').reader };
    const { cluster, sight, records } = clusters[environment];
    const { probe: health } = createMemoryHealth(options.health);
    const trust = {
      signatures: createMemorySignatures({ [COMMON_SIGNER]: [SIGNER] }, options.revoked),
      approvals: options.approvals ?? createNamedApprovals(),
    };
    const ports = {
      registry: reader,
      sources,
      importer,
      locks,
      remover,
      puller: reader,
      cluster,
      sight,
      records,
      health,
      checks: createMemoryChecks(options.checks ?? {}).checks,
      ...trust,
      ...recording?.[environment],
      ...(options.keepsEvidence === true ? { keeper: registries.registry(environment).publisher } : {}),
    };
    return { environment, rulebook, now: options.now ?? (() => new Date('2026-11-23T12:00:00Z')), ports };
  };
  return {
    registries,
    clusters,
    zones: { dev: zone('dev'), staging: zone('staging') },
    push: (name, push) => pushTo(registries, name, push),
  };
}

/** Real signatures: what is verified later must have been made by the right environment. */
function recordings(
  registries: MemoryRegistries,
): Readonly<Record<Environment, Required<Pick<EnvironmentPorts, 'recorders' | 'recording' | 'keeper'>>>> {
  const signers = { dev: createMemorySigner(), staging: createMemorySigner() };
  const key = (name: Environment) => [{ kind: 'key' as const, file: `${name}.pub`, pem: signers[name].publicKey }];
  const recorders = createCosignSignatures({ dev: key('dev'), staging: key('staging') });
  const of = (name: Environment) => {
    const { publisher } = registries.registry(name);
    const recording = { signer: signers[name].signer, publisher, engine: '1.2.3' };
    return { recorders, recording, keeper: publisher };
  };
  return { dev: of('dev'), staging: of('staging') };
}

async function pushTo(
  registries: MemoryRegistries,
  name: string,
  { yaml = YAML, signer = SIGNER } = {},
): Promise<Pushed> {
  const blobs = [Buffer.from(`{"config of":"${name}"}`), Buffer.from(`layer of ${name}`)];
  const [config, layer] = blobs.map((bytes) => ({
    mediaType: 'application/octet-stream',
    digest: digestOf(bytes),
    size: bytes.byteLength,
  }));
  const manifest = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_MEDIA_TYPE, config, layers: [layer] }),
  );
  const digest = registries.push('dev', 'iam', { mediaType: MANIFEST_MEDIA_TYPE, manifest, blobs });
  const { publisher } = registries.registry('dev');
  const signature = stateSignature(digest, signer);
  await publisher.publish('iam', signature);
  const files = PATH.map((environment) => ({ path: `${environment}/iam.yaml`, bytes: Buffer.from(yaml) }));
  const manifests = await packManifests(files, { digest, mediaType: MANIFEST_MEDIA_TYPE, size: manifest.byteLength });
  await publisher.publish('iam', manifests);
  return { digest, manifests: manifests.manifestDigest, signature: signature.manifestDigest };
}

/** As the zone is while its cluster lets nobody read what is remembered of these services. */
export function blind(zone: Zone, services: readonly string[]): Zone {
  const { records } = zone.ports;
  const read: typeof records.read = async (about, namespace, service) => {
    if (services.includes(service))
      throw new PortError('cluster-forbidden', `no right in ${namespace}`, { retry: 'no' });
    return records.read(about, namespace, service);
  };
  return { ...zone, ports: { ...zone.ports, records: { ...records, read } } };
}

export function requestFor({ plan, planDigest, baseline }: PlannedPromotion): StepRequest {
  return {
    plan,
    planDigest,
    baseline,
    approvals: [],
    requestedBy: 'pipeline',
    workflowId: `promotion/iam/${plan.version}/${plan.environment}`,
    fence: 1,
  };
}

export function aRulebook(): Rulebook {
  const environment = (name: Environment) => ({
    name,
    registryHost: `${name}.example.test`,
    lockImages: name === 'staging',
    rollOutTimeoutMs: 1_000,
    firstRelease: 'remove' as const,
  });
  return {
    policyVersion: 'test',
    environments: { dev: environment('dev'), staging: environment('staging') },
    services: {
      iam: {
        name: 'iam',
        repository: 'iam',
        namespaces: { dev: 'iam-dev', staging: 'iam-staging' },
        workloads: ['deployment/iam'],
        path: PATH,
        health: {
          service: 'iam',
          port: 8080,
          path: '/health',
          attempts: 2,
          everyMs: 1,
          timeoutMs: 100,
          passes: 1,
          urls: {},
        },
      },
    },
    timing: { heartbeatMs: 10_000, retryForMs: 10_000, attentionForMs: 60_000, pauseForMs: 60_000 },
  };
}

export const YAML = `apiVersion: apps/v1
kind: Deployment
metadata: { name: iam }
spec:
  replicas: 2
  selector: { matchLabels: { app: iam } }
  template:
    metadata: { labels: { app: iam } }
    spec:
      containers: [{ name: iam, image: iam, ports: [{ containerPort: 8080 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: iam }
spec: { type: LoadBalancer, selector: { app: iam }, ports: [{ port: 8080 }] }
`;
