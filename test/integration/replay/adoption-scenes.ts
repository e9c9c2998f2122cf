/** A service that runs already is looked at in one environment, adopted in a second, and refused under another name. */
import {
  ADOPTION,
  type AdoptionInput,
  type AdoptionReport,
  adoptionStart,
} from '../../../src/contract/adoption-workflow.ts';
import { environmentId } from '../../../src/contract/workflow-ids.ts';
import { ENVIRONMENT_WORKFLOW } from '../../../src/contract/environment-workflow.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import { no } from '../../support/answers.ts';
import { IMAGE, type Script } from '../../support/scripted-activities.ts';
import type { Scene, Stage } from './scene.ts';

const AT = '2026-12-01T12:00:00.000Z';
const FOUND = `sha256:${'f'.repeat(64)}`;
const REASON = 'moves over';
const WORD = {
  found: FOUND,
  statement: { decision: 'approve', approver: 'ada', planDigest: FOUND, reason: REASON },
} as const;

function reportOf({ service, environment }: Pick<AdoptionInput, 'service' | 'environment'>): AdoptionReport {
  const points = [{ part: 'image', blocks: false, message: 'deployment/iam names its image by a tag' }] as const;
  return { service, environment, version: '0.9.0', image: IMAGE, workloads: [], points };
}

const looked: AdoptionInput = { service: 'iam', environment: 'dev', requestedBy: 'ada' };
const adopted: AdoptionInput = { ...looked, environment: 'staging', version: '0.9.0', word: WORD };
const refused: AdoptionInput = { ...adopted, service: 'mail' };

function aZone(): Script {
  return {
    lookToAdopt: async (request) => reportOf(request),
    adopt: async (request) =>
      request.service === refused.service
        ? { ...no('adoption-changed'), report: reportOf(request) }
        : {
            ...{ ok: true, how: 'adopted', report: reportOf(request) },
            adopted: { by: 'ada', at: AT, reason: REASON, found: FOUND, images: {} },
          },
  };
}

async function play({ client, release }: Stage): Promise<void> {
  await release.result();
  const { environment } = adopted;
  const desk = { workflowId: environmentId(environment), taskQueue: ENGINE_QUEUE, args: [{ environment }] };
  await client.workflow.start(ENVIRONMENT_WORKFLOW, { ...desk, workflowIdConflictPolicy: 'USE_EXISTING' });
  for (const input of [looked, adopted, refused])
    await client.workflow.execute(ADOPTION, { ...adoptionStart(input), args: [input] });
}

export const ADOPTION_SCENES: readonly Scene[] = [
  {
    name: 'adopted',
    outcome: 'released',
    script: aZone,
    play,
    also: Object.entries({ looked, adopted, refused }).map(([name, input]) => ({
      name: `adoption-${name}`,
      workflowId: adoptionStart(input).workflowId,
    })),
  },
];
