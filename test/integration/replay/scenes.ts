/** One scene for each way in which a release can go. */
import {
  abortUpdate,
  approveSignal,
  approveUpdate,
  pauseUpdate,
  rejectUpdate,
  resumeUpdate,
  retryUpdate,
  rollBackUpdate,
} from '../../../src/contract/promotion-workflow.ts';
import { abortReleaseUpdate, pauseReleaseUpdate, resumeReleaseUpdate } from '../../../src/contract/release-workflow.ts';
import type { GatesAnswer, StepRequest } from '../../../src/contract/activities.ts';
import { failure, no, YES } from '../../support/answers.ts';
import { answerBy, until } from '../../support/releases.ts';
import { APPROVAL, type Script, type ScriptOptions, TIMING } from '../../support/scripted-activities.ts';
import { ADOPTION_SCENES } from './adoption-scenes.ts';
import { REHEARSAL_SCENES } from './rehearsal-scenes.ts';
import { GUARDIAN_SCENES } from './guardian-scenes.ts';
import { PEOPLE_SCENES } from './people-scenes.ts';
import type { Scene, Stage } from './scene.ts';
import { TURN_SCENES } from './turn-scenes.ts';

const BY = { by: 'otto', reason: 'because' };
const ASKS: ScriptOptions = { approvals: { staging: APPROVAL } };
const HASTY: ScriptOptions = { timing: { ...TIMING, attentionForMs: 500, pauseForMs: 500 } };

const GATED: ScriptOptions = { gates: ['staging'] };
const OFFICE = { gate: 'office', kind: 'hours', reason: 'it is night' } as const;
const OPEN: GatesAnswer = { ok: true, answer: 'yes', verdicts: [{ ...OFFICE, answer: 'yes' }] };
const closedFor = (ms: number): GatesAnswer => ({
  ok: true,
  answer: 'wait',
  verdicts: [{ ...OFFICE, answer: 'wait' }],
  until: new Date(Date.now() + ms).toISOString(),
});

const inStaging = (answer: () => typeof YES | ReturnType<typeof no>) => async (request: StepRequest) =>
  request.plan.environment === 'staging' ? answer() : YES;
const sick = async (request: StepRequest & { to: string }) =>
  request.plan.environment === 'staging' && request.to === 'new' ? no('health-failed') : YES;
const asked = ({ client, version }: Stage) =>
  until(client, version, 'staging', (status) => status.approval?.open === true);
const parked = ({ client, version }: Stage, phase: string) =>
  until(client, version, 'staging', (status) => status.phase === phase);

/** Fails until it was asked twice. */
function repairedLater(): Script {
  let tries = 0;
  return {
    copySignatures: inStaging(() => {
      tries += 1;
      if (tries === 1) throw failure('registry-forbidden');
      return YES;
    }),
  };
}

