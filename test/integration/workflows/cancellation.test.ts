import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heartbeat, sleep } from '@temporalio/activity';
import type { StepAnswer, StepRequest } from '../../../src/contract/activities.ts';
import { YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { aVersion, startRelease } from '../../support/releases.ts';
import { scriptedActivities, TIMING } from '../../support/scripted-activities.ts';

/** Waits for its own cancellation, as every activity does through its heartbeat. */
async function untilCancelled(onRunning: () => void): Promise<StepAnswer> {
  const beating = setInterval(() => heartbeat(), 50);
  try {
    onRunning();
    await sleep('10 minutes');
    return YES;
  } finally {
    clearInterval(beating);
  }
}

describe('cancelling a release, as the Temporal UI can', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');

  for (const [activity, undone] of [
    ['importImage', ['removeImage(staging)']],
    [
      'applyManifests',
      [
        'restoreManifests(staging)',
        'rollOut(staging, previous)',
        'proveRunning(staging, previous)',
        'checkHealth(staging, previous)',
        'removeImage(staging)',
      ],
    ],
  ] as const) {
    it(`during ${activity} stops the step, undoes what was done, and ends as aborted`, async () => {
      const running = Promise.withResolvers<void>();
      const act = (request: StepRequest) =>
        request.plan.environment === 'staging' ? untilCancelled(running.resolve) : Promise.resolve(YES);
      const timing = { ...TIMING, heartbeatMs: 500 };
      const { activities, calls } = scriptedActivities({ [activity]: act }, { path: ['dev', 'staging'], timing });
      const result = await engine.during(activities, async () => {
        const release = await startRelease(engine.env.client, aVersion());
        await running.promise;
        await release.cancel();
        return release.result();
      });
      assert.equal(result.outcome.kind, 'aborted');
      assert.deepEqual(calls.slice(-undone.length), undone);
    });
  }
});
