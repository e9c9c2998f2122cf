import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { until } from '../../../local/tools/until.ts';
import {
  abortUpdate,
  approveSignal,
  approveUpdate,
  pauseUpdate,
  rejectSignal,
  rejectUpdate,
  resumeUpdate,
  retryUpdate,
  rollBackUpdate,
  statusQuery,
} from '../../../src/contract/promotion-workflow.ts';
import {
  abortReleaseUpdate,
  pauseReleaseUpdate,
  type ReleaseResult,
  resumeReleaseUpdate,
} from '../../../src/contract/release-workflow.ts';
import type { PromotionPhase, PromotionStatus } from '../../../src/contract/status.ts';
import { ROLLBACK, type RollbackInput, type RollbackResult } from '../../../src/contract/rollback-workflow.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import { promotionId, releaseId, rollbackId } from '../../../src/contract/workflow-ids.ts';
import type { EnvironmentRules, Rulebook } from '../../../src/domain/rulebook.ts';
import { answerBy } from '../../support/releases.ts';
import { APPROVAL } from '../../support/scripted-activities.ts';
import { WORDS } from './demanded.ts';
import { type Ground, openGround, PATIENCE_MS } from './desk-journeys.ts';

const missing = toolPath('temporal') === undefined && !process.env['CI'];
const skip = missing && 'temporal is not installed: npm run setup';

const HERE = 'staging';
const BY = { by: 'otto', reason: 'because' };

interface Passed {
  readonly outcomes: Readonly<Record<string, string>>;
  readonly effects: readonly string[];
  readonly told: readonly string[];
  readonly boundaries: readonly string[];
  readonly deaths: number;
  readonly unreadable: readonly string[];
}

/** What people say to one release that waits for them. */
type Talk = (ground: Ground, version: string) => Promise<void>;

const TALKS: Readonly<Record<string, Talk>> = {
  'paused and resumed as a release and as a promotion, then approved': async (ground, version) => {
    const asked = await waits(ground, version, 'waiting-for-approval');
    await ground.tell(releaseId('iam', version), pauseReleaseUpdate, BY);
    await ground.tell(releaseId('iam', version), resumeReleaseUpdate, BY);
    await ground.tell(of(version), pauseUpdate, BY);
    await ground.tell(of(version), approveUpdate, answerBy('ada', asked));
    await waits(ground, version, 'paused');
    await ground.tell(of(version), resumeUpdate, BY);
  },
  'refused by update': async (ground, version) => {
    const asked = await waits(ground, version, 'waiting-for-approval');
    await ground.tell(of(version), rejectUpdate, answerBy('ada', asked, { decision: 'reject', reason: 'no' }));
  },
  'approved by signal, stuck, and tried again': async (ground, version) => {
    const asked = await waits(ground, version, 'waiting-for-approval');
    const match = { environment: HERE, call: 'set-lock' } as const;
    ground.lasting.world.registries.faults.set({
      ...{ fault: 'error', code: 'registry-forbidden', retry: 'no', times: 1, match },
    });
    await ground.client.workflow.getHandle(of(version)).signal(approveSignal, answerBy('ada', asked));
    await waits(ground, version, 'needs-attention');
    await ground.tell(of(version), retryUpdate, BY);
  },
  'refused by signal': async (ground, version) => {
    const asked = await waits(ground, version, 'waiting-for-approval');
    const word = answerBy('ada', asked, { decision: 'reject', reason: 'no' });
    await ground.client.workflow.getHandle(of(version)).signal(rejectSignal, word);
  },
  'aborted as a release': async (ground, version) => {
    await waits(ground, version, 'waiting-for-approval');
    await ground.tell(releaseId('iam', version), abortReleaseUpdate, BY);
  },
  'aborted as a promotion': async (ground, version) => {
    await waits(ground, version, 'waiting-for-approval');
    await ground.tell(of(version), abortUpdate, BY);
  },
  'rolled back': async (ground, version) => {
    await waits(ground, version, 'waiting-for-approval');
    await ground.tell(of(version), rollBackUpdate, BY);
  },
};

/** What people say to a roll-back that waits for them, and where it would go. */
const TALKS_BACK: Readonly<Record<string, readonly [to: string, talk: Talk]>> = {
  'a roll-back that is approved': [
    '1.0.0',
    async (ground, version) => {
      const asked = await waits(ground, version, 'waiting-for-approval');
      await ground.tell(of(version), approveUpdate, answerBy('ada', asked));
    },
  ],
  'a roll-back that is refused': [
    '1.2.0',
    async (ground, version) => {
      const asked = await waits(ground, version, 'waiting-for-approval');
      await ground.tell(of(version), rejectUpdate, answerBy('ada', asked, { decision: 'reject', reason: 'no' }));
    },
  ],
  'a roll-back that is aborted': [
    '1.2.0',
    async (ground, version) => {
      await waits(ground, version, 'waiting-for-approval');
      await ground.tell(of(version), abortUpdate, BY);
    },
  ],
};

