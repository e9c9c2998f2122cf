/** The local stack with workers that serve metrics, and everything wrong with it that alerts are about. */
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { startStack, type Stack } from '../../../local/stack/start-stack.ts';
import { SLUICE } from '../../../local/stack/workers.ts';
import { type Zone, ZONES } from '../../../local/stack/world.ts';
import { freePorts } from '../../../local/tools/free-port.ts';
import { type Program, startProgram } from '../../../local/tools/program.ts';
import { until } from '../../../local/tools/until.ts';

export interface ObservedStack {
  readonly stack: Stack;
  readonly scrapeAddresses: Readonly<Record<Zone, string>>;
  readonly workers: Readonly<Record<Zone, Program>>;
  /** What Prometheus would read, of both workers or of one. */
  scrape(of?: Zone): Promise<readonly Sample[]>;
  /** Asks until a sample of that name and these labels says what is wanted. */
  untilSeen(name: string, labels: Readonly<Record<string, string>>, is?: (value: number) => boolean): Promise<Sample>;
  /** Whoever asks dev for its health hears no, so many times. */
  failHealth(times: number): void;
  stop(): Promise<void>;
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Settings {
  readonly dir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Production demands a vulnerability report, with an exception that ends: no example image has one. */
  readonly exception?: true;
}

const SIGNER_ENDS = '2099-01-01T00:00:00Z';
const PROOFS = {
  vulnerabilities: {
    by: ['signatures'],
    noOlderThan: '30d',
    most: { critical: 0 },
    exceptions: [{ id: 'CVE-2026-0001', owner: 'ada', reason: 'not in our build', until: '2099-02-01T00:00:00Z' }],
  },
};
const SCRAPED_MS = 120_000;
/** Of a webhook that nobody answers. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export async function startObservedStack({ dir, env = {}, exception }: Settings): Promise<ObservedStack> {
  const stack = await startStack({ dir, ports: 'free', cluster: 'simulated', workers: [] });
  const health = await startHealth();
  const programs: Program[] = [];
  try {
    configure(stack.configFile, health.url, exception === true);
    const ports = await freePorts(2);
    const scrapeAddresses = { nonproduction: `127.0.0.1:${ports[0]}`, production: `127.0.0.1:${ports[1]}` };
    const begin = async (zone: Zone): Promise<Program> => {
      const { host, environments, engine } = ZONES[zone];
      const program = await startProgram({
        name: `worker ${zone}`,
        file: SLUICE,
        args: ['worker', '--environments', environments.join(','), ...(engine ? ['--engine'] : [])].concat(
          ...['--metrics', scrapeAddresses[zone]],
        ),
        env: { ...stack.env(host), OPS_SECRET: SECRET, ...env },
        logFile: join(dir, `observed-${zone}.log`),
      });
      programs.push(program);
      return program;
    };
    const workers = { nonproduction: await begin('nonproduction'), production: await begin('production') };
    const scrape = async (of?: Zone): Promise<readonly Sample[]> => {
      const zones: readonly Zone[] = of === undefined ? ['nonproduction', 'production'] : [of];
      // as Prometheus does, so that two workers that say the same are told apart
      const read = async (zone: Zone): Promise<readonly Sample[]> =>
        samplesIn(await textAt(scrapeAddresses[zone])).map((one) => ({
          ...one,
          labels: { ...one.labels, job: 'sluice-worker', instance: zone },
        }));
      return (await Promise.all(zones.map(read))).flat();
    };
    const reachable = async (zone: Zone): Promise<void> => {
      const program = workers[zone];
      await until(
        () =>
          textAt(scrapeAddresses[zone]).then(
            () => true,
            () => false,
          ),
        {
          what: `${program.name} (log: ${program.logFile})`,
          timeoutMs: SCRAPED_MS,
          hopeless: program.ended.then((how) => `it ended (${how}):\n${program.logTail()}`),
        },
      );
    };
    await Promise.all([reachable('nonproduction'), reachable('production')]);
    return {
      stack,
      scrapeAddresses,
      workers,
      scrape,
      untilSeen: (name, labels, is = (value) => value > 0) => seen(scrape, { name, labels, is }),
      failHealth: health.fail,
      async stop() {
        await Promise.all(programs.map((one) => one.stop()));
        await stack.stop();
        await health.stop();
      },
    };
  } catch (error) {
    await Promise.all(programs.map((one) => one.stop()));
    await stack.stop();
    await health.stop();
    throw error;
  }
}

/** A webhook that nobody answers, a signer that ends, and dev's health asked of this process. */
function configure(file: string, healthUrl: string, hasException: boolean): void {
  const document = parse(readFileSync(file, 'utf8'));
  document.notifications = [{ name: 'ops', url: 'http://127.0.0.1:9/nobody', secretFrom: { variable: 'OPS_SECRET' } }];
  for (const trusted of document.trust.signatures) trusted.until = SIGNER_ENDS;
  document.services.iam.health = { ...document.services.iam.health, attempts: 1 };
  document.services.iam.health.urls = { ...document.services.iam.health.urls, dev: healthUrl };
  if (hasException) document.environments.production.proofs = PROOFS;
  writeFileSync(file, stringify(document, { lineWidth: 0 }));
}

async function startHealth(): Promise<{ url: string; fail: (times: number) => void; stop: () => Promise<void> }> {
  let failing = 0;
  const server = createServer((_, response) => {
    failing -= 1;
    response.writeHead(failing >= 0 ? 503 : 200).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/health`,
    fail: (times) => {
      failing = times;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function textAt(address: string): Promise<string> {
  const answer = await fetch(`http://${address}/metrics`);
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}: ${await answer.text()}`);
  return answer.text();
}

async function seen(
  scrape: () => Promise<readonly Sample[]>,
  { name, labels, is }: { name: string; labels: Readonly<Record<string, string>>; is: (value: number) => boolean },
): Promise<Sample> {
  let found: Sample | undefined;
  await until(
    async () => {
      found = (await scrape()).find(
        (one) =>
          one.name === name &&
          is(one.value) &&
          Object.entries(labels).every(([label, value]) => one.labels[label] === value),
      );
      return found !== undefined;
    },
    { what: `${name}${JSON.stringify(labels)}`, timeoutMs: SCRAPED_MS },
  );
  return found as Sample;
}

/** Prometheus' text format 0.0.4, as far as workers write it. */
export function samplesIn(text: string): readonly Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', , inside = '', value = ''] = /^([a-zA-Z_:][\w:]*)(\{(.*)\})? (\S+)/.exec(line) ?? [];
      if (name === '') throw new Error(`no sample: ${line}`);
      const labels = [...inside.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [
        label,
        text,
      ]);
      return {
        name,
        labels: Object.fromEntries(labels) as Record<string, string>,
        value: Number(value.replace('Inf', 'Infinity')),
      };
    });
}
