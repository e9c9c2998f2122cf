/** `sluice serve` beside the stack: the board, every journey and the questions, for a browser on this machine. */
import { freePorts } from '../tools/free-port.ts';
import { checkout } from '../tools/place.mjs';
import { type Program, startProgram } from '../tools/program.ts';
import { until } from '../tools/until.ts';
import { SLUICE } from './workers.ts';

export interface WebPage {
  /** Ends with a slash. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface WebPageOptions {
  /** Undefined: any that is free. */
  readonly port?: number | undefined;
  readonly temporalUi: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly signal: AbortSignal;
}

const START_TIMEOUT_MS = 60_000;

/** Resolves when it answers. */
export async function startWebPage(options: WebPageOptions): Promise<WebPage> {
  const { env, logFile, signal, temporalUi } = options;
  const port = options.port ?? (await freePorts(1))[0] ?? 0;
  const link = temporalUi === undefined ? [] : ['--temporal-ui', temporalUi];
  const args = ['serve', '--port', String(port), ...link];
  const program = await startProgram({ name: 'sluice serve', file: SLUICE, args, env, cwd: checkout, logFile });
  const url = `http://127.0.0.1:${port}/`;
  try {
    await until(() => answers(url), {
      what: `${url} (log: ${logFile})`,
      timeoutMs: START_TIMEOUT_MS,
      signal,
      hopeless: endOf(program),
    });
  } catch (error) {
    await program.stop();
    throw error;
  }
  return { url, stop: () => program.stop() };
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function endOf(program: Program): Promise<string> {
  return program.ended.then((how) => `it ended (${how}):\n${program.logTail()}`);
}
