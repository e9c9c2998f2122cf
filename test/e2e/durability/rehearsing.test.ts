import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';
import {
  REHEARSAL,
  type RehearsalInput,
  rehearsalStart,
  type RehearsalStatus,
} from '../../../src/contract/rehearsal-workflow.ts';
import type { ReleaseResult } from '../../../src/contract/release-workflow.ts';
import { REHEARSED } from './demanded.ts';
import { type Ground, openGround } from './desk-journeys.ts';

const missing = toolPath('temporal') === undefined && !process.env['CI'];
const skip = missing && 'temporal is not installed: npm run setup';

const HERE = 'staging';

interface Rehearsed {
  readonly report: RehearsalStatus;
  readonly rollbacks: number;
  readonly running: string | undefined;
  readonly holds: readonly string[];
  readonly past: readonly string[];
  readonly effects: readonly string[];
  readonly boundaries: readonly string[];
  readonly deaths: number;
  readonly unreadable: readonly string[];
}

async function pass(kind: 'living' | 'dying'): Promise<Rehearsed> {
  const ground = await openGround(kind);
  const { lasting, client } = ground;
  try {
    for (const version of ['1.0.0', '1.1.0']) await release(ground, version);
    const input: RehearsalInput = {
      ...{ service: 'iam', environment: HERE, forReal: true },
      ...{ reason: 'before wave 2', requestedBy: 'grace' },
    };
    const report = await client.workflow.execute(REHEARSAL, { ...rehearsalStart(input), args: [input] });
    const { restraints, past = [], running } = await ground.desk(HERE);
    return {
      report: report as RehearsalStatus,
      rollbacks: (await client.workflow.count(`WorkflowType = 'rollback'`)).count,
      running: running['iam']?.version,
      holds: restraints.map(({ reason }) => reason),
      past: past.map(({ reason, end }) => `${reason}: ${end.how}`).sort(),
      effects: lasting.effects(),
      boundaries: ground.boundaries(),
      deaths: ground.workers.reduce((sum, worker) => sum + worker.deaths, 0),
      unreadable: await ground.unreadable(),
    };
  } finally {
    await ground.stop();
  }
}

async function release(ground: Ground, version: string): Promise<void> {
  const handle = await ground.start(version, await ground.push(version));
  assert.equal(((await handle.result()) as ReleaseResult).outcome.kind, 'released');
}

describe('when workers are killed while the way back is rehearsed', { skip, timeout: 12 * 60_000 }, () => {
  let undisturbed: Rehearsed;
  let disturbed: Rehearsed;
  before(async () => {
    undisturbed = await pass('living');
    disturbed = await pass('dying');
  });

  it('the undisturbed one goes back and forward once each: the measure is right', () => {
    assert.deepEqual([undisturbed.deaths, undisturbed.rollbacks, undisturbed.report.ok], [0, 2, true]);
    assert.deepEqual(undisturbed.past.length, 2);
  });

  it('they die on both sides of each look and of the lift, and with each roll-back that begins', () => {
    assert.equal(disturbed.deaths, disturbed.boundaries.length);
    for (const boundary of REHEARSED)
      assert.ok(disturbed.boundaries.includes(boundary), `${boundary} of ${disturbed.boundaries.join(', ')}`);
  });

  it('the environment runs what it ran, and no hold is left', () => {
    assert.equal(disturbed.report.ok, true, disturbed.report.said);
    assert.deepEqual([disturbed.running, disturbed.holds], ['1.1.0', []]);
    assert.deepEqual([disturbed.rollbacks, disturbed.past], [undisturbed.rollbacks, undisturbed.past]);
  });

  it('every effect on registries and clusters has happened exactly once', () =>
    assert.deepEqual(disturbed.effects, undisturbed.effects));

  it('whatever happened can be read again by a worker that has not seen it', () =>
    assert.deepEqual([undisturbed.unreadable, disturbed.unreadable], [[], []]));
});
