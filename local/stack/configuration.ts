/** `sluice.yaml` of the local world. One file for everybody: it names identities and files, never a secret. */
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { EXAMPLE_KEYS, EXAMPLE_MANIFESTS } from '../../examples/images.ts';
import { type Emulator, RELEASE_MANAGERS_ID } from '../acr-emulator/index.ts';
import { ENVIRONMENTS, type LocalEnvironment } from './world.ts';

export type ClusterEntry = { readonly kubeconfig: string } | { readonly simulated: true; readonly stateFile: string };

export interface ConfigurationFacts {
  readonly emulator: Pick<Emulator, 'registries' | 'resourceManager' | 'caFile'>;
  readonly clusters: {
    readonly entries: Readonly<Record<string, ClusterEntry>>;
    /** Full health addresses by environment, for clusters that give none. */
    readonly healthUrls?: Readonly<Record<string, string>>;
  };
  /** Where people sign in; undefined: every name is taken on trust. */
  readonly signIn?: Pick<Emulator['signIn'], 'issuer' | 'clientId'> | undefined;
}

const HEADER = '# Written by the local stack at every start.\n';

/** Production alone asks a person and locks its images; waiting times are those of a demonstration. */
export function configurationText(facts: ConfigurationFacts): string {
  const namespaces = Object.fromEntries(ENVIRONMENTS.map(({ name, namespace }) => [name, namespace]));
  const document = {
    version: 1,
    path: ENVIRONMENTS.map(({ name }) => name),
    environments: Object.fromEntries(ENVIRONMENTS.map((one) => [one.name, environmentEntry(one, facts)])),
    trust: { signatures: [{ key: fileURLToPath(EXAMPLE_KEYS.trusted) }], ...approversOf(facts) },
    services: {
      iam: {
        repository: 'iam',
        manifests: fileURLToPath(EXAMPLE_MANIFESTS),
        namespace: namespaces,
        workloads: ['deployment/iam'],
        health: { port: 8080, path: '/health', attempts: 5, every: '1s', ...urlsOf(facts) },
      },
    },
    engine: { heartbeat: '5s', retryFor: '2m' },
  };
  return HEADER + stringify(document, { lineWidth: 0 });
}

/** Nobody on a laptop has anything to prove, unless asked to. */
function approversOf({ signIn, emulator }: ConfigurationFacts): object {
  if (signIn === undefined) return { approvers: 'unproven' };
  const { issuer, clientId } = signIn;
  return { identity: { issuer, clientId, groups: { 'release-managers': RELEASE_MANAGERS_ID }, ca: emulator.caFile } };
}

function environmentEntry(environment: LocalEnvironment, { emulator, clusters }: ConfigurationFacts) {
  return {
    registry: {
      acr: environment.registry,
      resourceGroup: environment.resourceGroup,
      subscription: '${AZURE_SUBSCRIPTION_ID}',
      loginServer: emulator.registries[environment.registry]?.loginServer,
      endpoint: emulator.resourceManager,
      ca: emulator.caFile,
      clientId: environment.workerId,
      pullClientId: environment.kubeletId,
    },
    cluster: clusters.entries[environment.name],
    ...(environment.name === 'production'
      ? {
          lockImages: true,
          approvals: [{ required: 1, from: ['release-managers'], not: ['requester'], expiresAfter: '3d' }],
        }
      : {}),
    rollOut: { timeout: '60s' },
  };
}

function urlsOf({ clusters }: ConfigurationFacts): object {
  return clusters.healthUrls === undefined ? {} : { urls: clusters.healthUrls };
}