export const SCENES: readonly Scene[] = [
  { name: 'released', outcome: 'released' },
  { name: 'unsigned', outcome: 'refused', script: () => ({ verifySignatures: async () => no('signature-missing') }) },
  { name: 'unknown-service', outcome: 'refused', script: () => ({ readJourney: async () => no('service-unknown') }) },
  {
    name: 'quarantined',
    outcome: 'refused',
    script: () => ({ verifySignatures: async ({ at }) => (at === 'destination' ? no('signature-untrusted') : YES) }),
  },
  { name: 'rolled-back', outcome: 'rolled-back', script: () => ({ checkHealth: sick }) },
  {
    name: 'approved-by-update',
    outcome: 'released',
    options: ASKS,
    play: async (stage) => {
      await stage.promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', await asked(stage))] });
    },
  },
  {
    name: 'approved-by-signal',
    outcome: 'released',
    options: ASKS,
    play: async (stage) => stage.promotion.signal(approveSignal, answerBy('ada', await asked(stage))),
  },
  {
    name: 'rejected',
    outcome: 'refused',
    options: ASKS,
    play: async (stage) => {
      const statement = answerBy('ada', await asked(stage), { decision: 'reject', reason: 'quarter end' });
      await stage.promotion.executeUpdate(rejectUpdate, { args: [statement] });
    },
  },
  {
    name: 'approval-expired',
    outcome: 'refused',
    options: { approvals: { staging: { ...APPROVAL, deadlineMs: 500 } } },
  },
  {
    name: 'refused-signal-then-approved',
    outcome: 'released',
    options: ASKS,
    play: async (stage) => {
      const question = await asked(stage);
      await stage.promotion.signal(approveSignal, answerBy('ada', question, { planDigest: 'other' }));
      await stage.promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', question)] });
    },
  },
  {
    name: 'aborted-while-asking',
    outcome: 'aborted',
    options: ASKS,
    play: async (stage) => {
      await asked(stage);
      await stage.release.executeUpdate(abortReleaseUpdate, { args: [BY] });
    },
  },
  {
    name: 'paused-and-resumed',
    outcome: 'released',
    options: ASKS,
    play: async (stage) => {
      const question = await asked(stage);
      await stage.release.executeUpdate(pauseReleaseUpdate, { args: [BY] });
      await stage.promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', question)] });
      await parked(stage, 'paused');
      await stage.release.executeUpdate(resumeReleaseUpdate, { args: [BY] });
    },
  },
  {
    name: 'pause-expired',
    outcome: 'released',
    options: { ...ASKS, ...HASTY },
    play: async (stage) => {
      const question = await asked(stage);
      await stage.promotion.executeUpdate(pauseUpdate, { args: [BY] });
      await stage.promotion.executeUpdate(resumeUpdate, { args: [BY] });
      await stage.promotion.executeUpdate(pauseUpdate, { args: [BY] });
      await stage.promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', question)] });
    },
  },
  {
    name: 'needed-attention-retried',
    outcome: 'released',
    script: repairedLater,
    play: async (stage) => {
      await parked(stage, 'needs-attention');
      await stage.promotion.executeUpdate(retryUpdate, { args: [BY] });
    },
  },
  {
    name: 'needed-attention-rolled-back',
    outcome: 'rolled-back',
    script: () => ({ checkPullable: inStaging(() => no('image-not-pullable')) }),
    play: async (stage) => {
      await parked(stage, 'needs-attention');
      await stage.promotion.executeUpdate(rollBackUpdate, { args: [BY] });
    },
  },
  {
    name: 'needed-attention-nobody-came',
    outcome: 'rolled-back',
    options: HASTY,
    script: () => ({ checkPullable: inStaging(() => no('image-not-pullable')) }),
  },
  {
    name: 'undo-stuck-given-up',
    outcome: 'rolled-back',
    script: () => ({ checkHealth: sick, restoreManifests: async () => no('cluster-forbidden') }),
    play: async (stage) => {
      await parked(stage, 'undo-stuck');
      await stage.promotion.executeUpdate(retryUpdate, { args: [BY] });
      await until(stage.client, stage.version, 'staging', (status) => status.phase === 'undo-stuck');
      await stage.promotion.executeUpdate(abortUpdate, { args: [BY] });
    },
  },
  {
    name: 'cancelled-while-asking',
    outcome: 'aborted',
    options: ASKS,
    play: async (stage) => {
      await asked(stage);
      await stage.release.cancel();
    },
  },
  {
    name: 'gate-waited-for',
    outcome: 'released',
    options: GATED,
    script: () => {
      let asked = 0;
      return { checkGates: async () => ((asked += 1) === 1 ? closedFor(200) : OPEN) };
    },
  },
  {
    name: 'gate-refused',
    outcome: 'refused',
    options: GATED,
    script: () => ({ checkGates: async () => no('gate-closed') }),
  },
  {
    name: 'gate-closed-at-the-door',
    outcome: 'released',
    options: { ...GATED, ...ASKS },
    script: () => {
      let asked = 0;
      return {
        admit: async ({ plan, planDigest, baseline }) => {
          asked += plan.environment === 'staging' ? 1 : 0;
          return { ok: true, plan, planDigest, baseline, ...(asked === 1 ? { closed: true as const } : {}) };
        },
      };
    },
    play: async (stage) => {
      const question = await asked(stage);
      await stage.promotion.executeUpdate(approveUpdate, { args: [answerBy('ada', question)] });
    },
  },
  ...TURN_SCENES,
  ...PEOPLE_SCENES,
  ...GUARDIAN_SCENES,
  ...ADOPTION_SCENES,
  ...REHEARSAL_SCENES,
];
