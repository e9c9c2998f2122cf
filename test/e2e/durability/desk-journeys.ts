/** A Temporal server, a world that lasts, workers that live or die, and releases that meet in its environments. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, type UpdateDefinition, WorkflowUpdateFailedError } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, type InjectedSinks, Runtime } from '@temporalio/worker';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { until } from '../../../local/tools/until.ts';
import {
  ENVIRONMENT_WORKFLOW,
  environmentQuery,
  type EnvironmentStatus,
} from '../../../src/contract/environment-workflow.ts';
import { SEARCH_ATTRIBUTES } from '../../../src/contract/search-attributes.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import { overrideUpdate, statusQuery } from '../../../src/contract/promotion-workflow.ts';
import { environmentId, promotionId } from '../../../src/contract/workflow-ids.ts';
import type { Rulebook } from '../../../src/domain/rulebook.ts';
import { WORKFLOWS } from '../../support/engine.ts';
import { PATH, type Pushed } from '../../support/memory-world.ts';
import { answerBy, type Release, startRelease } from '../../support/releases.ts';
import { type LastingWorld, openWorld } from './lasting-world.ts';
import type { MortalSinks } from './desk-interceptors.ts';
import { DEATH_NOTICED, keepAlive, type Undying } from './undying.ts';
import { unreadable } from './unreadable.ts';

const WORKER = fileURLToPath(new URL('./desk-worker.ts', import.meta.url));
const INTERCEPTORS = fileURLToPath(new URL('./desk-interceptors.ts', import.meta.url));

const SETTINGS = [
  DEATH_NOTICED,
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxTimeShift="1ms"',
];

export interface Ground {
  readonly client: Client;
  readonly lasting: LastingWorld;
  readonly workers: readonly Undying[];
  /** Boundaries at which a worker died, each once. */
  boundaries(): readonly string[];
  push(name: string): Promise<Pushed>;
  start(version: string, pushed: Pushed): Promise<Release>;
  desk(environment: string): Promise<EnvironmentStatus>;
  /** Said again for as long as nobody answers, as a person would who waits for a worker to come back. */
  say<Answer, Command>(
    environment: string,
    update: UpdateDefinition<Answer, [Command]>,
    command: Command,
  ): Promise<Answer>;
  /** One word to a workflow, however often it has to be said: the server knows it again. */
  tell<Answer, Word>(workflowId: string, update: UpdateDefinition<Answer, [Word]>, word: Word): Promise<Answer>;
  /** Ids of runs that a worker which has never seen them cannot read as they happened. */
  unreadable(): Promise<readonly string[]>;
  /** As {@link say}, to a promotion: lets it pass what keeps it out. */
  override(version: string, environment: string, passes: string): Promise<void>;
  /** It stands still at a safe point, because of a stop. */
  untilStopped(version: string, environment: string): Promise<void>;
  /** Its desk is terminated: whoever asks next opens another one. */
  lose(environment: string): Promise<void>;
  stop(): Promise<void>;
}

const SILENT: InjectedSinks<MortalSinks> = { mortal: { reach: { fn: () => undefined, callDuringReplay: false } } };

/** Far beyond what all the deaths take. */
export const PATIENCE_MS = 8 * 60_000;
/** So short that the desks begin new runs again and again while releases pass. */
const RUN_LENGTH = 80;

