/**
 * Azure Kubernetes Service: address and certificate authority from Azure Resource Manager, access with a Microsoft Entra token.
 * Not tried on Azure: no cluster was in reach. What is sent is tested at the wire (`listClusterUserCredential`, API 2025-05-01).
 */
import type { TokenCredential } from '@azure/core-auth';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, request } from 'undici';
import { PortError } from '../../../ports/port-error.ts';
import type { ConfigSource } from './connection.ts';

export interface AksCluster {
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscription: string;
  /** `https://management.azure.com` unless given (national clouds). */
  readonly resourceManager?: string;
  /** PEM of further certificate authorities for Resource Manager. */
  readonly ca?: string;
}

const PUBLIC_CLOUD = 'https://management.azure.com';
const API_VERSION = '2025-05-01';
/** The server application of AKS with Microsoft Entra integration, the same in every tenant (learn.microsoft.com, AKS kubelogin). */
const AKS_SCOPE = '6dae42f8-4368-4678-94ff-3960e28e3630/.default';
const PROVIDER = 'aks-entra';
const TIMEOUT_MS = 30_000;
const LARGEST_ANSWER = 1024 * 1024;

export function aksSource(cluster: AksCluster, credential: TokenCredential): ConfigSource {
  return async () => {
    const { server, caData } = addressOf(await userKubeconfig(cluster, credential), cluster.name);
    const config = new KubeConfig();
    config.addAuthenticator({
      isAuthProvider: (user) => user.authProvider?.name === PROVIDER,
      // Asked on every request: the credential caches the token and renews it in time.
      async applyAuthentication(_user, options) {
        options.headers = {
          ...options.headers,
          Authorization: `Bearer ${await token(credential, AKS_SCOPE)}`,
        } as Record<string, string>;
      },
    });
    config.loadFromOptions({
      clusters: [{ name: cluster.name, server, caData, skipTLSVerify: false }],
      users: [{ name: PROVIDER, authProvider: { name: PROVIDER } }],
      contexts: [{ name: PROVIDER, cluster: cluster.name, user: PROVIDER }],
      currentContext: PROVIDER,
    });
    return config;
  };
}

/** The kubeconfig of a plain user in exec format: the one that carries no secret. */
async function userKubeconfig(cluster: AksCluster, credential: TokenCredential): Promise<string> {
  const manager = (cluster.resourceManager ?? PUBLIC_CLOUD).replace(/\/+$/, '');
  const path = [
    'subscriptions',
    cluster.subscription,
    'resourceGroups',
    cluster.resourceGroup,
    'providers',
    'Microsoft.ContainerService',
    'managedClusters',
    cluster.name,
    'listClusterUserCredential',
  ]
    .map(encodeURIComponent)
    .join('/');
  const authorization = `Bearer ${await token(credential, `${manager}/.default`)}`;
  const dispatcher = new Agent({ allowH2: false, connect: cluster.ca === undefined ? {} : { ca: cluster.ca } });
  try {
    const answer = await request(`${manager}/${path}?api-version=${API_VERSION}&format=exec`, {
      method: 'POST',
      dispatcher,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { authorization, accept: 'application/json', 'user-agent': 'sluice', 'content-length': '0' },
    });
    const text = await bounded(answer.body);
    if (answer.statusCode !== 200) throw refused(cluster, answer.statusCode, text);
    return kubeconfigIn(text, cluster.name);
  } catch (cause) {
    if (cause instanceof PortError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PortError('cluster-unreachable', `Azure Resource Manager at ${manager} does not answer: ${why}`, {
      retry: 'yes',
      cause,
    });
  } finally {
    await dispatcher.destroy();
  }
}

async function bounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > LARGEST_ANSWER) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function kubeconfigIn(text: string, name: string): string {
  try {
    const { kubeconfigs } = JSON.parse(text) as { kubeconfigs?: readonly { readonly value?: string }[] };
    const value = kubeconfigs?.[0]?.value;
    if (value !== undefined) return Buffer.from(value, 'base64').toString('utf8');
  } catch (cause) {
    throw odd(name, 'is not JSON', cause);
  }
  throw odd(name, 'has no kubeconfig');
}

function addressOf(kubeconfig: string, name: string): { server: string; caData: string } {
  const config = new KubeConfig();
  try {
    config.loadFromString(kubeconfig);
  } catch (cause) {
    throw odd(name, 'is not a kubeconfig', cause);
  }
  const { server, caData } = config.getCurrentCluster() ?? {};
  if (server === undefined || caData === undefined) throw odd(name, 'names no server with its certificate authority');
  return { server, caData };
}

function refused(cluster: AksCluster, code: number, text: string): PortError {
  const got = `HTTP ${code}: ${text.replace(/\s+/g, ' ').slice(0, 300)}`;
  const where = `AKS cluster ${cluster.name} in resource group ${cluster.resourceGroup}`;
  if (code === 403 || code === 401) {
    return new PortError('cluster-unauthorized', `${where}: Azure does not give its address to this identity`, {
      retry: 'no',
      got,
      remedy:
        'assign the role "Azure Kubernetes Service Cluster User Role" on the cluster to the identity of the worker',
    });
  }
  if (code === 404) {
    const remedy = 'correct "cluster" of the environment in sluice.yaml';
    return new PortError('config-invalid', `${where} does not exist`, { retry: 'no', got, remedy });
  }
  return new PortError('cluster-failing', `${where}: Azure Resource Manager failed`, { retry: 'yes', got });
}

async function token(credential: TokenCredential, scope: string): Promise<string> {
  const answer = await credential.getToken(scope, { requestOptions: { timeout: TIMEOUT_MS } });
  if (answer !== null) return answer.token;
  throw new PortError('cluster-unauthorized', `no token for ${scope}`, {
    retry: 'yes',
    remedy: 'check the identity of the worker',
  });
}

function odd(name: string, what: string, cause?: unknown): PortError {
  return new PortError('cluster-failing', `AKS cluster ${name}: the answer of Azure Resource Manager ${what}`, {
    retry: 'no',
    cause,
  });
}
