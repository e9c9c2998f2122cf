/** Opening a connection: the only place of this library that knows Temporal's options. */
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { Engine } from './engine.ts';
import { unreachable } from './temporal-errors.ts';

/** Start-up and the error included, the answer comes within five seconds. */
const CONNECT_TIMEOUT_MS = 3_000;
const CALL_TIMEOUT_MS = 10_000;

export interface ConnectOptions {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** The name under which this process acts. */
  readonly user: string;
  /** TLS, API key and metadata, as Temporal's environment configuration yields them. */
  readonly connection?: Pick<ConnectionOptions, 'tls' | 'apiKey' | 'metadata'>;
  /** Milliseconds that a call to a worker may take; 10 s unless given. */
  readonly callTimeoutMs?: number;
}

/** Throws `temporal-unreachable` within five seconds. */
export async function openEngine(options: ConnectOptions): Promise<Engine> {
  const { address, namespace, user } = options;
  const connection = await Connection.connect({
    ...options.connection,
    address,
    connectTimeout: CONNECT_TIMEOUT_MS,
  }).catch((cause: unknown) => {
    throw unreachable(address, cause);
  });
  const temporal = new Client({ connection, namespace, identity: `sluice:${user}` });
  return { connection, temporal, address, namespace, user, callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS };
}
