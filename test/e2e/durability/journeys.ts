/** The same two releases, with workers that live or with workers that die, and every effect that they left. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { ExampleName } from '../../../examples/images.ts';
import { runningDigests } from '../../../local/demo/facts.ts';
import { ENVIRONMENTS, ZONES } from '../../../local/stack/world.ts';
import { type Stack, startStack } from '../../../local/stack/start-stack.ts';
import { until } from '../../../local/tools/until.ts';
import { EVIDENCE_WORKFLOW } from '../../../src/contract/evidence-workflow.ts';
import type { PromotionStatus, ReleaseStatus } from '../../../src/contract/status.ts';
import { WORKFLOWS } from '../../support/engine.ts';
import { DEATH_NOTICED, keepAlive, type Undying } from './undying.ts';
import { unreadable } from './unreadable.ts';

export interface Travelled {
  readonly outcomes: readonly string[];
  /** Everything that changed a registry or a node, without times and serial numbers, sorted. */
  readonly effects: readonly string[];
  readonly running: Readonly<Record<string, readonly string[]>>;
  readonly deaths: number;
  /** Boundaries at which a worker died, each once. */
  readonly boundaries: readonly string[];
  /** Runs that a worker which has never seen them cannot read as they happened. */
  readonly unreadable: readonly string[];
}

/** How soon a death is noticed: short, or the test takes long. */
const HEARTBEAT = '1s';

export async function travel(workers: 'living' | 'dying'): Promise<Travelled> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-durability-'));
  const temporalSettings = [DEATH_NOTICED];
  const stack = await startStack({ dir, ports: 'free', cluster: 'real', workers: [], temporalSettings });
  const deaths = join(dir, 'deaths.txt');
  writeFileSync(deaths, '');
  const configFile = join(dir, 'durability.yaml');
  writeFileSync(configFile, readFileSync(stack.configFile, 'utf8').replace(/heartbeat: .*/, `heartbeat: ${HEARTBEAT}`));
  const bundleFile = join(dir, 'workflows.js');
  const bundle = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('ERROR') });
  writeFileSync(bundleFile, bundle.code);
  const variables = {
    SLUICE_BUNDLE: bundleFile,
    SLUICE_CONFIG: configFile,
    ...(workers === 'dying' ? { SLUICE_DEATHS: deaths } : {}),
  };
  const undying = await Promise.all(Object.values(ZONES).map((zone) => startWorker(stack, zone, variables)));
  try {
    const outcomes = [await release(stack, 'v1', true), await release(stack, 'v2', false)];
    await untilEvidenceIsKept(stack);
    const digests = await Promise.all(
      ENVIRONMENTS.map(async ({ name }) => [name, await runningDigests(stack, name)] as const),
    );
    return {
      outcomes,
      effects: effectsOf(stack),
      running: Object.fromEntries(digests),
      unreadable: await readAgain(stack, bundle),
      deaths: undying.reduce((sum, one) => sum + one.deaths, 0),
      boundaries: readFileSync(deaths, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    };
  } finally {
    await Promise.all(undying.map((one) => one.stop()));
    await stack.stop();
  }
}

/** It is begun before a release has ended, and nobody waits for it. */
async function untilEvidenceIsKept({ temporal }: Stack): Promise<void> {
  const connection = await Connection.connect({ address: temporal.address });
  const { workflow } = new Client({ connection, namespace: temporal.namespace });
  const under = `WorkflowType = '${EVIDENCE_WORKFLOW}' AND ExecutionStatus`;
  const counted = async (is: string): Promise<number> => (await workflow.count(`${under} ${is}`)).count;
  try {
    await until(async () => (await counted("= 'Running'")) === 0 && (await counted("!= 'Running'")) > 0, {
      what: 'evidence is kept',
      timeoutMs: PATIENCE_MS,
    });
  } finally {
    await connection.close();
  }
}

async function readAgain({ temporal }: Stack, workflowBundle: WorkflowBundleWithSourceMap): Promise<readonly string[]> {
  const connection = await Connection.connect({ address: temporal.address });
  try {
    return await unreadable(new Client({ connection, namespace: temporal.namespace }), { workflowBundle });
  } finally {
    await connection.close();
  }
}

