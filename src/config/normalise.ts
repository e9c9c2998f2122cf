/** Written form → normalised form: defaults set, paths absolute, durations in milliseconds. */
import { resolve } from 'node:path';
import { canonicalJson } from '../content/canonical-json.ts';
import { digestOf } from '../content/digest-of.ts';
import { COMMON_SIGNER } from '../domain/proof.ts';
import type { EnvironmentRules, HealthRule, ServiceRules, Timing } from '../domain/rulebook.ts';
import type {
  Approvers,
  ClusterConnection,
  Config,
  EnvironmentConnections,
  RecordTrust,
  RegistryConnection,
  SignatureTrust,
  Signers,
} from './config.ts';
import { ENGINE, HEALTH, REGISTRY_SUFFIX, RESOURCE_MANAGER, ROLL_OUT } from './defaults.ts';
import { msOf as ms } from './duration.ts';
import { approvalRule } from './normalise-approvals.ts';
import { checkConnections } from './normalise-checks.ts';
import { type Calendars, type GateSources, gateRules } from './normalise-gates.ts';
import { receiverConnection, receiverRule } from './normalise-notifications.ts';
import { proofRules } from './normalise-proofs.ts';
import { demandedKeys, recordKey } from './normalise-records.ts';
import { guardianRules } from './written-guardian.ts';
import type { WrittenConfig, WrittenEnvironment, WrittenService } from './written.ts';

/** What has been read from the files that the configuration names. */
interface ReadFiles {
  readonly trust: Signers;
  readonly revokedFile?: string;
  readonly calendars: Calendars;
  readonly approvers: Approvers;
  readonly records: Readonly<Record<string, RecordTrust>>;
}

export function normalise(
  written: WrittenConfig,
  file: string,
  folder: string,
  { trust, revokedFile, calendars, approvers, records }: ReadFiles,
): Config {
  const at = (path: string): string => resolve(folder, path);
  const environments = mapValues(written.environments, (environment, name) =>
    environmentRules(environment, name, { calendars, serviceGroups: written.serviceGroups }),
  );
  const services = mapValues(written.services, (service, name) => serviceRules(service, name, written));
  const receivers = written.notifications ?? [];
  // what is not written adds nothing
  const authors = written.trust.authors === undefined ? {} : { authors: written.trust.authors };
  const policy = canonicalJson({
    format: 1,
    environments,
    services,
    ...trustRules(trust),
    ...authors,
    ...approverRules(approvers),
    ...demandedKeys(written, records),
  });
  return {
    file,
    rulebook: {
      policyVersion: digestOf(policy),
      policy,
      environments,
      services,
      timing: timing(written),
      ...authors,
      // who looks after a release when it is over decides nothing about it: the policy's version is without them
      ...guardianRules(written.environments),
      // nor does where evidence is kept
      keepsEvidence: keepersOf(written),
      // who hears of a release decides nothing about it: the policy's version is without them
      ...(receivers.length === 0 ? {} : { receivers: receivers.map(receiverRule) }),
    },
    environments: mapValues(written.environments, (environment) => connections(environment, at)),
    trust,
    records,
    ...(revokedFile === undefined ? {} : { revokedFile }),
    approvers,
    receivers: receivers.map((one) => receiverConnection(one, at)),
    manifests: mapValues(written.services, (service, name) => at(service.manifests ?? `manifests/${name}`)),
  };
}

function keepersOf({ environments }: WrittenConfig): readonly string[] {
  return Object.entries(environments).flatMap(([name, { keepEvidence = true }]) => (keepEvidence ? [name] : []));
}

function environmentRules(written: WrittenEnvironment, name: string, sources: GateSources): EnvironmentRules {
  const approval = approvalRule(written);
  return {
    name,
    registryHost: loginServer(written),
    lockImages: written.lockImages ?? false,
    ...(approval === undefined ? {} : { approval }),
    rollOutTimeoutMs: ms(written.rollOut?.timeout ?? ROLL_OUT.timeout),
    firstRelease: written.rollOut?.firstRelease ?? ROLL_OUT.firstRelease,
    // what is not written adds nothing
    ...(written.turns === undefined ? {} : { turns: written.turns }),
    ...manifestRules(written),
    ...(written.overrides === undefined ? {} : { overrides: overrideRules(written.overrides) }),
    // without gates nothing is added, so that rules which did not change keep their version
    ...(written.gates === undefined || written.gates.length === 0 ? {} : { gates: gateRules(written.gates, sources) }),
    ...(written.proofs === undefined ? {} : { proofs: proofRules(written.proofs) }),
  };
}

function manifestRules({ manifests: { kinds, images } = {} }: WrittenEnvironment): Pick<EnvironmentRules, 'manifests'> {
  if (kinds === undefined && images === undefined) return {};
  return {
    manifests: { ...(kinds === undefined ? {} : { kinds }), ...(images === undefined ? {} : { images }) },
  };
}

