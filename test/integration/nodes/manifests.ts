/** Manifests of a small service, with what one test wants different. */
import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { Manifest } from './a-cluster.ts';

const LABELS = { app: 'iam' };

export interface Wanted {
  readonly namespace: string;
  readonly image: string;
  readonly replicas?: number;
  readonly progressDeadlineSeconds?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly container?: Partial<V1Container>;
  readonly pod?: Partial<V1PodSpec>;
}

export function aNamespace(name: string): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

export function aDeployment(wanted: Wanted): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'iam', namespace: wanted.namespace },
    spec: {
      replicas: wanted.replicas ?? 2,
      progressDeadlineSeconds: wanted.progressDeadlineSeconds ?? 30,
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS, annotations: wanted.annotations ?? {} }, spec: podSpec(wanted) },
    },
  };
}

export function aJob(wanted: Wanted): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate', namespace: wanted.namespace },
    spec: { backoffLimit: 0, template: { spec: { ...podSpec(wanted), restartPolicy: 'Never' } } },
  };
}

export function aService(namespace: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'iam', namespace },
    spec: { type: 'LoadBalancer', selector: LABELS, ports: [{ name: 'http', port: 8080, targetPort: 'http' }] },
  };
}

function podSpec({ image, container, pod }: Wanted): Partial<V1PodSpec> {
  return {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'iam',
        image,
        ports: [{ name: 'http', containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 1 },
        ...container,
      },
    ],
    ...pod,
  };
}
