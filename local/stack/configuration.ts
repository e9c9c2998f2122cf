/** `sluice.yaml` of the local world. One file for everybody: it names identities and files, never a secret. */
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { EXAMPLE_KEYS, EXAMPLE_MANIFESTS } from '../../examples/images.ts';
import { type Emulator, RELEASE_MANAGERS_ID } from '../acr-emulator/index.ts';
import { keyHolders } from './people.ts';
import { recordKeyOf } from './record-keys.ts';
import { ENVIRONMENTS, type LocalEnvironment } from './world.ts';

export type ClusterEntry = { readonly kubeconfig: string } | { readonly simulated: true; readonly stateFile: string };

export interface ConfigurationFacts {
  readonly emulator: Pick<Emulator, 'registries' | 'resourceManager' | 'caFile'>;
  readonly clusters: {
    readonly entries: Readonly<Record<string, ClusterEntry>>;
    /** Full health addresses by environment, for clusters that give none. */
    readonly healthUrls?: Readonly<Record<string, string>>;
  };
  /** How people prove who they are. */
  readonly proof: Proof;
  /** Folder of the keys with which environments sign their records. */
  readonly recordKeys: string;
}

export type Proof =
  /** Keys of their own, in the folder of all people. */
  | { readonly kind: 'keys'; readonly folder: string }
  /** They sign in at an issuer. */
  | { readonly kind: 'sign-in'; readonly issuer: string; readonly clientId: string };

const HEADER = '# Written by the local stack at every start.\n';

/** Production alone asks people, locks its images and wants staging's signed word that they ran there; waiting times are those of a demonstration. */
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

function approversOf({ proof, emulator }: ConfigurationFacts): object {
  if (proof.kind === 'keys') return { approvers: keyHolders(proof.folder) };
  const { issuer, clientId } = proof;
  return { identity: { issuer, clientId, groups: { 'release-managers': RELEASE_MANAGERS_ID }, ca: emulator.caFile } };
}

/** The tenant of the emulator knows no incident managers. */
function overridesOf({ proof }: ConfigurationFacts): object {
  const stop = proof.kind === 'keys' ? 'incident-managers' : 'release-managers';
  return { stop: [stop], hold: ['release-managers'] };
}

function environmentEntry(environment: LocalEnvironment, facts: ConfigurationFacts) {
  const { emulator, clusters } = facts;
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
          approvals: [{ required: 2, from: ['release-managers'], not: ['requester'], expiresAfter: '3d' }],
          proofs: { records: [{ of: 'staging' }] },
        }
      : {}),
    records: recordsOf(environment, facts),
    overrides: overridesOf(facts),
    rollOut: { timeout: '60s' },
  };
}

function recordsOf({ name }: LocalEnvironment, { recordKeys }: ConfigurationFacts): object {
  const { keyFile, publicFile } = recordKeyOf(recordKeys, name);
  return { key: { file: keyFile }, publicKey: publicFile };
}

function urlsOf({ clusters }: ConfigurationFacts): object {
  return clusters.healthUrls === undefined ? {} : { urls: clusters.healthUrls };
}