function overrideRules({
  stop,
  hold,
}: NonNullable<WrittenEnvironment['overrides']>): NonNullable<EnvironmentRules['overrides']> {
  return {
    ...(stop === undefined ? {} : { stop: { from: stop } }),
    ...(hold === undefined ? {} : { hold: { from: hold } }),
  };
}

/** What is revoked is no rule: it may change at any time, and nobody has to agree again. */
function trustRules({ [COMMON_SIGNER]: common = [], ...signers }: Signers): object {
  const trusted = { trust: common.map(trustRule) };
  if (Object.keys(signers).length === 0) return trusted;
  return { ...trusted, signers: mapValues(signers, (entries) => entries.map(trustRule)) };
}

/** Where a file lies is no rule: the same rules have one version in every checkout. */
function trustRule(one: SignatureTrust): object {
  if (one.kind !== 'key') return one;
  const { file: _, ...rule } = one;
  return rule;
}

/** Who may answer is a rule; without anybody nothing is added, so that rules which did not change keep their version. */
function approverRules(approvers: Approvers): object {
  if (approvers.kind === 'unproven') return { approvers: approvers.kind };
  const { people, identity } = approvers;
  if (people.length === 0 && identity === undefined) return {};
  const { caFile: _, ...provider } = identity ?? {};
  return { approvers: { people, ...(identity === undefined ? {} : { identity: provider }) } };
}

function serviceRules(written: WrittenService, name: string, config: WrittenConfig): ServiceRules {
  const path = written.path ?? config.path;
  const { namespace } = written;
  const health = healthRule(written, name);
  return {
    name,
    repository: written.repository ?? name,
    namespaces:
      typeof namespace === 'object'
        ? namespace
        : Object.fromEntries(Object.keys(config.environments).map((environment) => [environment, namespace ?? name])),
    workloads: written.workloads ?? [`deployment/${name}`],
    path,
    ...(health === undefined ? {} : { health }),
  };
}

function healthRule({ health }: WrittenService, name: string): HealthRule | undefined {
  if (health === false) return undefined;
  return {
    service: health?.service ?? name,
    port: health?.port ?? HEALTH.port,
    path: health?.path ?? HEALTH.path,
    attempts: health?.attempts ?? HEALTH.attempts,
    everyMs: ms(health?.every ?? HEALTH.every),
    timeoutMs: ms(health?.timeout ?? HEALTH.timeout),
    passes: health?.passes ?? HEALTH.passes,
    urls: health?.urls ?? {},
  };
}

function timing({ engine }: WrittenConfig): Timing {
  return {
    heartbeatMs: ms(engine?.heartbeat ?? ENGINE.heartbeat),
    retryForMs: ms(engine?.retryFor ?? ENGINE.retryFor),
    attentionForMs: ms(engine?.attentionFor ?? ENGINE.attentionFor),
    pauseForMs: ms(engine?.pauseFor ?? ENGINE.pauseFor),
  };
}

function connections(written: WrittenEnvironment, at: (path: string) => string): EnvironmentConnections {
  return {
    registry: registryConnection(written, at),
    cluster: clusterConnection(written, at),
    checks: checkConnections(written.gates ?? [], at),
    ...(written.records === undefined ? {} : { recordKey: recordKey(written.records, at) }),
  };
}

function registryConnection(written: WrittenEnvironment, at: (path: string) => string): RegistryConnection {
  const { registry } = written;
  return {
    name: registry.acr,
    resourceGroup: registry.resourceGroup,
    subscription: registry.subscription,
    loginServer: loginServer(written),
    resourceManager: (registry.endpoint ?? RESOURCE_MANAGER).replace(/\/+$/, ''),
    ...(registry.ca === undefined ? {} : { caFile: at(registry.ca) }),
    ...(registry.clientId === undefined ? {} : { clientId: registry.clientId }),
    ...(registry.pullClientId === undefined ? {} : { pullClientId: registry.pullClientId }),
  };
}

function clusterConnection(written: WrittenEnvironment, at: (path: string) => string): ClusterConnection {
  const { cluster, registry } = written;
  if ('kubeconfig' in cluster) {
    return {
      kind: 'kubeconfig',
      path: at(cluster.kubeconfig),
      ...(cluster.context === undefined ? {} : { context: cluster.context }),
    };
  }
  if ('aks' in cluster) {
    const subscription = cluster.subscription ?? registry.subscription;
    return { kind: 'aks', name: cluster.aks, resourceGroup: cluster.resourceGroup, subscription };
  }
  return { kind: 'simulated', ...(cluster.stateFile === undefined ? {} : { stateFile: at(cluster.stateFile) }) };
}

function loginServer({ registry }: WrittenEnvironment): string {
  return (registry.loginServer ?? `${registry.acr}${REGISTRY_SUFFIX}`).toLowerCase();
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