async function pass(kind: 'living' | 'dying'): Promise<Passed> {
  const ground = await openGround(kind, stagingAsks);
  try {
    const outcomes: Record<string, string> = {};
    for (const [index, [name, talk]] of Object.entries(TALKS).entries()) {
      const version = `1.${index}.0`;
      const release = await ground.start(version, await ground.push(version));
      await talk(ground, version);
      outcomes[name] = ((await release.result()) as ReleaseResult).outcome.kind;
    }
    for (const [name, [to, talk]] of Object.entries(TALKS_BACK)) {
      const back = await goBack(ground, to);
      await talk(ground, to);
      outcomes[name] = (await back.result()).outcome.kind;
    }
    await until(async () => (await underWay(ground)) === 0 || undefined, patient('everything has been told'));
    return {
      outcomes,
      effects: ground.lasting.effects(),
      told: (['promotion', 'release', 'rollback', 'environment'] as const).flatMap((about) =>
        ground.lasting.told(about),
      ),
      boundaries: ground.boundaries(),
      deaths: ground.workers.reduce((sum, worker) => sum + worker.deaths, 0),
      unreadable: await ground.unreadable(),
    };
  } finally {
    await ground.stop();
  }
}

const patient = (what: string) => ({ what, timeoutMs: PATIENCE_MS });
const of = (version: string): string => promotionId('iam', version, HERE);

function statusOf({ client }: Ground, version: string): Promise<PromotionStatus> {
  return client.workflow.getHandle(of(version)).query(statusQuery);
}

function waits(ground: Ground, version: string, phase: PromotionPhase): Promise<PromotionStatus> {
  const reached = async () => {
    const status = await statusOf(ground, version);
    return status.phase === phase ? status : undefined;
  };
  return until(reached, patient(`${version} is ${phase}`));
}

function goBack(
  { client }: Ground,
  to: string,
): Promise<WorkflowHandle<(input: RollbackInput) => Promise<RollbackResult>>> {
  const input: RollbackInput = { service: 'iam', environment: HERE, to, reason: 'errors', requestedBy: 'grace' };
  const workflowId = rollbackId('iam', HERE);
  return client.workflow.start(ROLLBACK, { workflowId, taskQueue: ENGINE_QUEUE, args: [input] });
}

/** Desks live on. */
async function underWay({ client }: Ground): Promise<number> {
  return (await client.workflow.count(`ExecutionStatus = 'Running' AND WorkflowType != 'environment'`)).count;
}

function stagingAsks(rulebook: Rulebook): Rulebook {
  const staging = { ...(rulebook.environments[HERE] as EnvironmentRules), approval: APPROVAL };
  return { ...rulebook, environments: { ...rulebook.environments, [HERE]: staging } };
}

describe('when workers are killed at every word that people say', { skip, timeout: 12 * 60_000 }, () => {
  let undisturbed: Passed;
  let disturbed: Passed;
  before(async () => {
    undisturbed = await pass('living');
    disturbed = await pass('dying');
  });

  it('the undisturbed releases end as people said: the measure is right', () => {
    assert.deepEqual(Object.values(undisturbed.outcomes), [
      ...['released', 'refused', 'released', 'refused', 'aborted', 'aborted', 'rolled-back'],
      ...['released', 'refused', 'aborted'],
    ]);
    assert.equal(undisturbed.deaths, 0);
  });

  it('they die at each message to a release and a promotion, and on both sides of each that is told', () => {
    assert.equal(disturbed.deaths, disturbed.boundaries.length);
    for (const boundary of WORDS)
      assert.ok(disturbed.boundaries.includes(boundary), `${boundary} of ${disturbed.boundaries.join(', ')}`);
  });

  it('the releases end the same', () => assert.deepEqual(disturbed.outcomes, undisturbed.outcomes));

  it('every effect on registries and clusters has happened exactly once', () =>
    assert.deepEqual(disturbed.effects, undisturbed.effects));

  it('everything that was told was told under one id, and nothing was left out', () =>
    assert.deepEqual(disturbed.told, undisturbed.told));

  it('whatever happened can be read again by a worker that has not seen it', () =>
    assert.deepEqual([undisturbed.unreadable, disturbed.unreadable], [[], []]));
});
