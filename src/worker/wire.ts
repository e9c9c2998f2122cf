/** The worker's composition root: configuration in, the ports of one environment out. Nobody else constructs adapters for activities. */
import { readFileSync } from 'node:fs';
import { acrCredential } from '../adapters/registry/acr/credential.ts';
import { acrResourceId, createAcr, createAcrReader } from '../adapters/registry/acr/create-acr.ts';
import { remembering } from '../adapters/registry/remembering.ts';
import { createAnyOfApprovals } from '../adapters/approvals/any-of.ts';
import { createKeyApprovals } from '../adapters/approvals/keys.ts';
import { createNamedApprovals } from '../adapters/approvals/named.ts';
import { createOidcApprovals } from '../adapters/approvals/oidc/create-oidc-approvals.ts';
import { createHttpsChecks } from '../adapters/external-checks/https/create-https-checks.ts';
import { createHttpHealth } from '../adapters/health/http.ts';
import { createKubernetesCluster } from '../adapters/cluster/kubernetes/kubernetes-cluster.ts';
import { createMemoryCluster } from '../adapters/cluster/memory/memory-cluster.ts';
import { createMemoryHealth } from '../adapters/health/memory.ts';
import { createWebhookNotifier } from '../adapters/notifier/webhook/create-webhook-notifier.ts';
import type { ClusterConnection, Config, EnvironmentConnections, RegistryConnection } from '../config/config.ts';
import { readSecret } from '../config/secrets.ts';
import type { ApprovalVerifier } from '../ports/approvals.ts';
import type { ArtefactPublisher } from '../ports/artefact-publisher.ts';
import type { ClusterWatch } from '../ports/cluster-watch.ts';
import type { EnvironmentPorts } from '../ports/environment-ports.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import { engineVersion } from './engine-version.ts';
import { recordersOf, recordSigner } from '../wiring/records.ts';
import { signaturesOf } from '../wiring/signatures.ts';

/** Connects nothing: the first call of each port does. */
export function wireEnvironment(config: Config, environment: string): EnvironmentPorts {
  const connections = connectionsOf(config, environment);
  const { registry } = connections;
  const acr = createAcr({
    ...registry,
    ...authorities(registry),
    credential: acrCredential(registry.clientId),
    sources: sourceRegistries(config, environment),
  });
  return {
    registry: remembering(acr.reader),
    sources: sourceReaders(config, environment),
    importer: acr.importer,
    locks: acr.locks,
    remover: acr.remover,
    ...pullerOf(registry),
    ...recordsOf(config, environment, acr.publisher),
    ...(config.rulebook.keepsEvidence?.includes(environment) === true ? { keeper: acr.publisher } : {}),
    signatures: signaturesOf(config, acrCredential(registry.clientId)),
    approvals: approvalsOf(config),
    checks: createHttpsChecks(connections.checks, { readSecret }),
    ...clusterPorts(connections.cluster, registry, hasHealthAddress(config, environment)),
  };
}

/** Undefined: nobody but the engine changes a simulated cluster. Connects nothing: following does. */
export function wireWatch(config: Config, environment: string): ClusterWatch | undefined {
  const { cluster, registry } = connectionsOf(config, environment);
  return cluster.kind === 'simulated' ? undefined : kubernetesOf(cluster, registry).watch;
}

function recordsOf(
  config: Config,
  environment: string,
  publisher: ArtefactPublisher,
): Pick<EnvironmentPorts, 'recorders' | 'recording'> {
  const recorders = recordersOf(config);
  const { recordKey, registry } = connectionsOf(config, environment);
  const own = config.records[environment];
  if (recorders === undefined) return {};
  if (recordKey === undefined || own === undefined) return { recorders };
  const signer = recordSigner(recordKey, own.pem, acrCredential(registry.clientId));
  return { recorders, recording: { signer, publisher, engine: engineVersion() } };
}

/** Reads no secret: each delivery does. */
export function wireNotifier({ receivers }: Config): Notifier {
  return createWebhookNotifier(receivers, { readSecret });
}

