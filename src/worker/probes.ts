/** What a cluster asks a worker's process: whether it lives, and whether it works. Plain HTTP without a body worth hiding. */
import { createServer, type ServerResponse } from 'node:http';
import type { NativeConnection, Worker } from '@temporalio/worker';

/** What is asked of a worker; a real one has it. */
export interface Probed {
  readonly options: Pick<Worker['options'], 'taskQueue'>;
  getState(): ReturnType<Worker['getState']>;
}

export interface Probes {
  readonly url: string;
  close(): Promise<void>;
}

/** Less than the `timeoutSeconds` of deploy/kubernetes: the worker, and not a broken connection, says that Temporal does not answer. */
const ANSWER_MS = 3_000;

const LIMITS = { maxHeaderSize: 4_096, headersTimeout: 5_000, requestTimeout: 5_000 };

/**
 * `/livez`: no poller has failed; a server that is away does not make it say no, since a restart would not bring it back.
 * It can be asked before there are workers. `/readyz`: all queues are polled, and Temporal answers. Rejects when the address cannot be listened on.
 */
export async function startProbes(
  at: string,
  workers: () => readonly Probed[],
  connection: Pick<NativeConnection, 'workflowService' | 'withDeadline'>,
): Promise<Probes> {
  const { hostname, port } = new URL(`http://${at}`);
  const server = createServer(LIMITS, (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'GET only');
    if (request.url === '/livez') return answer(response, failedOf(workers()));
    if (request.url !== '/readyz') return say(response, 404, 'ask /livez or /readyz');
    void idleOf(workers(), connection).then((why) => answer(response, why));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // the URL leaves out the port that is HTTP's own
    server.listen(port === '' ? 80 : Number(port), hostname.replace(/^\[|\]$/g, ''), resolve);
  });
  const bound = server.address();
  const chosen = bound !== null && typeof bound === 'object' ? bound.port : port;
  return {
    url: `http://${hostname}:${chosen}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function failedOf(workers: readonly Probed[]): readonly string[] {
  return workers
    .filter((one) => one.getState() === 'FAILED')
    .map(({ options }) => `${options.taskQueue}: its worker has failed`);
}

async function idleOf(
  workers: readonly Probed[],
  connection: Pick<NativeConnection, 'workflowService' | 'withDeadline'>,
): Promise<readonly string[]> {
  if (workers.length === 0) return ['it is starting'];
  const states = workers.map((one) => ({ queue: one.options.taskQueue, state: one.getState() }));
  const idle = states.filter(({ state }) => state !== 'RUNNING');
  if (idle.length > 0) return idle.map(({ queue, state }) => `${queue}: not polled, its worker is ${state}`);
  try {
    await connection.withDeadline(Date.now() + ANSWER_MS, () => connection.workflowService.getSystemInfo({}));
    return [];
  } catch {
    // the error can hold an address or more: whoever may see that reads it in the log
    return ['Temporal does not answer'];
  }
}

function answer(response: ServerResponse, why: readonly string[]): void {
  say(response, why.length === 0 ? 200 : 503, why.length === 0 ? 'ok' : why.join('\n'));
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${text}\n`);
}
