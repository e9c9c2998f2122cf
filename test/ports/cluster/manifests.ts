/** Manifests for tests: small, valid, pinned by digest. */
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';

/** `sample('a')`: an image reference with a digest of 64 times that character. */
export function sample(character: string, repository = 'registry.local/iam'): string {
  return `${repository}@sha256:${character.repeat(64)}`;
}

export interface WorkloadOptions {
  readonly name?: string;
  readonly replicas?: number;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

export function deployment(image: string, options: WorkloadOptions = {}): ManifestObject {
  return workload('Deployment', image, options);
}

export function statefulSet(image: string, options: WorkloadOptions = {}): ManifestObject {
  const { name = 'iam' } = options;
  return workload('StatefulSet', image, { ...options, spec: { serviceName: name, ...options.spec } });
}

export function daemonSet(image: string, options: WorkloadOptions = {}): ManifestObject {
  return workload('DaemonSet', image, options);
}

export function configMap(name: string, data: Readonly<Record<string, string>> = { key: 'value' }): ManifestObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

export function service(name: string, type = 'LoadBalancer'): ManifestObject {
  const spec = { type, selector: { app: name }, ports: [{ port: 8080 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

function workload(
  kind: string,
  image: string,
  { name = 'iam', replicas, spec, env = {} }: WorkloadOptions,
): ManifestObject {
  const labels = { app: name };
  const count = kind === 'DaemonSet' ? {} : { replicas: replicas ?? 2 };
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  const container = { name: 'main', image, ...(variables.length === 0 ? {} : { env: variables }) };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      ...count,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
      ...spec,
    },
  };
}
