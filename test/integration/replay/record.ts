/**
 * Records the histories that `replay.test.ts` replays: `npm run histories -- VERSION`, once for each released version of the engine, on
 * a real Temporal server. Recorded histories are never edited: when one fails to replay, the workflow code needs `patched()`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';
import { releaseId } from '../../../src/contract/workflow-ids.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import { promotionOf, startRelease } from '../../support/releases.ts';
import { scriptedActivities } from '../../support/scripted-activities.ts';
import { SCENES, type Scene } from './scenes.ts';

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
  await during(activities, async () => {
    const release = await startRelease(client, scene.name);
    await scene.play?.({ client, version: scene.name, release, promotion: promotionOf(client, scene.name, 'staging') });
    const { outcome } = await release.result();
    if (outcome.kind !== scene.outcome)
      throw new Error(`${scene.name} ended ${outcome.kind} (${outcome.reason}), expected ${scene.outcome}`);
    await save(client.workflow.getHandle(releaseId('iam', scene.name)), `${scene.name}.release`);
    await saveIfThere(promotionOf(client, scene.name, 'staging'), `${scene.name}.staging`);
  });
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
