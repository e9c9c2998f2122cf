/** The local stack as somebody on call has it before them, with everything in reach that can be wrong with it. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type ExampleName, readExample } from '../../../../examples/images.ts';
import { type Stack, startStack } from '../../../../local/stack/start-stack.ts';
import { checkout } from '../../../../local/tools/place.mjs';
import { toolPath } from '../../../../local/tools/tool-path.ts';
import { until as untilTrue } from '../../../../local/tools/until.ts';
import { EXIT } from '../../../../src/cli/exit-codes.ts';
import type { Shell } from '../../../support/typed-blocks.ts';

export type Document = Record<string, any>;

export interface OnCall {
  readonly stack: Stack;
  /** Whoever asks these for their health hears no. */
  readonly ill: Set<string>;
  /** What the receiver of notifications answers. */
  readonly receiver: { status: number };
  /** A shell of that person, who may read every registry as somebody on call may; in a folder of its own. */
  shell(person?: string): Shell;
  /** Changes sluice.yaml, as a review of it would; workers read it when they start again. */
  configure(change: (document: Document) => void): void;
  restartWorkers(): Promise<void>;
  /** Starts the image of an example under a version of its own. Resolves when it is started. */
  start(version: string, options?: StartOptions): Promise<void>;
  /** Two release managers let it into production, as soon as they are asked. */
  approve(version: string, people?: readonly string[]): Promise<void>;
  /** Into production, past people. */
  release(version: string, options?: StartOptions): Promise<void>;
  untilWaits(version: string, on: 'approval' | 'attention' | 'turn'): Promise<void>;
  /** However it ends. */
  untilEnded(version: string): Promise<void>;
  until(what: string, ask: () => Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly example?: ExampleName;
  readonly until?: 'dev' | 'staging' | 'production';
  /** Further words of `sluice start`. */
  readonly words?: readonly string[];
}

export interface OnCallOptions {
  /** How long a step is tried again before somebody is asked. */
  readonly retryFor?: string;
  readonly cluster?: 'real' | 'simulated';
}

class Refused extends Error {
  readonly code: number;
  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

export const ON_CALL = 'grace';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

export async function startOnCall({ cluster = 'simulated', retryFor }: OnCallOptions = {}): Promise<OnCall> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-on-call-'));
  const ill = new Set<string>();
  const receiver = { status: 200 };
  const pages = await serve((path) => (path === '/events' ? receiver.status : ill.has(path.slice(1)) ? 503 : 200));
  const stack = await startStack({ dir, ports: 'free', cluster, workers: [] }).catch(async (error: unknown) => {
    await pages.close();
    throw error;
  });
  const configure = (change: (document: Document) => void): void => {
    const document = parse(readFileSync(stack.configFile, 'utf8')) as Document;
    change(document);
    writeFileSync(stack.configFile, stringify(document, { lineWidth: 0 }));
  };
  const secretFile = join(dir, 'ops.secret');
  writeFileSync(secretFile, SECRET, { mode: 0o600 });
  configure((document) => {
    const { health } = document['services'].iam;
    const urls = ['dev', 'staging', 'production'].map((name) => [name, `${pages.url}/${name}`]);
    document['services'].iam.health = { ...health, attempts: 2, urls: Object.fromEntries(urls) };
    if (retryFor !== undefined) document['engine'] = { ...document['engine'], retryFor };
    document['notifications'] = [{ name: 'ops', url: `${pages.url}/events`, secretFrom: { file: secretFile } }];
  });
  const workers = Object.values(stack.workers);
  const ended = async (): Promise<void> => {
    await stack.stop();
    await pages.close();
  };
  const sluice = async (args: readonly string[], user = 'build-pipeline'): Promise<void> => {
    const host = user === 'build-pipeline' ? 'pipeline' : 'person';
    const once = async (): Promise<boolean> => {
      const { code, stdout, stderr } = await stack.sluice(args, { host, user });
      if (code !== 0) throw new Refused(`sluice ${args.join(' ')}: ${code}\n${stdout}${stderr}`, code);
      return true;
    };
    // a machine with too much to do answers too late now and then, as it would a person, who types it again
    await once().catch((error: unknown) => {
      if (!(error instanceof Refused) || error.code !== EXIT.unreachable) throw error;
      return untilTrue(once, { what: error.message, timeoutMs: 60_000, everyMs: 1000 });
    });
  };
  const start = async (version: string, { example = 'v1', until, words = [] }: StartOptions = {}): Promise<void> => {
    const { image } = readExample(example);
    await stack.push(example);
    const name = readExample(example).version === version ? [] : ['--image', `iam@${image.digest}`];
    await sluice(['start', 'iam', version, ...name, ...(until === undefined ? [] : ['--until', until]), ...words]);
  };
  const until = async (what: string, ask: () => Promise<boolean>): Promise<void> => {
    await untilTrue(ask, { what, timeoutMs: 180_000, everyMs: 300 });
  };
  const untilWaits: OnCall['untilWaits'] = (version, on) =>
    until(`${version} waits: ${on}`, async () => {
      const { stdout } = await stack.sluice(['list', '--waiting', on]);
      return stdout.includes(` ${version} `);
    });
  const approve: OnCall['approve'] = async (version, people = ['grace', 'linus']) => {
    await untilWaits(version, 'approval');
    for (const person of people)
      await sluice(['approve', 'iam', version, '--environment', 'production', '--reason', 'seen in staging'], person);
  };
  await Promise.all(workers.map((one) => one.start())).catch(async (error: unknown) => {
    await ended();
    throw error;
  });
  return {
    stack,
    ill,
    receiver,
    configure,
    shell: (person = ON_CALL) => {
      const cwd = join(dir, 'shells', person);
      mkdirSync(cwd, { recursive: true });
      const tools = (['temporal', 'kubectl'] as const).map((tool) => dirname(toolPath(tool) ?? '/nowhere'));
      const env = stack.env('auditor', person);
      const path = [join(checkout, 'bin'), ...tools, env['PATH']].join(delimiter);
      const kubeconfig = stack.clusters.adminKubeconfigs['production'] ?? '/nowhere';
      return { cwd, env: { ...env, PATH: path, HOME: cwd, KUBECONFIG: kubeconfig } };
    },
    async restartWorkers() {
      await Promise.all(workers.map((one) => one.stop()));
      await Promise.all(workers.map((one) => one.start()));
    },
    start,
    approve,
    async release(version, options = {}) {
      await start(version, { ...options, words: ['--wait', '--wait-for', 'staging'] });
      await approve(version);
      await sluice(['watch', 'iam', version]);
    },
    untilWaits,
    untilEnded: (version) =>
      until(`${version} has ended`, async () => {
        const { stdout } = await stack.sluice(['list', '--running']);
        return !stdout.includes(` ${version} `);
      }),
    until,
    stop: ended,
  };
}

async function serve(statusOf: (path: string) => number): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    request.resume();
    response.writeHead(statusOf(request.url ?? '')).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
