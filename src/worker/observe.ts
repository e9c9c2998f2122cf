/** Telemetry of this process: nothing at all where nobody listens, so that a worker without it runs as it always did. */
import { Client } from '@temporalio/client';
import type { Logger, NativeConnection, RuntimeOptions, WorkerOptions } from '@temporalio/worker';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { TelemetrySettings } from '../config/telemetry.ts';
import { PortError } from '../ports/port-error.ts';
import { serveScrapes } from '../telemetry/endpoint.ts';
import type { Telemetry } from '../telemetry/start-telemetry.ts';
import { expiriesIn, tellExpiries } from './expiring.ts';
import type { WorkerRequest } from './main.ts';
import { followStanding } from './standing.ts';

const INTERCEPTORS = fileURLToPath(new URL('../../workflows/observing/interceptors.ts', import.meta.url));

export interface Observed {
  /** For the runtime of Temporal's SDK. */
  readonly runtime: Pick<RuntimeOptions, 'telemetryOptions'>;
  /** For each worker. */
  readonly worker: Pick<WorkerOptions, 'sinks' | 'interceptors'>;
  /** Until `signal` is aborted; never rejects. */
  readonly follow: (connection: NativeConnection, signal: AbortSignal) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Undefined: nobody listens. Throws PortError `input-invalid` where it cannot be listened. */
export async function observe(request: WorkerRequest, logger: Logger): Promise<Observed | undefined> {
  const { telemetry: settings, temporal, engine, config } = request;
  if (settings === undefined) return undefined;
  // OpenTelemetry is loaded only by who uses it
  const { startTelemetry } = await import('../telemetry/start-telemetry.ts');
  const telemetry = await startTelemetry(settings, logger);
  tellExpiries(telemetry.instruments, expiriesIn(config));
  const { runtime, close } = await scraped(settings, telemetry);
  return {
    runtime,
    worker: {
      sinks: telemetry.sinks,
      interceptors: {
        activity: [telemetry.activityInterceptor],
        ...(engine ? { workflowModules: [INTERCEPTORS] } : {}),
      },
    },
    async follow(connection, signal) {
      const client = new Client({ connection, namespace: temporal.namespace });
      if (engine) await followStanding(client, telemetry.instruments, logger, signal);
    },
    async stop() {
      close();
      await telemetry.stop();
    },
  };
}

/** Temporal's SDK serves its own metrics from its own server: that one listens here only for us, and both are read at one address. */
async function scraped(
  { scrape }: TelemetrySettings,
  { text }: Telemetry,
): Promise<Pick<Observed, 'runtime'> & { readonly close: () => void }> {
  if (scrape === undefined) return { runtime: {}, close: () => undefined };
  const own = `127.0.0.1:${await freePort()}`;
  const ofTemporal = async (): Promise<string> => {
    const answer = await fetch(`http://${own}/metrics`, { signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) throw new Error(`the metrics of Temporal's SDK: ${answer.status}`);
    return answer.text();
  };
  const server = await serveScrapes({ address: scrape, parts: [text, ofTemporal] }).catch((cause: unknown) => {
    throw notListening(scrape, cause);
  });
  const telemetryOptions = { metrics: { prometheus: { bindAddress: own } } };
  return { runtime: { telemetryOptions }, close: () => server.close() };
}

/** One that was free a moment ago: the SDK does not say which it has taken. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function notListening(address: string, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (!/^E(?:ADDRINUSE|ADDRNOTAVAIL|ACCES|NOTFOUND)$/.test(code)) return cause;
  return new PortError('input-invalid', `metrics cannot be served at ${address}: ${code}`, {
    retry: 'no',
    remedy: 'name another address with --metrics',
    cause,
  });
}