/** Names on trust only where the configuration says so in as many words. */
function approvalsOf({ approvers }: Config): ApprovalVerifier {
  if (approvers.kind === 'unproven') return createNamedApprovals();
  const keys = createKeyApprovals(approvers.people);
  if (approvers.identity === undefined) return keys;
  const { caFile, ...provider } = approvers.identity;
  const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') };
  return createAnyOfApprovals({ keys, identity: createOidcApprovals({ ...provider, ...ca }) });
}

function connectionsOf(config: Config, environment: string): EnvironmentConnections {
  const connections = config.environments[environment];
  if (connections === undefined)
    throw new Error(`no connections for environment ${environment}: the rules should have refused it`);
  return connections;
}

/** Registries are read with the environment's own identity, never with the source's. */
function sourceReaders(config: Config, environment: string): Readonly<Record<string, RegistryReader>> {
  const { clientId } = connectionsOf(config, environment).registry;
  const readers = others(config, environment).map(({ name, registry }) => {
    const reader = createAcrReader({
      loginServer: registry.loginServer,
      resourceId: acrResourceId(registry),
      ...authorities(registry),
      credential: acrCredential(clientId),
    });
    return [name, remembering(reader)] as const;
  });
  return Object.fromEntries(readers);
}

function sourceRegistries(
  config: Config,
  environment: string,
): Record<string, { resourceId: string; loginServer: string }> {
  const sources = others(config, environment).map(({ name, registry }) => [
    name,
    { resourceId: acrResourceId(registry), loginServer: registry.loginServer },
  ]);
  return Object.fromEntries(sources) as Record<string, { resourceId: string; loginServer: string }>;
}

function others(config: Config, environment: string): { name: string; registry: RegistryConnection }[] {
  return Object.entries(config.environments)
    .filter(([name]) => name !== environment)
    .map(([name, { registry }]) => ({ name, registry }));
}

/** The registry as the cluster's nodes see it, where this worker may assume their identity. */
function pullerOf(registry: RegistryConnection): { puller?: RegistryReader } {
  if (registry.pullClientId === undefined) return {};
  const puller = createAcrReader({
    loginServer: registry.loginServer,
    resourceId: acrResourceId(registry),
    ...authorities(registry),
    credential: acrCredential(registry.pullClientId),
  });
  return { puller };
}

function authorities(registry: RegistryConnection): { ca?: string } {
  return registry.caFile === undefined ? {} : { ca: readFileSync(registry.caFile, 'utf8') };
}

/** A simulated cluster has nobody to answer for its pods, unless the configuration names an address of its own. */
function hasHealthAddress(config: Config, environment: string): boolean {
  return Object.values(config.rulebook.services).some(({ health }) => health?.urls[environment] !== undefined);
}

function clusterPorts(
  connection: ClusterConnection,
  registry: RegistryConnection,
  hasAddress: boolean,
): Pick<EnvironmentPorts, 'cluster' | 'sight' | 'records' | 'health'> {
  if (connection.kind === 'simulated') {
    const { cluster, sight, records } = createMemoryCluster(
      connection.stateFile === undefined ? {} : { stateFile: connection.stateFile },
    );
    return { cluster, sight, records, health: hasAddress ? createHttpHealth() : createMemoryHealth().probe };
  }
  const { cluster, sight, records } = kubernetesOf(connection, registry);
  return { cluster, sight, records, health: createHttpHealth() };
}

function kubernetesOf(
  connection: Exclude<ClusterConnection, { readonly kind: 'simulated' }>,
  registry: RegistryConnection,
): ReturnType<typeof createKubernetesCluster> {
  if (connection.kind === 'aks') {
    return createKubernetesCluster({ aks: connection, credential: acrCredential(registry.clientId) });
  }
  const { path, context } = connection;
  return createKubernetesCluster({ kubeconfig: path, ...(context === undefined ? {} : { context }) });
}
