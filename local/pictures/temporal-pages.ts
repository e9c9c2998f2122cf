/** Two runs, a release that waits for a person and one that was rolled back: in Temporal's own screen, on the tab that shows current details, and in ours. */
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { promotionId, releaseId } from '../../src/contract/workflow-ids.ts';
import { statusQuery } from '../../src/contract/promotion-workflow.ts';
import type { Stack } from '../stack/start-stack.ts';
import { until } from '../tools/until.ts';
import type { Camera } from './chromium.ts';
import { endedShots, photographWeb, waitingShots } from './web-pages.ts';

const SIZE = { width: 1720, height: 1240 };
/** Temporal's UI renders Markdown in a frame of its own. */
const DETAILS_SHOWN =
  "document.body.innerText.includes('Current Details') && document.querySelector('iframe') !== null";
const TRAVEL_MS = 180_000;
const APPROVERS = ['grace', 'linus'];

export async function photographRuns(stack: Stack, camera: Camera, folder: string): Promise<readonly string[]> {
  const connection = await Connection.connect({ address: stack.temporal.address });
  try {
    const client = new Client({ connection, namespace: stack.temporal.namespace });
    const waiting = await aWaitingRelease(stack, client);
    const waitingFile = join(folder, 'waiting.png');
    await camera.photograph({
      url: await pageOf(stack, client, waiting),
      file: waitingFile,
      complete: DETAILS_SHOWN,
      ...SIZE,
    });

    const [, service = '', version = ''] = waiting.split('/');
    const web = await photographWeb(stack, camera, folder, waitingShots(service, version));

    await approve(stack, client, waiting);
    const back = await aRolledBackRelease(stack, client);
    const backFile = join(folder, 'rolled-back.png');
    await camera.photograph({
      url: await pageOf(stack, client, back),
      file: backFile,
      complete: DETAILS_SHOWN,
      ...SIZE,
    });
    const [, ill = '', second = ''] = back.split('/');
    const ended = await photographWeb(stack, camera, folder, endedShots(ill, second));
    return [waitingFile, backFile, ...web, ...ended];
  } finally {
    await connection.close();
  }
}

/** Version 1 has passed dev and staging; resolves to the id of the promotion that asks. */
async function aWaitingRelease(stack: Stack, client: Client): Promise<string> {
  const { version } = await stack.push('v1');
  await succeed(stack, ['start', 'iam', version], 'build-pipeline');
  const id = promotionId('iam', version, 'production');
  await until(async () => (await client.workflow.getHandle(id).query(statusQuery)).phase === 'waiting-for-approval', {
    what: `${id} waits for approval`,
    timeoutMs: TRAVEL_MS,
  });
  return id;
}

async function approve(stack: Stack, client: Client, promotion: string): Promise<void> {
  const [, service = '', version = ''] = promotion.split('/');
  for (const name of APPROVERS)
    await succeed(stack, ['approve', service, version, '--reason', 'seen in staging'], name);
  await client.workflow.getHandle(releaseId(service, version)).result();
}

/** Version 2 is ill in staging; resolves to the id of the promotion that put version 1 back. */
async function aRolledBackRelease(stack: Stack, client: Client): Promise<string> {
  const { version } = await stack.push('v2');
  await succeed(stack, ['start', 'iam', version], 'build-pipeline');
  await client.workflow.getHandle(releaseId('iam', version)).result();
  return promotionId('iam', version, 'staging');
}

async function succeed(stack: Stack, args: readonly string[], user: string): Promise<void> {
  const { code, stderr } = await stack.sluice(args, { host: APPROVERS.includes(user) ? 'person' : 'pipeline', user });
  if (code !== 0) throw new Error(`sluice ${args.join(' ')} ended with ${code}: ${stderr}`);
}

async function pageOf({ temporal }: Stack, client: Client, workflowId: string): Promise<string> {
  const { runId } = await client.workflow.getHandle(workflowId).describe();
  return `${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}/user-metadata`;
}
