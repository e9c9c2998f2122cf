/**
 * Where the API server is and with what to speak to it. `@kubernetes/client-node` reads kubeconfigs and runs credential plug-ins;
 * requests are our own over one agent, since the library opens a new one for each of its requests and knows no time limit.
 */
import { statSync } from 'node:fs';
import type { AgentOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent, type buildConnector } from 'undici';
import { PortError } from '../../../ports/port-error.ts';

export interface Authorized {
  /** `https://host:port`, without a trailing slash. */
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

export interface Connection {
  /** Asked before every request: tokens age. */
  authorize(): Promise<Authorized>;
  /** Forgets what it knows of credentials, after the server has refused them. */
  refresh(): void;
}

/** Reads the configuration anew; may itself speak to somebody (Azure). */
export type ConfigSource = () => Promise<KubeConfig> | KubeConfig;

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 60_000;

interface TlsMaterial {
  ca?: unknown;
  cert?: unknown;
  key?: unknown;
  auth?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
  headers?: Record<string, string>;
}

/** A file of the user's, by path, with one of its contexts. Read at the first request; a missing or broken one is `config-…`. */
export function kubeconfigSource(path: string, context: string | undefined): ConfigSource {
  return () => {
    const config = new KubeConfig();
    try {
      statSync(path);
      config.loadFromFile(path);
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      throw invalid(missing ? 'config-missing' : 'config-invalid', `kubeconfig ${path} cannot be read`, cause);
    }
    if (context !== undefined) config.setCurrentContext(context);
    if (config.getCurrentCluster() === null || config.getCurrentUser() === null) {
      const known = config.getContexts().map((one) => one.name);
      throw invalid(
        'config-invalid',
        `kubeconfig ${path}: context "${config.getCurrentContext()}" names no cluster and user; it has: ${known.join(', ') || 'none'}`,
      );
    }
    return config;
  };
}

export function connect(source: ConfigSource): Connection {
  let config: Promise<KubeConfig> | undefined;
  const agents = new Map<string, Dispatcher>();
  return {
    async authorize() {
      config ??= Promise.resolve(source());
      try {
        const loaded = await config;
        return await authorized(loaded, agents);
      } catch (error) {
        config = undefined;
        throw error;
      }
    },
    refresh() {
      config = undefined;
    },
  };
}

async function authorized(config: KubeConfig, agents: Map<string, Dispatcher>): Promise<Authorized> {
  const { server = '', skipTLSVerify = false } = config.getCurrentCluster() ?? {};
  if (server.startsWith('http:') && !skipTLSVerify) {
    throw invalid('config-invalid', `the cluster's address ${server} is plain HTTP, over which no credential is sent`);
  }
  const material: TlsMaterial = {};
  try {
    await config.applyToHTTPSOptions(material);
  } catch (cause) {
    throw new PortError('cluster-unauthorized', `no credentials for the cluster: ${messageOf(cause)}`, {
      retry: 'yes',
      remedy: 'run the credential command of the kubeconfig by hand and see what it says',
      cause,
    });
  }
  const headers = { ...material.headers };
  if (material.auth !== undefined) headers['Authorization'] = `Basic ${btoa(material.auth)}`;
  const key = [material.ca, material.cert, material.key].map(String).join('|');
  const dispatcher = agents.get(key) ?? makeAgent(config, material);
  if (!agents.has(key)) {
    for (const old of agents.values()) void old.close();
    agents.clear();
    agents.set(key, dispatcher);
  }
  return { server: server.replace(/\/+$/, ''), headers, dispatcher };
}

/** HTTP/1.1 on purpose: a watch then has a connection of its own, and losing one loses nothing else. */
function makeAgent(config: KubeConfig, material: TlsMaterial): Dispatcher {
  const options = dispatcherOptions(config, material);
  const timing = {
    allowH2: false,
    pipelining: 1,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  } as const;
  if (options.type === 'none') return new Agent(timing);
  if (options.type === 'agent') return new Agent({ ...timing, connect: tls(options.connect) });
  if (options.type === 'socks')
    return new Socks5ProxyAgent(options.uri, { ...timing, requestTls: tls(options.requestTls) });
  return new ProxyAgent({ ...timing, uri: options.uri, requestTls: tls(options.requestTls) });
}

/** The same options under the name by which undici knows them. */
function tls(options: object): buildConnector.BuildOptions {
  return { ...options, timeout: CONNECT_TIMEOUT_MS };
}

function dispatcherOptions(
  config: KubeConfig,
  material: TlsMaterial,
): ReturnType<KubeConfig['createDispatcherOptions']> {
  const { headers: _, auth: __, ...tls } = material;
  try {
    return config.createDispatcherOptions(config.getCurrentCluster(), tls as AgentOptions);
  } catch (cause) {
    throw invalid('config-invalid', `the cluster's address is not usable: ${messageOf(cause)}`, cause);
  }
}

function invalid(code: 'config-missing' | 'config-invalid', message: string, cause?: unknown): PortError {
  const why = cause === undefined ? '' : `: ${messageOf(cause)}`;
  return new PortError(code, `${message}${why}`, {
    retry: 'no',
    remedy: 'correct "cluster" of the environment in sluice.yaml, or the kubeconfig',
    cause,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
