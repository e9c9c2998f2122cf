/** The Temporal development server as Sluice needs it: tuned, on loopback, with the search attributes, on disk if asked. */
import { Connection } from '@temporalio/client';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.ts';
import { freePorts } from '../tools/free-port.ts';
import { type Program, startProgram } from '../tools/program.ts';
import { toolPath } from '../tools/tool-path.ts';
import { until } from '../tools/until.ts';
import { TUNING } from './tuning.ts';

export interface TemporalOptions {
  /** Ports of 127.0.0.1; `free` (the default) takes any. */
  readonly ports?: 'free' | { readonly grpc: number; readonly ui: number };
  /** SQLite file that survives a restart; without it everything is in memory. */
  readonly dbFile?: string;
  /** Created if missing; `default` always exists. */
  readonly namespace?: string;
  readonly logFile?: string;
  /** No Temporal UI: starts a little quicker. */
  readonly headless?: boolean;
  /** Dynamic settings (`key=value`) beside our tuning. */
  readonly settings?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface Temporal {
  /** `127.0.0.1:port`, as `TEMPORAL_ADDRESS` wants it. */
  readonly address: string;
  /** Empty when headless. */
  readonly uiUrl: string;
  readonly namespace: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 2000;

/** Starts the server and resolves when its namespace answers and knows the search attributes. */
export async function startTemporal(options: TemporalOptions = {}): Promise<Temporal> {
  const file = toolPath('temporal');
  if (file === undefined) throw new Error('temporal is not installed: npm run setup');
  const [freeGrpc, freeUi, metrics, http] = (await freePorts(4)) as [number, number, number, number];
  const { grpc, ui } =
    options.ports === undefined || options.ports === 'free' ? { grpc: freeGrpc, ui: freeUi } : options.ports;
  const namespace = options.namespace ?? 'default';
  const program = await startProgram({
    name: 'temporal',
    file,
    args: argumentsOf({ ...options, namespace }, { grpc, ui, metrics, http }),
    logFile: options.logFile ?? join(mkdtempSync(join(tmpdir(), 'sluice-temporal-')), 'temporal.log'),
    // Without a home of its own the server reads the user's configuration.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: process.env['TZ'] },
  });
  const address = `${HOST}:${grpc}`;
  try {
    await untilReady(program, address, namespace, options.signal);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return {
    address,
    uiUrl: options.headless ? '' : `http://${HOST}:${ui}`,
    namespace,
    pid: program.pid,
    stop: () => program.stop(),
  };
}

interface Ports {
  readonly grpc: number;
  readonly ui: number;
  readonly metrics: number;
  readonly http: number;
}

function argumentsOf(options: TemporalOptions & { readonly namespace: string }, ports: Ports): string[] {
  if (options.dbFile !== undefined) mkdirSync(dirname(options.dbFile), { recursive: true });
  return [
    ...['server', 'start-dev', '--ip', HOST, '--port', `${ports.grpc}`, '--namespace', options.namespace],
    ...['--metrics-port', `${ports.metrics}`, '--http-port', `${ports.http}`, '--log-level', 'error'],
    ...(options.headless ? ['--headless'] : ['--ui-ip', HOST, '--ui-port', `${ports.ui}`, '--ui-disable-news-fetch']),
    ...(options.dbFile === undefined ? [] : ['--db-filename', options.dbFile]),
    ...[...TUNING, ...(options.settings ?? [])].flatMap((value) => ['--dynamic-config-value', value]),
    ...SEARCH_ATTRIBUTES.flatMap((attribute) => ['--search-attribute', `${attribute.name}=Keyword`]),
  ];
}

async function untilReady(program: Program, address: string, namespace: string, signal?: AbortSignal): Promise<void> {
  const connection = Connection.lazy({ address, connectTimeout: 1000, interceptors: [] });
  const look = async (): Promise<boolean> => {
    await connection.workflowService.describeNamespace({ namespace });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return SEARCH_ATTRIBUTES.every((attribute) => customAttributes[attribute.name] !== undefined);
  };
  try {
    await until(() => connection.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, look), {
      what: `Temporal on ${address}`,
      timeoutMs: START_TIMEOUT_MS,
      signal,
      hopeless: program.ended.then((how) => `the server ended (${how}):\n${program.logTail()}`),
    });
  } finally {
    await connection.close();
  }
}
