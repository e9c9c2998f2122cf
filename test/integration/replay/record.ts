/**
 * Records the histories that `replay.test.ts` replays: `npm run histories -- VERSION`, once for each released version of the engine, on
 * a real Temporal server. Recorded histories are never edited: when one fails to replay, the workflow code needs `patched()`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { environmentId, guardianId, releaseId } from '../../../src/contract/workflow-ids.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import { promotionOf, startRelease } from '../../support/releases.ts';
import { scriptedActivities } from '../../support/scripted-activities.ts';
import type { Scene } from './scene.ts';
import { SCENES } from './scenes.ts';

const [version] = process.argv.slice(2);
if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
  console.error('usage: npm run histories -- VERSION   (the version of the engine, e.g. 0.1.0)');
  process.exit(2);
}
const folder = new URL(`./histories/${version}/`, import.meta.url);
await mkdir(folder, { recursive: true });
const engine = await startEngine('real');
try {
  for (const scene of SCENES) await record(engine, scene);
} finally {
  await engine.stop();
}

async function record({ env, during }: Engine, scene: Scene): Promise<void> {
  const { client } = env;
  const { activities } = scriptedActivities(scene.script?.(), { path: ['dev', 'staging'], ...scene.options });
  const { name, version = name } = scene;
  await during(activities, async () => {
    const promotion = promotionOf(client, version, 'staging');
    const before = { client, version, release: client.workflow.getHandle(releaseId('iam', version)), promotion };
    await scene.before?.(before);
    const release = await startRelease(client, version);
    await scene.play?.({ ...before, release });
    const { outcome } = await release.result();
    if (outcome.kind !== scene.outcome)
      throw new Error(`${name} ended ${outcome.kind} (${outcome.reason}), expected ${scene.outcome}`);
    await save(client.workflow.getHandle(releaseId('iam', version)), `${name}.release`);
    await saveIfThere(promotion, `${name}.staging`);
    for (const { name: what, workflowId } of scene.also ?? []) await saveRuns(client, workflowId, `${name}.${what}`);
    await saveNotices(client, promotion, name);
  });
  // every scene finds desks that remember nothing, and nobody who looks
  for (const workflowId of ['dev', 'staging'].flatMap((one) => [environmentId(one), guardianId(one, 'iam')]))
    await client.workflow
      .getHandle(workflowId)
      .terminate()
      .catch(() => undefined);
}

/** A workflow that lives on leaves several histories, the newest one unfinished. */
async function saveRuns(client: Client, workflowId: string, name: string): Promise<void> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  let runId = raw.workflowExecutionInfo?.firstRunId ?? undefined;
  for (let number = 1; number === 1 || runId !== undefined; number += 1) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const { events } = await handle.fetchHistory();
    // a run that has not begun to work has nothing to replay
    if ((events ?? []).some((one) => one.workflowTaskCompletedEventAttributes != null))
      await save(handle, number === 1 ? name : `${name}-${number}`);
    const last = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes;
    runId = last?.newExecutionRunId ?? undefined;
  }
}

/** Each event is a workflow of its own; the first one tells what the others look like. */
async function saveNotices(client: Client, promotion: WorkflowHandle, name: string): Promise<void> {
  const { events } = await promotion.fetchHistory().catch(() => ({ events: [] }));
  const ids = (events ?? []).flatMap(
    (one) => one.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId ?? [],
  );
  const notice = ids.find((id) => id.startsWith('notification/'));
  if (notice === undefined) return;
  await client.workflow.getHandle(notice).result();
  await save(client.workflow.getHandle(notice), `${name}.notification`);
}

async function saveIfThere(handle: WorkflowHandle, name: string): Promise<void> {
  const exists = await handle.describe().then(
    () => true,
    () => false,
  );
  if (exists) await save(handle, name);
}

async function save(handle: WorkflowHandle, name: string): Promise<void> {
  const history = JSON.parse(historyToJSON(await handle.fetchHistory())) as unknown;
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(history, neutral)}\n`);
  console.log(`recorded ${name}`);
}

/** Where it was recorded is nobody's business: replay reads neither stack traces nor who polled. */
function neutral(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  return key === 'identity' ? 'recorder' : value;
}
