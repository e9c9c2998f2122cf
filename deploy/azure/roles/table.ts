/**
 * Who may do what: the one table. The Pulumi program assigns exactly these, the policy pack refuses anything wider, and the emulator of
 * the registries lets its identities do exactly this (`local/acr-emulator`). Plain data, no dependency.
 */
import { CLUSTER, KEY, LOGS, onKind, REGISTRY, REPOSITORY } from './actions.ts';

export interface Role {
  readonly name: string;
  /** The id of a built-in role, the same in every tenant; undefined: a custom one, which the program defines. */
  readonly builtIn?: string;
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
  readonly why: string;
}

/** Kinds that a worker applies: those of the role in `deploy/kubernetes/access`, which a test compares. */
const APPLIED = [
  'apps/deployments',
  'apps/statefulsets',
  'apps/daemonsets',
  'batch/jobs',
  'batch/cronjobs',
  'services',
  'configmaps',
  'serviceaccounts',
  'persistentvolumeclaims',
  'networking.k8s.io/ingresses',
  'networking.k8s.io/networkpolicies',
  'policy/poddisruptionbudgets',
  'autoscaling/horizontalpodautoscalers',
];
/** Kinds that it looks at, to see what became of what it has applied. */
const LOOKED_AT = [
  'apps/replicasets',
  'apps/controllerrevisions',
  'discovery.k8s.io/endpointslices',
  'events',
  'events.k8s.io/events',
  'pods',
  'namespaces',
];

export const ROLES = {
  writer: {
    name: 'Container Registry Repository Writer',
    builtIn: '2a1e307c-b015-4ebd-883e-5b7698a07328',
    actions: [],
    dataActions: [REPOSITORY.read, REPOSITORY.write, REPOSITORY.metadataRead, REPOSITORY.metadataWrite],
    why: 'pushes images and what is said of them',
  },
  puller: {
    name: 'Container Registry Repository Reader',
    builtIn: 'b93aa761-3e63-49ed-ac28-beffa264f7ac',
    actions: [],
    dataActions: [REPOSITORY.read, REPOSITORY.metadataRead],
    why: 'pulls; AcrPull is not honoured by registries with repository permissions',
  },
  importer: {
    name: 'Container Registry Data Importer and Data Reader',
    builtIn: '577a9874-89fd-4f24-9dbd-b5034d0ad23a',
    actions: [REGISTRY.import, REGISTRY.read, REGISTRY.pull],
    dataActions: [REPOSITORY.read, REPOSITORY.metadataRead, REPOSITORY.list],
    why: 'imports by digest and reads what has arrived',
  },
  importSource: {
    name: 'Sluice Import Source',
    actions: [REGISTRY.read],
    dataActions: [REPOSITORY.read, REPOSITORY.metadataRead],
    why: 'an import needs the content at the source and the linked-scope read of the registry; Reader would be all of its settings',
  },
  imageKeeper: {
    name: 'Sluice Image Keeper',
    actions: [],
    dataActions: [REPOSITORY.metadataRead, REPOSITORY.metadataWrite, REPOSITORY.delete],
    why: 'locks and unlocks manifests and tags, and removes a copy that failed its verification, without the right to push',
  },
  recordWriter: {
    name: 'Sluice Record Writer',
    actions: [],
    dataActions: [REPOSITORY.write],
    why: 'attaches records and evidence to an image in its own registry',
  },
  signer: {
    name: 'Sluice Key Signer',
    actions: [],
    dataActions: [KEY.read, KEY.sign],
    why: 'signs with one key, and reads its public half; Key Vault Crypto User would encrypt, wrap and back it up as well',
  },
  clusterUser: {
    name: 'Sluice Cluster User',
    actions: [CLUSTER.read, CLUSTER.userCredential],
    dataActions: [],
    why: 'finds the address of the API server and how to sign in there; no right inside',
  },
  deployer: {
    name: 'Sluice Deployer',
    actions: [],
    dataActions: [
      ...APPLIED.flatMap((kind) => onKind(kind, 'read', 'write', 'delete')),
      ...LOOKED_AT.flatMap((kind) => onKind(kind, 'read')),
    ],
    why: 'applies manifests in the namespaces of its services and sees what became of them; no secrets, no roles, no other namespace',
  },
  releaseReader: {
    name: 'Sluice Release Reader',
    actions: [REGISTRY.read],
    dataActions: [REPOSITORY.read, REPOSITORY.metadataRead, REPOSITORY.list],
    why: 'looks at images, signatures, records and evidence before answering, and afterwards',
  },
  logReader: {
    name: 'Log Analytics Data Reader',
    builtIn: '3b03c2da-16b3-4a49-8834-0f8130efdd3b',
    actions: [LOGS.read, LOGS.query],
    dataActions: [],
    why: 'reads who has signed in to registries and vault, and what was done there',
  },
  breakGlass: {
    name: 'Sluice Break Glass',
    actions: [CLUSTER.read, CLUSTER.userCredential, REGISTRY.read],
    dataActions: [
      REPOSITORY.read,
      REPOSITORY.metadataRead,
      REPOSITORY.metadataWrite,
      ...APPLIED.flatMap((kind) => onKind(kind, 'read', 'write', 'delete')),
      ...LOOKED_AT.flatMap((kind) => onKind(kind, 'read')),
      ...onKind('pods', 'delete'),
    ],
    why: 'puts an environment right by hand while Sluice cannot: what a worker may do in the cluster, and locks; it can bring in no image',
  },
} as const satisfies Readonly<Record<string, Role>>;

