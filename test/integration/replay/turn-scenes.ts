/** Scenes in which releases meet at an environment's desk: turns, stops, holds, overrides and roll-backs. */
import type { GatesAnswer } from '../../../src/contract/activities.ts';
import { ENVIRONMENT_WORKFLOW, liftUpdate, restrainUpdate } from '../../../src/contract/environment-workflow.ts';
import { OBSERVATION, type ObservationInput } from '../../../src/contract/observation-workflow.ts';
import { overrideUpdate, pauseUpdate, resumeUpdate, retryUpdate } from '../../../src/contract/promotion-workflow.ts';
import { FORECAST, type ForecastInput } from '../../../src/contract/release-workflow.ts';
import { ROLLBACK, type RollbackInput } from '../../../src/contract/rollback-workflow.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import {
  environmentId,
  forecastId,
  observationId,
  promotionId,
  releaseId,
  rollbackId,
} from '../../../src/contract/workflow-ids.ts';
import { failure, no, YES } from '../../support/answers.ts';
import { answerBy, startRelease, until } from '../../support/releases.ts';
import { IMAGE, MANIFESTS, type Script, type ScriptOptions } from '../../support/scripted-activities.ts';
import type { Scene, Stage } from './scene.ts';

const HERE = 'staging';
const IN_TURN: ScriptOptions = { path: [HERE], turns: 'queue' };
const desk = { name: 'environment', workflowId: environmentId(HERE) };
const STOP = { kind: 'stop', by: 'grace', reason: 'errors', forMs: 3_600_000 } as const;
const HOLD = { kind: 'hold', by: 'grace', reason: 'not this one', service: 'iam' } as const;

const deskOf = ({ client }: Stage) => client.workflow.getHandle(environmentId(HERE));
const phase = ({ client }: Stage, version: string, wanted: string) =>
  until(client, version, HERE, (status) => status.phase === wanted);
const entered = ({ client }: Stage, version: string) =>
  until(client, version, HERE, (status) => status.step === 'pullable');
const openDesk = ({ client }: Stage, runLength?: number) =>
  client.workflow.start(ENVIRONMENT_WORKFLOW, {
    workflowId: environmentId(HERE),
    taskQueue: ENGINE_QUEUE,
    args: [{ environment: HERE, ...(runLength === undefined ? {} : { runLength }) }],
  });

/** The first one who enters stays inside until the door is opened. */
interface Door {
  readonly script: () => Script;
  open(): void;
}

function aDoor(): Door {
  let open = (): void => undefined;
  return {
    script: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      open = resolve;
      return { checkPullable: () => promise.then(() => YES) };
    },
    open: () => open(),
  };
}

const doors = { waiting: aDoor(), newer: aDoor(), stopped: aDoor(), passed: aDoor(), paused: aDoor() };
const PLANNED = forecastId('iam', 'planned-before');
const OBSERVED = observationId('iam', 'observed-before');

const closedGate = (kind: 'hours' | 'stop', answer: 'wait' | 'no' = 'wait'): Script => {
  let asked = 0;
  const gate = { gate: 'office', kind, reason: 'it is closed', override: ['release-managers'] } as const;
  const opened = { ...gate, answer: 'yes', overriddenBy: { by: 'ada', reason: 'urgent' } } as const;
  const until = (): string => new Date(Date.now() + 600_000).toISOString();
  return {
    checkGates: async ({ overrides }): Promise<GatesAnswer> => {
      asked += 1;
      if (overrides !== undefined) return { ok: true, answer: 'yes', verdicts: [opened] };
      // a stop that came after the gates were asked is met in the queue
      if (kind === 'stop' && asked === 1) return { ok: true, answer: 'yes', verdicts: [] };
      return { ok: true, answer: 'wait', verdicts: [{ ...gate, answer }], until: until() };
    },
  };
};

async function override(stage: Stage, waiting: string, gate = 'office'): Promise<void> {
  const status = await phase(stage, stage.version, waiting);
  const word = answerBy('ada', status, { overrides: [gate], reason: 'urgent' });
  await stage.promotion.executeUpdate(overrideUpdate, { args: [word] });
}

