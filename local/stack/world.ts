/** The environments of the local world: which registry, which cluster, which identities. Names that all parts agree on. */

export type ClusterName = 'nonproduction' | 'production';
export type Zone = 'nonproduction' | 'production';

export interface LocalEnvironment {
  readonly name: 'dev' | 'staging' | 'production';
  readonly registry: string;
  readonly resourceGroup: string;
  readonly cluster: ClusterName;
  readonly namespace: string;
  /** Client id of the worker's identity. */
  readonly workerId: string;
  /** Client id of the identity with which the nodes pull. */
  readonly kubeletId: string;
}

const clientId = (digits: string): string => `00000000-0000-4000-8000-0000000001${digits}`;

export const ENVIRONMENTS: readonly LocalEnvironment[] = [
  {
    name: 'dev',
    registry: 'onestreamdev',
    resourceGroup: 'onestream-dev-rg',
    cluster: 'nonproduction',
    namespace: 'iam-dev',
    workerId: clientId('11'),
    kubeletId: clientId('21'),
  },
  {
    name: 'staging',
    registry: 'onestreamstaging',
    resourceGroup: 'onestream-staging-rg',
    cluster: 'nonproduction',
    namespace: 'iam-staging',
    workerId: clientId('12'),
    kubeletId: clientId('22'),
  },
  {
    name: 'production',
    registry: 'onestreamprod',
    resourceGroup: 'onestream-prod-rg',
    cluster: 'production',
    namespace: 'iam',
    workerId: clientId('13'),
    kubeletId: clientId('23'),
  },
];

/** Trust zones: which worker process holds the credentials of which environments, on which emulated host. */
export const ZONES = {
  nonproduction: { host: 'worker-nonproduction', environments: ['dev', 'staging'], engine: true },
  production: { host: 'worker-production', environments: ['production'], engine: false },
} as const;

/** Host of the managed-identity endpoint on which pipelines run; its only identity may push to dev. */
export const PIPELINE_HOST = 'pipeline';
export const NODES_HOST = 'nodes';
