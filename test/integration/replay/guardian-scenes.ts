/** A guardian that is told what is right, called, asked, and finds one thing after the other. */
import { lookAgain } from '../../../activities/failures.ts';
import {
  checkUpdate,
  GUARDIAN,
  type Guarded,
  guardianQuery,
  guardianStart,
  type GuardianStatus,
  guardSignal,
  lookSignal,
} from '../../../src/contract/guardian-workflow.ts';
import { guardianId } from '../../../src/contract/workflow-ids.ts';
import { type Finding, findingsKey } from '../../../src/domain/finding.ts';
import type { OnDrift } from '../../../src/domain/rulebook.ts';
import { until } from '../../../local/tools/until.ts';
import { IMAGE, type Script } from '../../support/scripted-activities.ts';
import { no } from '../../support/answers.ts';
import type { Scene, Stage } from './scene.ts';

const OURS = { service: 'iam', environment: 'staging' } as const;
const AT = '2026-11-30T12:00:00.000Z';
const GUARDED: Guarded = {
  ...{ version: '1.0.0', digest: IMAGE.digest, since: AT },
  ...{ workflowId: 'promotion/iam/1.0.0/staging', requestedBy: 'pipeline' },
};
const UNLOCKED: Finding = {
  ...{ about: 'locks', what: 'tag 1.0.0', code: 'image-unlocked', since: AT },
  message: 'tag 1.0.0 is not locked any more',
};
const SWAPPED: Finding = {
  ...{ about: 'running', what: 'deployment/iam', code: 'running-digest-mismatch', since: AT },
  message: 'deployment/iam runs something else than was promoted',
};

interface Sight {
  readonly findings: readonly Finding[];
  readonly wanted: OnDrift;
  /** A promotion is under way. */
  readonly isAway?: true;
}

let sight: Sight;

/** As a zone looks: what is new is an answer, and so is whatever somebody asks for; there is nothing to go back to. */
function aZone(): Script {
  sight = { findings: [], wanted: 'alert' };
  return {
    findKnownGood: async () => no('rollback-impossible'),
    lookAfter: async ({ known, answer, guarded = GUARDED }) => {
      const { findings, wanted, isAway } = sight;
      const at = new Date().toISOString();
      if (isAway === true && answer === true) return { kind: 'away', at, said: 'a promotion is under way' };
      const isNew = findingsKey(known) !== findingsKey(findings);
      if (isAway === true || (!isNew && answer !== true))
        throw lookAgain({ lookedAt: at, said: 'nothing has changed' }, 100);
      return { kind: 'seen', at, guarded, repository: 'iam', findings, confirmed: !isNew || answer !== true, wanted };
    },
  };
}

async function play(stage: Stage): Promise<void> {
  await stage.release.result();
  const { client } = stage;
  const { workflowId, ...start } = guardianStart(OURS);
  const guardian = client.workflow.getHandle(workflowId);
  const says = (what: string, isSo: (status: GuardianStatus) => boolean): Promise<true> =>
    until(async () => isSo(await guardian.query(guardianQuery)) || undefined, { what, timeoutMs: 60_000 });
  await client.workflow.start(GUARDIAN, { workflowId, ...start, args: [{ ...OURS, runLength: 150 }] });
  await guardian.signal(guardSignal, GUARDED);
  await guardian.executeUpdate(checkUpdate, { args: [{ by: 'ada' }] });

  sight = { findings: [UNLOCKED], wanted: 'hold' };
  await guardian.signal(lookSignal);
  await says('holds', ({ reaction }) => reaction?.kind === 'hold');
  sight = { findings: [], wanted: 'alert' };
  await says('is content', ({ findings }) => findings.length === 0);

  sight = { ...sight, isAway: true };
  await guardian.executeUpdate(checkUpdate, { args: [{ by: 'ada' }] });
  sight = { findings: [SWAPPED], wanted: 'rollback' };
  await guardian.signal(guardSignal, { ...GUARDED, version: '1.1.0' });
  await says('could not go back', ({ reaction }) => reaction?.kind === 'hold');
  sight = { findings: [], wanted: 'alert' };
  await says('is content again', ({ findings }) => findings.length === 0);

  const { runId } = await guardian.describe();
  await until(
    async () => {
      await guardian.executeUpdate(checkUpdate, { args: [{ by: 'ada' }] });
      return (await guardian.describe()).runId !== runId;
    },
    { what: 'a new run', timeoutMs: 60_000 },
  );
}

export const GUARDIAN_SCENES: readonly Scene[] = [
  {
    name: 'guarded',
    outcome: 'released',
    script: aZone,
    play,
    also: [{ name: 'guardian', workflowId: guardianId(OURS.environment, OURS.service) }],
  },
];
