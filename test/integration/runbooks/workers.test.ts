/** Runbooks about the workers: real ones are killed and replaced; what is typed into the cluster is typed before pods like theirs. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { openBook } from './support/book.ts';
import { type OnCall, startOnCall } from './support/on-call.ts';
import { type WorkerPods, workerPods } from './support/worker-pods.ts';

const missing = (['temporal', 'control-plane'] as const).filter((tool) => toolPath(tool) === undefined);
const skip = missing.length > 0 && !process.env['CI'] && `${missing.join(', ')} not installed: npm run setup`;

describe('whoever is on call for the workers', { skip, timeout: 900_000 }, () => {
  let world: OnCall;
  let pods: WorkerPods;
  before(async () => {
    world = await startOnCall({ cluster: 'real' });
    world.configure((document) => {
      document['environments'].staging.guardian = { every: '1d', onDrift: 'alert' };
    });
    await world.restartWorkers();
    pods = await workerPods(world);
    await pods.write('1');
    await pods.apply();
  });
  after(() => world?.stop());

  test('upgrades the engine while a release waits, and it goes on', async () => {
    await world.start('2026.11.3');
    await world.untilWaits('2026.11.3', 'approval');
    const book = openBook('engine-upgrade');
    const me = world.shell();
    await book.next('sluice list --running', me);
    await book.next('temporal workflow show', me);
    await pods.write('2');
    await book.next('kubectl apply', pods.shell);
    const before = Object.values(world.stack.workers).map(({ pid }) => pid);
    await world.restartWorkers();
    const now = Object.values(world.stack.workers).map(({ pid }) => pid);
    assert.ok(now.every((pid) => !before.includes(pid)));
    await book.next('sluice doctor', me);
    await book.next('sluice watch', me);
    await world.approve('2026.11.3');
    await world.untilEnded('2026.11.3');
    book.end();
  });

  test('finds the queue that nobody serves, and brings its worker back', async () => {
    const book = openBook('worker-down');
    const me = world.shell();
    // what it has in production is not even planned there
    await world.stack.workers.production.kill();
    await world.start('standing-1');
    await book.next('sluice doctor', me, { version: 'standing-1' });
    await book.next('sluice status', me, { version: 'standing-1' });
    await book.next('temporal task-queue describe', me);
    await book.next('kubectl --namespace sluice-production get pods', pods.shell);
    await book.next('kubectl --namespace sluice-production describe pods', pods.shell);
    await book.next('kubectl --namespace sluice-production rollout restart', pods.shell);
    await world.stack.workers.production.start();
    await book.next('sluice doctor', me);
    await world.untilWaits('standing-1', 'approval');
    book.end();
  });

  test('mends what an undo failed at, and it is undone', async () => {
    const at = { version: 'ill-1', environment: 'staging', namespace: 'iam-staging' };
    world.ill.add('staging');
    await world.start('ill-1', { example: 'v2', until: 'staging' });
    const book = openBook('failed-undo');
    const me = world.shell();
    await book.next('sluice status', me, at);
    const nonproduction = {
      ...me,
      env: { ...me.env, KUBECONFIG: world.stack.clusters.adminKubeconfigs['staging'] ?? '' },
    };
    await book.next('kubectl --namespace iam get', nonproduction, at);
    world.ill.clear();
    await book.next('sluice retry', me, at);
    await book.next('sluice status', me, at);
    book.end();
  });
});
