/** What a pod's containers are given: their environment and volumes, from ConfigMaps and Secrets that must exist. */
import type { V1Container, V1Pod } from '@kubernetes/client-node';
import { KubeApiError, type KubeApi } from '../control-plane/kube-api.ts';

/** The container cannot be created as the manifest asks; the message is the kubelet's. */
export class ConfigurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigurationError';
  }
}

type Values = Readonly<Record<string, string>>;
type Kind = 'configmap' | 'secret';
interface Selector {
  readonly name?: string;
  readonly key?: string;
  readonly optional?: boolean;
}

/** The container's environment; throws {@link ConfigurationError} for what is missing. */
export async function environmentOf(api: KubeApi, pod: V1Pod, container: V1Container): Promise<Values> {
  const namespace = pod.metadata?.namespace ?? '';
  const env: Record<string, string> = {};
  for (const source of container.envFrom ?? []) {
    const values = {
      ...(await valuesOf(api, namespace, 'configmap', source.configMapRef)),
      ...(await valuesOf(api, namespace, 'secret', source.secretRef)),
    };
    for (const [name, value] of Object.entries(values)) env[`${source.prefix ?? ''}${name}`] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const given =
      value ??
      (await valueOf(api, namespace, 'configmap', valueFrom?.configMapKeyRef)) ??
      (await valueOf(api, namespace, 'secret', valueFrom?.secretKeyRef)) ??
      fieldOf(pod, valueFrom?.fieldRef?.fieldPath);
    if (given !== undefined) env[name] = given;
  }
  return env;
}

/** Checks that every ConfigMap and Secret mounted as a volume is there; throws {@link ConfigurationError}. */
export async function checkVolumes(api: KubeApi, pod: V1Pod): Promise<void> {
  const namespace = pod.metadata?.namespace ?? '';
  for (const volume of pod.spec?.volumes ?? []) {
    try {
      await valuesOf(api, namespace, 'configmap', volume.configMap);
      await valuesOf(api, namespace, 'secret', secretOf(volume.secret));
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      throw new ConfigurationError(`MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`);
    }
  }
}

function secretOf(secret?: { secretName?: string; optional?: boolean }): Selector | undefined {
  if (secret?.secretName === undefined) return undefined;
  return { name: secret.secretName, optional: secret.optional ?? false };
}

async function valuesOf(api: KubeApi, namespace: string, kind: Kind, from: Selector | undefined): Promise<Values> {
  if (from?.name === undefined) return {};
  try {
    const path = `/api/v1/namespaces/${namespace}/${kind}s/${from.name}`;
    const { data = {} } = await api.get<{ data?: Record<string, string> }>(path);
    if (kind === 'configmap') return data;
    return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]));
  } catch (error) {
    if (!(error instanceof KubeApiError) || error.status !== 404) throw error;
    if (from.optional === true) return {};
    throw new ConfigurationError(`${kind} "${from.name}" not found`);
  }
}

async function valueOf(
  api: KubeApi,
  namespace: string,
  kind: Kind,
  from: Selector | undefined,
): Promise<string | undefined> {
  if (from?.key === undefined) return undefined;
  const value = (await valuesOf(api, namespace, kind, from))[from.key];
  if (value !== undefined || from.optional === true) return value;
  const title = kind === 'configmap' ? 'ConfigMap' : 'Secret';
  throw new ConfigurationError(`couldn't find key ${from.key} in ${title} ${namespace}/${from.name}`);
}

function fieldOf(pod: V1Pod, path: string | undefined): string | undefined {
  if (path === 'metadata.name') return pod.metadata?.name;
  if (path === 'metadata.namespace') return pod.metadata?.namespace;
  if (path === 'spec.nodeName') return pod.spec?.nodeName;
  return undefined;
}
