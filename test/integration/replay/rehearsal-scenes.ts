/** The way back is looked at, rehearsed for real, and rehearsed for real where it fails and is undone. */
import { REHEARSAL, type RehearsalInput, rehearsalStart } from '../../../src/contract/rehearsal-workflow.ts';
import { rollbackId } from '../../../src/contract/workflow-ids.ts';
import { no, YES } from '../../support/answers.ts';
import { IMAGE, MANIFESTS, type Script } from '../../support/scripted-activities.ts';
import type { Scene, Stage } from './scene.ts';

const NEW = 'rehearsed';
const OLD = '0.9.0';
const looked: RehearsalInput = {
  service: 'iam',
  environment: 'staging',
  forReal: false,
  reason: 'before wave 2',
  requestedBy: 'grace',
};
const real: RehearsalInput = { ...looked, forReal: true };
const undone: RehearsalInput = { ...real, environment: 'dev' };

function aZone(): Script {
  return {
    findKnownGood: async ({ to = OLD }) => ({
      ok: true,
      known: { version: to, image: IMAGE, manifests: MANIFESTS, since: '2026-11-01T00:00:00Z' },
      current: to === OLD ? NEW : OLD,
    }),
    rollOut: async ({ plan, to }) =>
      plan.environment === undone.environment && plan.version === OLD && to === 'new' ? no('roll-out-timeout') : YES,
  };
}

async function play({ client, release }: Stage): Promise<void> {
  await release.result();
  for (const input of [looked, real, undone])
    await client.workflow.execute(REHEARSAL, { ...rehearsalStart(input), args: [input] });
}

export const REHEARSAL_SCENES: readonly Scene[] = [
  {
    name: NEW,
    outcome: 'released',
    options: { turns: 'queue' },
    script: aZone,
    play,
    also: [
      ...Object.entries({ looked, real, undone }).map(([name, input]) => ({
        name: `rehearsal-${name}`,
        workflowId: rehearsalStart(input).workflowId,
      })),
      { name: 'rollback-staging', workflowId: rollbackId('iam', 'staging') },
      { name: 'rollback-dev', workflowId: rollbackId('iam', 'dev') },
    ],
  },
];
