/** Everything that Sluice needs on a laptop, started in order, wired together, stopped in reverse. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Example, ExampleName } from '../../examples/images.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from '../acr-emulator/index.ts';
import { startTemporal, type Temporal } from '../temporal/start-temporal.ts';
import { type Clusters, startClusters } from './clusters.ts';
import { configurationText, type Proof } from './configuration.ts';
import { writeEnvironmentFiles } from './environment-files.ts';
import { pushToDev } from './images.ts';
import { startedParts } from './parts.ts';
import { logInEverybody, makePlaces } from './people.ts';
import { makeRecordKeys } from './record-keys.ts';
import { environmentOf, type ProcessHost } from './process-environment.ts';
import { type CommandResult, runSluice } from './sluice-command.ts';
import { startSimulatedClusters } from './simulated-clusters.ts';
import { startWebPage } from './web-page.ts';
import { createWorker, type Worker } from './workers.ts';
import { type Zone, ZONES } from './world.ts';

export interface StackOptions {
  /** State; a second start in the same folder goes on where the first ended. */
  readonly dir: string;
  /** `default`: the documented ports; `free`: any. */
  readonly ports: 'default' | 'free';
  readonly cluster: 'real' | 'simulated';
  /** An API server of the user's, instead of two of our own: see `planes.ts`. */
  readonly kubeconfig?: string | undefined;
  /** Approvers sign in at the emulator; without it each has a key in the stack's folder. */
  readonly signIn?: boolean;
  /** Whether `sluice serve` runs beside it. */
  readonly web?: boolean;
  /** Workers to start; both unless given. */
  readonly workers?: readonly Zone[];
  /** Further settings of the emulator: import duration, faults, access log. */
  readonly emulator?: Omit<EmulatorOptions, 'dir' | 'ports'>;
  /** Further dynamic settings of Temporal, each `key=value`. */
  readonly temporalSettings?: readonly string[];
  readonly signal?: AbortSignal;
  /** One line for each part that is up. */
  readonly onUp?: (name: string, ms: number) => void;
}

export interface CommandSettings {
  /** Who calls: on the build pipeline's host unless given. */
  readonly host?: ProcessHost;
  /** `SLUICE_USER`; one of `PEOPLE` is logged in as themselves. */
  readonly user?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface Stack {
  readonly dir: string;
  readonly configFile: string;
  /** Everything of the people, by name: see `people.ts`. */
  readonly peopleFolder: string;
  readonly signIn: boolean;
  /** Address of the web pages; undefined: they were not asked for. */
  readonly webUrl: string | undefined;
  readonly cluster: 'real' | 'simulated';
  readonly emulator: Emulator;
  readonly temporal: Temporal;
  readonly clusters: Clusters;
  readonly workers: Readonly<Record<Zone, Worker>>;
  /** Variables for a process that runs on that host as that person; nothing of this process's own. */
  env(host: ProcessHost, user?: string): Readonly<Record<string, string>>;
  /** Image and signatures into the dev registry, by the build identity. */
  push(name: ExampleName): Promise<Example>;
  /** `bin/sluice` as a child process. */
  sluice(args: readonly string[], settings?: CommandSettings): Promise<CommandResult>;
  stop(): Promise<void>;
}

/** Beside Temporal's own, 16533 and 16534. */
const WEB_PORT = 16535;

/** Rejects, with everything stopped again, when a part does not start or `signal` is aborted. */
export async function startStack(options: StackOptions): Promise<Stack> {
  // One part that does not start ends the waiting for those that start beside it.
  const failing = new AbortController();
  const signal = options.signal === undefined ? failing.signal : AbortSignal.any([options.signal, failing.signal]);
  const parts = startedParts({ signal, onUp: options.onUp ?? (() => undefined) });
  try {
    return await start(options, parts, signal);
  } catch (error) {
    failing.abort(error);
    await parts.stop();
    throw options.signal?.aborted ? (options.signal.reason as Error) : error;
  }
}

async function start(
  options: StackOptions,
  parts: ReturnType<typeof startedParts>,
  signal: AbortSignal,
): Promise<Stack> {
  const { dir, ports, cluster } = options;
  const at = (...names: string[]): string => join(dir, ...names);
  mkdirSync(at('logs'), { recursive: true, mode: 0o700 });

  const emulator = await parts.add(
    'registries',
    () => startEmulator({ ...options.emulator, dir: at('emulator'), ports }),
    (one) => one.close(),
  );
  const [temporal, clusters] = await Promise.all([
    parts.add(
      'Temporal',
      () =>
        startTemporal({
          ports: ports === 'default' ? { grpc: 16533, ui: 16534 } : 'free',
          dbFile: at('temporal', 'temporal.db'),
          logFile: at('logs', 'temporal.log'),
          settings: options.temporalSettings ?? [],
          signal,
        }),
      (one) => one.stop(),
    ),
    cluster === 'simulated'
      ? startSimulatedClusters(parts, at('clusters'))
      : startClusters(parts, { dir: at('clusters'), emulator, ports, kubeconfig: options.kubeconfig }),
  ]);
  const configFile = at('sluice.yaml');
  const signIn = options.signIn === true;
  const { issuer, clientId } = emulator.signIn;
  const peopleFolder = at(signIn ? 'signed-in' : 'people');
  makePlaces(peopleFolder);
  if (!signIn) logInEverybody(peopleFolder);
  const proof: Proof = signIn ? { kind: 'sign-in', issuer, clientId } : { kind: 'keys', folder: peopleFolder };
  const recordKeys = at('records');
  makeRecordKeys(recordKeys);
  writeFileSync(configFile, configurationText({ emulator, clusters, proof, recordKeys }));

  const env = (host: ProcessHost, user?: string) =>
    environmentOf({ host, user, emulator, temporal, configFile, peopleFolder });
  const worker = (zone: Zone): Worker =>
    createWorker({
      zone,
      env: env(ZONES[zone].host),
      logFile: at('logs', `worker-${zone}.log`),
      temporalAddress: temporal.address,
      namespace: temporal.namespace,
      signal,
    });
  const workers = { nonproduction: worker('nonproduction'), production: worker('production') };
  const startPage = () =>
    startWebPage({
      port: ports === 'default' ? WEB_PORT : undefined,
      temporalUi: temporal.uiUrl,
      env: env('person', 'web'),
      logFile: at('logs', 'serve.log'),
      signal,
    });
  const [web] = await Promise.all([
    options.web === true ? parts.add('web pages', startPage, (one) => one.stop()) : undefined,
    ...(options.workers ?? (Object.keys(workers) as Zone[])).map((zone) =>
      parts.add(
        `worker ${zone}`,
        () => workers[zone].start(),
        () => workers[zone].stop(),
      ),
    ),
  ]);
  const stack: Stack = {
    dir,
    configFile,
    peopleFolder,
    signIn,
    webUrl: web?.url,
    cluster,
    emulator,
    temporal,
    clusters,
    workers,
    env,
    push: (name) => pushToDev(emulator, name),
    sluice: (args, { host = 'pipeline', user, ...rest } = {}) => runSluice(args, { env: env(host, user), ...rest }),
    stop: async () => {
      await Promise.all(Object.values(workers).map((one) => one.stop()));
      await parts.stop();
    },
  };
  writeEnvironmentFiles(stack);
  return stack;
}