export async function openGround(
  kind: 'living' | 'dying',
  rulebook?: (rulebook: Rulebook) => Rulebook,
): Promise<Ground> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
  });
  const path = toolPath('temporal');
  if (path === undefined) throw new Error('temporal is not installed: npm run setup');
  const dir = mkdtempSync(join(tmpdir(), 'sluice-desk-'));
  const server = {
    executable: { type: 'existing-path' as const, path },
    searchAttributes: [...SEARCH_ATTRIBUTES],
    extraArgs: SETTINGS.flatMap((setting) => ['--dynamic-config-value', setting]),
  };
  const [env, lasting, bundle] = await Promise.all([
    TestWorkflowEnvironment.createLocal({ server }),
    openWorld(rulebook),
    bundleWorkflowCode({
      workflowsPath: WORKFLOWS,
      workflowInterceptorModules: [INTERCEPTORS],
      logger: new DefaultLogger('ERROR'),
    }),
  ]);
  const files = { deaths: join(dir, 'deaths.txt'), bundle: join(dir, 'workflows.js') };
  writeFileSync(files.deaths, '');
  writeFileSync(files.bundle, bundle.code);
  const variables = {
    PATH: process.env['PATH'] ?? '',
    DESK_TEMPORAL: env.address,
    DESK_WORLD: lasting.url,
    DESK_BUNDLE: files.bundle,
    DESK_ACTIVITIES: lasting.names.join(','),
    DESK_GUARDIANS: JSON.stringify(lasting.world.zones.staging.rulebook.guardians ?? {}),
    ...(kind === 'dying' ? { DESK_DEATHS: files.deaths } : {}),
  };
  const workers = await Promise.all(
    ['engine', 'zone'].map((role) =>
      keepAlive({ name: role, args: [role], env: variables, logFile: join(dir, `${role}.log`), script: WORKER }),
    ),
  );
  const { client } = env;
  lasting.client = client;
  // the others are opened by whoever asks them first
  const environment = PATH.at(-1) ?? '';
  await client.workflow.start(ENVIRONMENT_WORKFLOW, {
    workflowId: environmentId(environment),
    taskQueue: ENGINE_QUEUE,
    args: [{ environment, runLength: RUN_LENGTH }],
  });
  const deskOf = (environment: string) => client.workflow.getHandle(environmentId(environment));
  return {
    client,
    lasting,
    workers,
    boundaries: () =>
      readFileSync(files.deaths, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    push: (name) => lasting.world.push(name),
    start: (version, { digest, manifests }) => startRelease(client, version, { image: `iam@${digest}`, manifests }),
    desk: (environment) =>
      until(() => deskOf(environment).query(environmentQuery), { what: 'the desk', timeoutMs: PATIENCE_MS }),
    say: (environment, update, command) =>
      sayAgain(() => deskOf(environment).executeUpdate(update, { args: [command] })),
    tell: (workflowId, update, word) => {
      const updateId = randomUUID();
      const handle = client.workflow.getHandle(workflowId);
      return sayAgain(() => handle.executeUpdate(update, { args: [word], updateId }));
    },
    async override(version, environment, passes) {
      const promotion = client.workflow.getHandle(promotionId('iam', version, environment));
      const status = () => promotion.query(statusQuery);
      const waiting = await until(async () => (await status()).phase === 'waiting-for-turn' && status(), {
        what: `${version} waits for its turn`,
        timeoutMs: PATIENCE_MS,
      });
      const word = answerBy('ada', waiting, { overrides: [passes], reason: 'urgent' });
      // a worker that died behind its answer has let it pass all the same, and then it does not wait any more
      const isPast = async () => (await status()).phase !== 'waiting-for-turn';
      await sayAgain(async () => {
        if (!(await isPast())) await promotion.executeUpdate(overrideUpdate, { args: [word] });
      });
    },
    async untilStopped(version, environment) {
      const promotion = client.workflow.getHandle(promotionId('iam', version, environment));
      await until(async () => (await promotion.query(statusQuery)).phase === 'stopped', {
        what: `${version} is stopped`,
        timeoutMs: PATIENCE_MS,
      });
    },
    async lose(environment) {
      await deskOf(environment).terminate('somebody did');
    },
    unreadable: () => unreadable(client, { workflowBundle: bundle, sinks: SILENT }),
    async stop() {
      await Promise.all(workers.map((one) => one.stop()));
      await lasting.close();
      await env.teardown();
    },
  };
}

async function sayAgain<Answer>(say: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await say();
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
