/** A Temporal server whose time passes when it is told to, and a clock that shows it. */
import type { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, type NativeConnection, Runtime } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.ts';
import { PortError } from '../ports/port-error.ts';

export interface SkippedTime {
  readonly client: Client;
  readonly connection: NativeConnection;
  /** As the last look at the server's clock has it; see `look`. */
  now(): Date;
  /** Looks at the server's clock: milliseconds since the epoch. */
  look(): Promise<number>;
  /** Lets time pass up to that moment, and what is due until then happen; a moment that is over passes at once. */
  skipTo(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD */
const KEYWORD = 2;

/** Only errors are said: what is refused in a rehearsal is its result. */
const quiet = (() => {
  let installed = false;
  return () => {
    if (installed) return;
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      // whoever rehearses is told to stop by the `signal` of the request, and ends the workers itself
      shutdownSignals: [],
      telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
    });
    installed = true;
  };
})();

/** `program`: path of the time-skipping server. Throws PortError `temporal-test-server-unavailable`. */
export async function startSkippedTime(program: string): Promise<SkippedTime> {
  quiet();
  const server = await startServer(program);
  await server.connection.operatorService.addSearchAttributes({
    namespace: server.namespace ?? 'default',
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map((key) => [key.name, KEYWORD])),
  });
  // between two looks it runs as any clock does: the server's time stands or flows, it never goes back
  let ahead = 0;
  const look = async (): Promise<number> => {
    const now = await server.currentTimeMs();
    ahead = now - Date.now();
    return now;
  };
  await look();
  return {
    client: server.client,
    connection: server.nativeConnection,
    now: () => new Date(Date.now() + ahead),
    look,
    async skipTo(ms) {
      const now = await look();
      if (ms > now) await server.sleep(ms - now);
      await look();
    },
    stop: () => server.teardown(),
  };
}

async function startServer(path: string): Promise<TestWorkflowEnvironment> {
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
    });
  } catch (cause) {
    throw new PortError('temporal-test-server-unavailable', `${path} does not start as Temporal's test server`, {
      retry: 'yes',
      expected: 'the program temporal-test-server, serving within some seconds',
      got: cause instanceof Error ? (cause.message.split('. ')[0] ?? '') : String(cause),
      remedy: 'try again when this machine is less busy, or install it anew ("npm run setup")',
      cause,
    });
  }
}
