/** Registries and clusters that outlive the workers: real activities over memory, called from other processes, and what they left. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createEnvironmentActivities, type Zone } from '../../../activities/index.ts';
import type { Admission } from '../../../src/contract/plan.ts';
import type { EventAbout, SluiceEvent } from '../../../src/domain/notification.ts';
import type { EnvironmentRules, Rulebook } from '../../../src/domain/rulebook.ts';
import { aWorld, type MemoryWorld, PATH } from '../../support/memory-world.ts';
import { TIMING } from '../../support/scripted-activities.ts';

/** The zone's memory of whom it let in, each time that it was written. */
export interface Written extends Admission {
  readonly environment: string;
}

export interface LastingWorld {
  readonly url: string;
  readonly names: readonly string[];
  readonly world: MemoryWorld;
  readonly admissions: readonly Written[];
  /** Everything that changed something, without times and ids, sorted. */
  effects(): readonly string[];
  restraints(): Promise<number>;
  /** Events that receivers were told, each id once, sorted. */
  told(about: EventAbout): readonly string[];
  /** Holds promotions back inside staging while it is shut; `knocked`: the version that stands there. */
  readonly door: { isShut: boolean; knocked?: string };
  /** From now on a newer version supersedes those that wait for staging. */
  wantLatest(): void;
  /** With which activities ask the server; undefined: they cannot. */
  client?: Client;
  close(): Promise<void>;
}

interface Call {
  readonly name: string;
  readonly request: {
    readonly environment?: string;
    readonly plan?: { readonly environment: string; readonly version: string };
  };
  readonly workflowExecution: { readonly workflowId: string; readonly runId: string };
  readonly attempt: number;
  /** What its attempt before this one has left. */
  readonly saved?: unknown;
}

export async function openWorld(rulebook = holdsMayBePassed): Promise<LastingWorld> {
  const world = await aWorld({ rulebook });
  const told = new Map<string, SluiceEvent>();
  const admissions: Written[] = [];
  const door: LastingWorld['door'] = { isShut: false };
  const zones = Object.fromEntries(PATH.map((name) => [name, watched(world.zones[name], admissions)]));
  const acts = Object.fromEntries(PATH.map((name) => [name, createEnvironmentActivities(zones[name] as Zone)]));
  const timing = { ...TIMING, heartbeatMs: 600, retryForMs: 120_000 };
  const engine: Record<string, (request: never) => Promise<unknown>> = {
    readJourney: async ({ until }: { readonly until?: string }) => ({
      ok: true,
      path: until === undefined ? PATH : PATH.slice(0, PATH.indexOf(until as 'dev') + 1),
      timing,
      notify: [{ receiver: 'ops' }],
    }),
    notify: async ({ event }: { readonly event: SluiceEvent }) => {
      told.set(event.id, event);
      return { ok: true, summary: 'told', facts: {} };
    },
    announce: async ({ event }: { readonly event: SluiceEvent }) => {
      told.set(event.id, event);
      return { receivers: ['ops'] };
    },
  };
  async function call({ name, request, workflowExecution, attempt, saved }: Call): Promise<Answer> {
    const where = request.plan?.environment ?? request.environment ?? 'dev';
    const act = (engine[name] ?? acts[where]?.[name as 'admit']) as (request: unknown) => Promise<unknown>;
    if (name === 'checkPullable' && where === 'staging') await passDoor(door, request.plan?.version);
    const info = { workflowExecution, attempt, heartbeatDetails: saved, heartbeatTimeoutMs: 10_000 };
    const env = new MockActivityEnvironment(info, { ...LOGGER, ...(lasting.client && { client: lasting.client }) });
    let left = saved;
    env.on('heartbeat', (details: unknown) => (left = details));
    try {
      return { result: await env.run(act, request) };
    } catch (error) {
      return { failure: failureIn(error), saved: left };
    }
  }
  const server = createServer((incoming, outgoing) => {
    void text(incoming)
      .then((body) => call(JSON.parse(body) as Call))
      .then((answer) => outgoing.end(JSON.stringify(answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const lasting: LastingWorld = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    names: [...Object.keys(engine), ...Object.keys(acts['dev'] ?? {})],
    world,
    admissions,
    effects: () => effectsOf(world),
    restraints: async () =>
      (JSON.parse((await world.zones.staging.ports.records.read('restraints', 'iam-staging', 'iam')) ?? '[]') as [])
        .length,
    told: (about) =>
      [...told.values()]
        .filter(({ data }) => data.about === about)
        .map(
          ({ data }) => `${data.version ?? data.service ?? ''} ${data.environment ?? ''}: ${data.event}${found(data)}`,
        )
        .sort(),
    door,
    wantLatest: () => Object.assign(world.zones.staging.rulebook.environments['staging'] ?? {}, { turns: 'latest' }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return lasting;
}

type Answer = { readonly result: unknown } | { readonly failure: object; readonly saved: unknown };

async function passDoor(door: LastingWorld['door'], version = ''): Promise<void> {
  door.knocked = version;
  while (door.isShut) await new Promise((resolve) => setTimeout(resolve, 20));
}

function holdsMayBePassed(rulebook: Rulebook): Rulebook {
  const staging = rulebook.environments['staging'] as EnvironmentRules;
  const overrides = { hold: { from: ['release-managers'] } };
  return { ...rulebook, environments: { ...rulebook.environments, staging: { ...staging, overrides } } };
}

function found({ drift }: SluiceEvent['data']): string {
  if (drift === undefined) return '';
  return ` (${drift.findings.map(({ about, what }) => `${about} ${what}`).join(', ')}; ${drift.reaction})`;
}

const LOGGER = { logger: new DefaultLogger('ERROR') };

function failureIn(error: unknown): object {
  if (!(error instanceof ApplicationFailure)) return { type: 'internal', message: String(error) };
  const { message, type, nonRetryable, details, nextRetryDelay } = error;
  return { message, type, nonRetryable, details, nextRetryDelay };
}

function watched(zone: Zone, admissions: Written[]): Zone {
  const { records } = zone.ports;
  const change: typeof records.change = async (about, namespace, service, decide) => {
    let written: string | undefined;
    await records.change(about, namespace, service, (known) => (written = decide(known)));
    if (about !== 'admission' || written === undefined) return;
    admissions.push({ environment: zone.environment, ...(JSON.parse(written) as Admission) });
  };
  return { ...zone, now: () => new Date(), ports: { ...zone.ports, records: { ...records, change } } };
}

function effectsOf({ registries, clusters }: MemoryWorld): readonly string[] {
  // how often lists of restraints are written depends on what changes while one is being written; who comes first, on luck
  const changed = PATH.flatMap((name) =>
    clusters[name].effects
      .filter((one) => one.kind !== 'restrained')
      .map((one) => JSON.stringify({ name, ...one, generation: undefined })),
  );
  // a copy's number says only which one came before
  const copied = registries.effects.map((one) => JSON.stringify({ ...one, operation: undefined }));
  return [...copied, ...changed].map(withoutTimes).sort();
}

function withoutTimes(line: string): string {
  return line
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'run');
}
