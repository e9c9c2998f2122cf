/** Opening a connection: the only place of this library that knows Temporal's options. */
import {
  Client,
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import type { Engine } from './engine.ts';
import { unreachable } from './temporal-errors.ts';

/** Start-up and the error included, the answer comes within five seconds. */
const CONNECT_TIMEOUT_MS = 3_000;
const CALL_TIMEOUT_MS = 10_000;

export interface ConnectOptions {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** The name under which this process acts; for releases that it starts, the one by which approvers know that person ("not: [requester]"). */
  readonly user: string;
  /** TLS, API key and metadata, as Temporal's environment configuration yields them. */
  readonly connection?: Pick<ConnectionOptions, 'tls' | 'apiKey' | 'metadata'>;
  /** Milliseconds that a call to a worker may take; 10 s unless given. */
  readonly callTimeoutMs?: number;
}

/** Throws `temporal-unreachable` within five seconds. */
export async function openEngine(options: ConnectOptions): Promise<Engine> {
  const { address, namespace, user } = options;
  let isClosed = false;
  const connection = await Connection.connect({
    ...options.connection,
    address,
    interceptors: [retriesWhile(() => !isClosed)],
    connectTimeout: CONNECT_TIMEOUT_MS,
  }).catch((cause: unknown) => {
    throw unreachable(address, cause);
  });
  const temporal = new Client({ connection, namespace, identity: `sluice:${user}` });
  const callTimeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
  const close = async (): Promise<void> => {
    isClosed = true;
    await connection.close();
  };
  return { connection, temporal, address, namespace, user, callTimeoutMs, close };
}

/**
 * Temporal's own retries, and those of updates that were dropped. Without the question whether it is open they would also repeat what
 * the end of the connection has cut off: on a connection that is closed that throws where nobody can catch it, and ends the process.
 */
export function retriesWhile(isOpen: () => boolean): NonNullable<ConnectionOptions['interceptors']>[number] {
  const { retryableDecider, ...options } = defaultGrpcRetryOptions();
  return makeGrpcRetryInterceptor({
    ...options,
    retryableDecider: (attempt, status) =>
      isOpen() && (retryableDecider(attempt, status) || (attempt < MOST_ATTEMPTS && isDroppedUpdate(status))),
  });
}

/** As many as Temporal's own. */
const MOST_ATTEMPTS = 10;

/**
 * The server throws away the updates that it has handed to a worker when it does not take that worker's answer, for instance because a
 * signal came in the same moment. The same request names the same update, which a workflow takes once (temporalio/temporal#7296).
 */
function isDroppedUpdate({ code, details }: GrpcStatus): boolean {
  return code === FAILED_PRECONDITION && /unexpected workflow task failure/i.test(details);
}

type GrpcStatus = Parameters<ReturnType<typeof defaultGrpcRetryOptions>['retryableDecider']>[1];

/** google.rpc.Code, as gRPC numbers it. */
const FAILED_PRECONDITION = 9;