async function rollBack({ client }: Stage): Promise<void> {
  const input: RollbackInput = { service: 'iam', environment: HERE, reason: 'errors', requestedBy: 'grace' };
  const workflowId = rollbackId(input.service, input.environment);
  await client.workflow.execute(ROLLBACK, { workflowId, taskQueue: ENGINE_QUEUE, args: [input] });
}

export const TURN_SCENES: readonly Scene[] = [
  { name: 'lease-taken-and-returned', outcome: 'released', options: IN_TURN, also: [desk] },
  {
    name: 'waited-for-its-turn',
    outcome: 'released',
    options: IN_TURN,
    script: doors.waiting.script,
    before: async (stage) => {
      await startRelease(stage.client, '1.0.0-first');
      await entered(stage, '1.0.0-first');
    },
    play: async (stage) => {
      await phase(stage, stage.version, 'waiting-for-turn');
      doors.waiting.open();
      await stage.release.result();
    },
    also: [desk],
  },
  {
    name: 'superseded',
    version: '2.0.1-superseded',
    outcome: 'superseded',
    options: { ...IN_TURN, turns: 'latest' },
    script: doors.newer.script,
    before: async (stage) => {
      await startRelease(stage.client, '2.0.0-begun');
      await entered(stage, '2.0.0-begun');
    },
    play: async (stage) => {
      await phase(stage, stage.version, 'waiting-for-turn');
      const newer = await startRelease(stage.client, '2.0.2-newer');
      await stage.release.result();
      doors.newer.open();
      await newer.result();
    },
    also: [desk],
  },
  {
    name: 'stopped-and-thawed',
    outcome: 'released',
    options: IN_TURN,
    script: doors.stopped.script,
    play: async (stage) => {
      await entered(stage, stage.version);
      await deskOf(stage).executeUpdate(restrainUpdate, { args: [STOP] });
      doors.stopped.open();
      await phase(stage, stage.version, 'stopped');
      await deskOf(stage).executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'grace' }] });
    },
    also: [desk],
  },
  {
    name: 'paused-while-stopped',
    outcome: 'released',
    options: IN_TURN,
    script: doors.paused.script,
    play: async (stage) => {
      await entered(stage, stage.version);
      await deskOf(stage).executeUpdate(restrainUpdate, { args: [STOP] });
      doors.paused.open();
      await phase(stage, stage.version, 'stopped');
      await stage.promotion.executeUpdate(pauseUpdate, { args: [{ by: 'otto' }] });
      await deskOf(stage).executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'grace' }] });
      await phase(stage, stage.version, 'paused');
      await stage.promotion.executeUpdate(resumeUpdate, { args: [{ by: 'otto' }] });
    },
    also: [desk],
  },
  {
    name: 'tried-again-while-stopped',
    outcome: 'released',
    options: IN_TURN,
    script: () => {
      let tries = 0;
      const applyManifests = async () => {
        tries += 1;
        if (tries === 1) throw failure('cluster-unreachable');
        return YES;
      };
      return { applyManifests };
    },
    play: async (stage) => {
      await phase(stage, stage.version, 'needs-attention');
      await deskOf(stage).executeUpdate(restrainUpdate, { args: [STOP] });
      await stage.promotion.executeUpdate(retryUpdate, { args: [{ by: 'otto' }] });
      await phase(stage, stage.version, 'stopped');
      await deskOf(stage).executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'grace' }] });
    },
    also: [desk],
  },
  {
    name: 'planned-before',
    outcome: 'released',
    options: IN_TURN,
    before: async ({ client, version }) => {
      const image = `${IMAGE.repository}@${IMAGE.digest}`;
      const input: ForecastInput = {
        service: 'iam',
        version,
        image,
        manifests: MANIFESTS,
        manifestsPublished: false,
        requestedBy: 'rita',
      };
      await client.workflow.execute(FORECAST, { workflowId: PLANNED, taskQueue: ENGINE_QUEUE, args: [input] });
    },
    also: [{ name: 'forecast', workflowId: PLANNED }],
  },
  {
    name: 'observed-before',
    outcome: 'released',
    options: IN_TURN,
    before: async ({ client, version }) => {
      const image = `${IMAGE.repository}@${IMAGE.digest}`;
      const input: ObservationInput = {
        ...{ service: 'iam', version, image, manifests: MANIFESTS },
        ...{ files: '', requestedBy: 'rita' },
      };
      await client.workflow.execute(OBSERVATION, { workflowId: OBSERVED, taskQueue: ENGINE_QUEUE, args: [input] });
    },
    also: [{ name: 'observation', workflowId: OBSERVED }],
  },
  {
    name: 'stopped-and-let-pass',
    outcome: 'released',
    options: { ...IN_TURN, mayPass: { stop: ['incident-managers'] } },
    script: doors.passed.script,
    play: async (stage) => {
      await entered(stage, stage.version);
      await deskOf(stage).executeUpdate(restrainUpdate, { args: [STOP] });
      doors.passed.open();
      await override(stage, 'stopped', 'stop');
      await stage.release.result();
      await deskOf(stage).executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'grace' }] });
    },
    also: [desk],
  },
  {
    name: 'stop-ended-by-itself',
    outcome: 'released',
    options: IN_TURN,
    before: async (stage) => {
      await openDesk(stage);
      await deskOf(stage).executeUpdate(restrainUpdate, { args: [{ ...STOP, forMs: 1_500 }] });
    },
    also: [desk],
  },
  {
    name: 'held-and-lifted',
    outcome: 'released',
    options: IN_TURN,
    before: async (stage) => {
      await openDesk(stage, 50);
      await deskOf(stage).executeUpdate(restrainUpdate, { args: [HOLD] });
    },
    play: async (stage) => {
      await phase(stage, stage.version, 'waiting-for-turn');
      // enough to be told that the desk begins a new run
      for (const number of [1, 2, 3, 4, 5, 6])
        await deskOf(stage).executeUpdate(restrainUpdate, { args: [{ ...HOLD, service: `service-${number}` }] });
      await deskOf(stage).executeUpdate(liftUpdate, { args: [{ kind: 'hold', service: 'iam', by: 'ada' }] });
    },
    also: [desk],
  },
  {
    name: 'gate-overridden',
    outcome: 'released',
    options: { ...IN_TURN, gates: [HERE] },
    script: () => closedGate('hours'),
    play: (stage) => override(stage, 'waiting-for-gate'),
  },
  {
    name: 'refusing-gate-overridden',
    outcome: 'released',
    options: { ...IN_TURN, gates: [HERE] },
    script: () => closedGate('hours', 'no'),
    play: (stage) => override(stage, 'waiting-for-gate'),
  },
  {
    name: 'stop-overridden-in-the-queue',
    outcome: 'released',
    options: { ...IN_TURN, gates: [HERE] },
    script: () => closedGate('stop'),
    before: async (stage) => {
      await openDesk(stage);
      await deskOf(stage).executeUpdate(restrainUpdate, { args: [STOP] });
    },
    play: (stage) => override(stage, 'waiting-for-turn'),
    also: [desk],
  },
  {
    name: 'rollback-released',
    outcome: 'released',
    options: IN_TURN,
    play: async (stage) => {
      await stage.release.result();
      await rollBack(stage);
    },
    also: [
      desk,
      { name: 'rollback', workflowId: rollbackId('iam', HERE) },
      { name: 'back', workflowId: promotionId('iam', '0.9.0', HERE) },
    ],
  },
  {
    name: 'rollback-refused',
    outcome: 'released',
    options: IN_TURN,
    script: () => ({ findKnownGood: async () => no('rollback-impossible') }),
    play: async (stage) => {
      await stage.release.result();
      await rollBack(stage);
    },
    also: [{ name: 'rollback', workflowId: rollbackId('iam', HERE) }],
  },
  {
    name: 'promotion-there-already',
    outcome: 'refused',
    options: { ...IN_TURN },
    before: async ({ client, version }) => {
      // the release that brought it there is forgotten; its promotion is not
      const earlier = await startRelease(client, version);
      await earlier.result();
      const { workflowService } = client;
      const workflowExecution = { workflowId: releaseId('iam', version) };
      const namespace = client.options.namespace;
      await workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
      for (;;) {
        const gone = await client.workflow
          .getHandle(workflowExecution.workflowId)
          .describe()
          .catch(() => 'gone');
        if (gone === 'gone') return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  },
];