function startWorker(
  stack: Stack,
  zone: (typeof ZONES)[keyof typeof ZONES],
  variables: Record<string, string>,
): Promise<Undying> {
  return keepAlive({
    name: `mortal worker of ${zone.environments.join(', ')}`,
    args: [zone.environments.join(','), ...(zone.engine ? ['--engine'] : [])],
    env: { ...stack.env(zone.host), ...variables },
    logFile: join(stack.dir, 'logs', `mortal-${zone.environments[0]}.log`),
  });
}

/** Starts the release, says yes in production where it is asked, and waits for its end; resolves to the outcome's kind. */
async function release(stack: Stack, name: ExampleName, approve: boolean): Promise<string> {
  const { version } = await stack.push(name);
  await sluice(stack, ['start', 'iam', version]);
  if (approve) {
    await until(async () => (await phaseOf(stack, version)).includes('waiting-for-approval'), {
      what: `approval of ${version}`,
      timeoutMs: PATIENCE_MS,
    });
    // The zone that verifies the answer dies too: whoever does not hear a reply says it again.
    await until(
      async () => {
        for (const user of ['ada', 'grace'])
          await stack.sluice(['approve', 'iam', version, '--reason', 'seen'], { user });
        const phases = await phaseOf(stack, version);
        return phases.length > 0 && !phases.includes('waiting-for-approval');
      },
      { what: `approvals of ${version} counted`, timeoutMs: PATIENCE_MS },
    );
  }
  return until(async () => (await statusOf(stack, version)).release.outcome?.kind, {
    what: `the end of ${version}`,
    timeoutMs: PATIENCE_MS,
  });
}

/** Far beyond what all the deaths take; a release that hangs ends the test. */
const PATIENCE_MS = 15 * 60_000;

interface Status {
  readonly release: ReleaseStatus;
  readonly promotions: readonly PromotionStatus[];
}

/** Queries need a living worker; in between the answer is that nothing is known. */
async function statusOf(stack: Stack, version: string): Promise<Status> {
  const { code, stdout } = await stack.sluice(['status', 'iam', version, '--json']);
  return code === 0 || stdout.startsWith('{')
    ? (JSON.parse(stdout) as Status)
    : { release: {} as ReleaseStatus, promotions: [] };
}

async function phaseOf(stack: Stack, version: string): Promise<readonly string[]> {
  return (await statusOf(stack, version)).promotions.map((one) => one.phase);
}

async function sluice(stack: Stack, args: readonly string[]): Promise<void> {
  const { code, stderr } = await stack.sluice(args);
  if (code !== 0) throw new Error(`sluice ${args.join(' ')} ended with ${code}: ${stderr}`);
}

/** Records and evidence say when something happened, so their digests are others each time; how many there are, and what is done to them, is not. */
const MADE_MEANWHILE = 'a record, or evidence';

function effectsOf(stack: Stack): readonly string[] {
  const all = stack.emulator.effects();
  const pushed = all.flatMap(({ identity, digest }) => (identity === 'build' && digest !== undefined ? [digest] : []));
  const registries = all.map((one) => {
    const { registry, identity, effect, repository, tag, targets, attributes, request } = one;
    const digest = one.digest === undefined || pushed.includes(one.digest) ? one.digest : MADE_MEANWHILE;
    return JSON.stringify({ registry, identity, effect, repository, digest, tag, targets, attributes, request });
  });
  return [...registries, ...nodeEffects(stack)].sort();
}

/** Which containers ran which image: pods have new names every time. */
function nodeEffects(stack: Stack): readonly string[] {
  const lines = Object.values(stack.clusters.nodeLogs).flatMap((log) => readFileSync(log, 'utf8').trim().split('\n'));
  const effects = lines.map(
    (line) => JSON.parse(line) as { effect: string; namespace?: string; digest?: string; restarts?: number },
  );
  return effects
    .filter(({ effect }) => effect === 'container-started')
    .map(({ effect, namespace, digest, restarts }) => JSON.stringify({ effect, namespace, digest, restarts }));
}
