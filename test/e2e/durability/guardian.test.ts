import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { until } from '../../../local/tools/until.ts';
import { liftUpdate } from '../../../src/contract/environment-workflow.ts';
import {
  checkUpdate,
  guardianQuery,
  type GuardianStatus,
  lookSignal,
} from '../../../src/contract/guardian-workflow.ts';
import type { ReleaseResult } from '../../../src/contract/release-workflow.ts';
import { guardianId } from '../../../src/contract/workflow-ids.ts';
import type { Rulebook } from '../../../src/domain/rulebook.ts';
import { swapped } from '../../support/drift.ts';
import { GUARDS } from './demanded.ts';
import { type Ground, openGround, PATIENCE_MS } from './desk-journeys.ts';

const missing = toolPath('temporal') === undefined && !process.env['CI'];
const skip = missing && 'temporal is not installed: npm run setup';

const HERE = 'staging';
const OTHER = `sha256:${'e'.repeat(64)}`;
const GUARDIAN = guardianId(HERE, 'iam');

interface Guarded {
  readonly rollbacks: number;
  /** Of the guardian, in force and over, with how they ended. */
  readonly holds: readonly string[];
  readonly effects: readonly string[];
  readonly told: readonly string[];
  readonly boundaries: readonly string[];
  readonly deaths: number;
  readonly unreadable: readonly string[];
}

async function pass(kind: 'living' | 'dying'): Promise<Guarded> {
  const ground = await openGround(kind, guarded);
  const { lasting, client } = ground;
  const { locks } = lasting.world.zones.staging.ports;
  try {
    await release(ground, '1.0.0');
    const { digest } = await release(ground, '1.1.0');
    const image = { repository: 'iam', tag: '1.0.0' } as const;
    await says(ground, 'guards it', ({ guarded: known }) => known?.version === '1.1.0');

    await swapped(lasting.world, digest, OTHER);
    // as a worker does that watches the cluster
    await client.workflow.getHandle(GUARDIAN).signal(lookSignal);
    await says(ground, 'went back', (one) => one.guarded?.version === '1.0.0' && one.findings.length === 0);
    await ground.say(HERE, liftUpdate, { kind: 'hold', service: 'iam', by: 'otto' });

    await locks.set(image, { deletable: true, writable: true });
    await says(ground, 'holds it', ({ reaction }) => reaction?.kind === 'hold');
    await until(async () => (await ground.desk(HERE)).restraints.length > 0, patient('the hold'));
    await ground.tell(GUARDIAN, checkUpdate, { by: 'otto' });
    await locks.set(image, { deletable: false, writable: false });
    await says(ground, 'is content', ({ findings }) => findings.length === 0);

    await until(async () => (await underWay(ground)) === 0, patient('everything has been told'));
    const { restraints, past = [] } = await ground.desk(HERE);
    return {
      rollbacks: (await client.workflow.count(`WorkflowType = 'rollback'`)).count,
      holds: [...past.map(({ by, end }) => `${by} ${end.how}`), ...restraints.map(({ by }) => by)].sort(),
      effects: lasting.effects(),
      // a wait is told that lasts, and where workers die some last that are over in a moment otherwise
      told: lasting.told('promotion').filter((one) => !one.endsWith(': waiting')),
      boundaries: ground.boundaries(),
      deaths: ground.workers.reduce((sum, worker) => sum + worker.deaths, 0),
      unreadable: await ground.unreadable(),
    };
  } finally {
    await ground.stop();
  }
}

async function release(ground: Ground, version: string) {
  const pushed = await ground.push(version);
  const handle = await ground.start(version, pushed);
  assert.equal(((await handle.result()) as ReleaseResult).outcome.kind, 'released');
  return pushed;
}

function says({ client }: Ground, what: string, isSo: (status: GuardianStatus) => boolean): Promise<true> {
  const asked = async () => isSo(await client.workflow.getHandle(GUARDIAN).query(guardianQuery)) || undefined;
  return until(asked, patient(`the guardian ${what}`));
}

const patient = (what: string) => ({ what, timeoutMs: PATIENCE_MS });

/** Desks and guardians live on. */
async function underWay({ client }: Ground): Promise<number> {
  const others = `WorkflowType != 'environment' AND WorkflowType != 'guardian'`;
  return (await client.workflow.count(`ExecutionStatus = 'Running' AND ${others}`)).count;
}

function guarded(rulebook: Rulebook): Rulebook {
  return { ...rulebook, guardians: { [HERE]: { everyMs: 400, onDrift: 'rollback' } } };
}

describe('when workers are killed while a guardian looks and acts', { skip, timeout: 12 * 60_000 }, () => {
  let undisturbed: Guarded;
  let disturbed: Guarded;
  before(async () => {
    undisturbed = await pass('living');
    disturbed = await pass('dying');
  });

  it('the undisturbed one goes back once and holds twice: the measure is right', () => {
    assert.deepEqual([undisturbed.deaths, undisturbed.rollbacks], [0, 1]);
    assert.deepEqual(undisturbed.holds, ['guardian', 'guardian lifted']);
  });

  it('they die on both sides of each look, of what it says, and of what it does', () => {
    assert.equal(disturbed.deaths, disturbed.boundaries.length);
    for (const boundary of GUARDS)
      assert.ok(disturbed.boundaries.includes(boundary), `${boundary} of ${disturbed.boundaries.join(', ')}`);
  });

  it('nothing is gone back from twice, and nothing held twice', () => {
    assert.deepEqual([disturbed.rollbacks, disturbed.holds], [undisturbed.rollbacks, undisturbed.holds]);
  });

  it('every effect on registries and clusters has happened exactly once', () =>
    assert.deepEqual(disturbed.effects, undisturbed.effects));

  it('what was found was told under one id, and so was its end', () =>
    assert.deepEqual(disturbed.told, undisturbed.told));

  it('whatever happened can be read again by a worker that has not seen it', () =>
    assert.deepEqual([undisturbed.unreadable, disturbed.unreadable], [[], []]));
});
