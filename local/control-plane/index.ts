/** Starting a control plane, handing out credentials for it, and ending it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { AUDIT_POLICY } from './audit-policy.ts';
import { type Credentials, credentialsIn } from './credentials.ts';
import { kubeApi, readKubeconfig } from './kube-api.ts';

export interface ControlPlaneOptions {
  /** What `build.sh` made: `toolPath('control-plane')`. */
  readonly binary: string;
  /** State: keys, tokens, objects, logs. The same folder gives the same control plane again. */
  readonly dir: string;
  /** On 127.0.0.1; 0 or absent: any free one. */
  readonly port?: number;
}

export interface ControlPlane extends Credentials {
  readonly server: string;
  /** Path; may do everything. For people and tests, never for Sluice. */
  readonly adminKubeconfig: string;
  readonly pid: number;
  /** The parts' own messages. */
  readonly logFile: string;
  /** One JSON line (`audit.k8s.io/v1` Event) for each change that an account made or tried. */
  readonly auditLog: string;
  /** Ends it in order; twice is once. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 90_000;
/** Longer than the control plane's own limit of 20 s. */
const STOP_TIMEOUT_MS = 25_000;
const LOG_LINES = 15;

/** Resolves when pods can be created; rejects with the end of the log when the process ends before that. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(options.dir, name);
  const logFile = file('control-plane.log');
  const auditLog = file('audit.log');
  writeFileSync(file('audit-policy.json'), JSON.stringify(AUDIT_POLICY));
  const child = launch(options, logFile, [
    `--audit-policy-file=${file('audit-policy.json')}`,
    `--audit-log-path=${auditLog}`,
  ]);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await readiness(child, logFile);
  const admin = kubeApi(readKubeconfig(ready.kubeconfig));
  return {
    server: ready.server,
    adminKubeconfig: ready.kubeconfig,
    pid: ready.pid,
    logFile,
    auditLog,
    ...credentialsIn(options.dir, admin),
    async stop() {
      admin.close();
      (child.stdin as Writable).end();
      const hard = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(hard);
    },
  };
}

/** Its standard input is a pipe from here: however this process ends, the pipe closes and the control plane stops. */
function launch(options: ControlPlaneOptions, logFile: string, apiFlags: readonly string[]): ChildProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(
    options.binary,
    [
      `--data-dir=${options.dir}`,
      `--port=${options.port ?? 0}`,
      '--exit-with-stdin',
      ...apiFlags.map((flag) => `--apiserver-arg=${flag}`),
    ],
    // A process group of its own: Ctrl-C reaches this process alone, which stops its parts in order.
    { stdio: ['pipe', 'pipe', log], detached: true },
  );
  closeSync(log);
  (child.stdin as Writable).on('error', () => undefined); // it ended first; its exit is reported, not the broken pipe
  return child;
}

interface Ready {
  readonly server: string;
  readonly kubeconfig: string;
  readonly pid: number;
}

/** The one line on its standard output. */
function readiness(child: ChildProcess, logFile: string): Promise<Ready> {
  const fail = (why: string): Error =>
    new Error(`the control plane did not start: ${why}\n${logTail(logFile)}\n(whole log: ${logFile})`);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(fail(`not ready after ${START_TIMEOUT_MS / 1000} s`));
    }, START_TIMEOUT_MS);
    child.once('error', (cause) => {
      clearTimeout(late);
      reject(fail(cause.message));
    });
    child.once('exit', (code, signal) => {
      clearTimeout(late);
      reject(fail(`it ended with ${signal ?? `exit code ${code}`}`));
    });
    createInterface({ input: child.stdout as Readable }).once('line', (line) => {
      clearTimeout(late);
      resolve(JSON.parse(line));
    });
  });
}

function logTail(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
}