export type RoleKey = keyof typeof ROLES;

/** `worker` and `kubelet` are one for each environment; `approver`, `auditor` and `breakGlass` are groups of people. */
export type Who = 'build' | 'worker' | 'kubelet' | 'approver' | 'auditor' | 'breakGlass';

/** Where: relative to the environment of whoever holds it; `source` is the registry that it imports from. */
export type Where =
  | 'first registry'
  | 'own registry'
  | 'source registry'
  | 'every registry'
  | 'signing key'
  | 'own record key'
  | 'own cluster'
  | 'own namespaces'
  | 'logs';

/** What somebody does with it, in the words of the journey: a worker promotes, deploys and records in its own environment. */
export type Duty = 'build' | 'promotion' | 'deployment' | 'records' | 'pull' | 'reading' | 'emergency';

export interface Grant {
  readonly who: Who;
  readonly duty: Duty;
  readonly role: RoleKey;
  readonly on: Where;
  /** It has to be asked for each time and ends by itself; undefined: held always. */
  readonly eligible?: true;
}

export const GRANTS: readonly Grant[] = [
  { who: 'build', duty: 'build', role: 'writer', on: 'first registry' },
  { who: 'build', duty: 'build', role: 'signer', on: 'signing key' },
  { who: 'worker', duty: 'promotion', role: 'importer', on: 'own registry' },
  { who: 'worker', duty: 'promotion', role: 'imageKeeper', on: 'own registry' },
  { who: 'worker', duty: 'promotion', role: 'importSource', on: 'source registry' },
  { who: 'worker', duty: 'records', role: 'recordWriter', on: 'own registry' },
  { who: 'worker', duty: 'records', role: 'signer', on: 'own record key' },
  { who: 'worker', duty: 'deployment', role: 'clusterUser', on: 'own cluster' },
  { who: 'worker', duty: 'deployment', role: 'deployer', on: 'own namespaces' },
  { who: 'kubelet', duty: 'pull', role: 'puller', on: 'own registry' },
  { who: 'approver', duty: 'reading', role: 'releaseReader', on: 'every registry' },
  { who: 'auditor', duty: 'reading', role: 'releaseReader', on: 'every registry' },
  { who: 'auditor', duty: 'reading', role: 'logReader', on: 'logs' },
  { who: 'breakGlass', duty: 'emergency', role: 'breakGlass', on: 'own registry', eligible: true },
  { who: 'breakGlass', duty: 'emergency', role: 'breakGlass', on: 'own cluster', eligible: true },
];
