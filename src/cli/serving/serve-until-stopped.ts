/** The web server as a process: from its address on stdout until a signal. */
import { type ReleaseClient, ReleaseEngineError, connect } from '../../client/index.ts';
import { currentUser, temporalAccess } from '../../config/load.ts';
import { type ServeOptions, serveWeb } from '../../web/server.ts';
import { NOTHING, takingBy } from './answering.ts';
import { ERROR_CATALOGUE } from '../error-catalogue.ts';
import { configAtHand } from '../known-names.ts';
import type { Terminal } from '../terminal.ts';

/** A page answers while somebody waits for it. */
const CALL_TIMEOUT_MS = 5_000;

export interface Serving extends Pick<ServeOptions, 'address' | 'port' | 'behindProxy' | 'temporalUi'> {
  /** Path of the configuration; found as elsewhere unless given. */
  readonly config?: string;
  readonly readOnly: boolean;
}

export async function serveUntilStopped({ config, readOnly, ...where }: Serving, terminal: Terminal): Promise<void> {
  const taking = readOnly ? NOTHING : await takingBy(config);
  const { answering, restraining } = taking;
  const known = await configAtHand(config);
  const names =
    known === undefined
      ? {}
      : { environments: Object.keys(known.environments), services: Object.keys(known.rulebook.services) };
  const { address, namespace, connection } = temporalAccess();
  const options = { address, namespace, connection, user: await currentUser(), callTimeoutMs: CALL_TIMEOUT_MS };
  const opened: ReleaseClient[] = [];
  const stop = Promise.withResolvers<void>();
  for (const signal of SIGNALS) process.once(signal, stop.resolve);
  const server = await serveWeb({
    ...where,
    namespace,
    ...taking,
    ...names,
    remedyOf: (code) => ERROR_CATALOGUE[code].remedy,
    async open() {
      const client = await connect(options);
      opened.push(client);
      return client;
    },
    onDefect: (error) =>
      terminal.note(`defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  }).catch((error: unknown) => {
    throw notListening(where, error);
  });
  const behind = where.behindProxy === undefined ? undefined : `https://${where.behindProxy}/`;
  const publicUrl = behind === undefined ? {} : { publicUrl: behind };
  const shownAt = behind === undefined ? server.url : `${behind} (the proxy finds it at ${server.url})`;
  if (terminal.json)
    terminal.sayJson({ url: server.url, ...publicUrl, answers: answering.kind, restrains: restraining.kind });
  else terminal.say(`${shownAt}  shows releases of ${namespace} at ${address}${ALSO[answering.kind]}; Ctrl-C ends it`);
  try {
    await stop.promise;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop.resolve);
    await server.close();
    await Promise.all(opened.map((client) => client.close()));
  }
}

const ALSO = {
  none: '',
  proven: ', and takes signed answers',
  unproven: ', and takes answers under any name (approvers: unproven)',
} as const;

function notListening({ address, port }: { address: string; port: number }, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (!/^E(?:ADDRINUSE|ADDRNOTAVAIL|ACCES|NOTFOUND)$/.test(code)) return cause;
  return new ReleaseEngineError('input-invalid', `cannot listen on ${address}:${port}: ${code}`, {
    remedy: 'name another address with --address or another port with --port',
    cause,
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
