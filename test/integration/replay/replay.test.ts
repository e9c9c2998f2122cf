import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { OUTCOMES } from '../../../src/domain/outcome.ts';
import { WORKFLOWS } from '../../support/engine.ts';
import { SCENES } from './scenes.ts';

const FOLDER = new URL('./histories/', import.meta.url);
const VERSIONS = readdirSync(FOLDER);

const FILES = VERSIONS.flatMap((version) =>
  readdirSync(new URL(`${version}/`, FOLDER)).map((file) => `${version}/${file}`),
);

describe('histories of every released version', () => {
  let bundle: WorkflowBundleWithSourceMap;
  const errors = new Map<string, Error | undefined>();
  before(async () => {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
    });
    bundle = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('ERROR') });
    const histories = FILES.map((file) => ({ workflowId: file, history: read(file) as never }));
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: bundle }, histories)) {
      errors.set(workflowId, error);
    }
  });

  for (const file of FILES) {
    it(`replay with today's workflows: ${file.replace('.json', '')}`, () => {
      assert.ok(errors.has(file), 'it was replayed');
      assert.equal(errors.get(file), undefined);
    });
  }

  // a worker with telemetry and one without take turns at the same release
  it('replay as well where telemetry observes the workflows', async () => {
    const workflowModules = [fileURLToPath(new URL('../../../workflows/observing/interceptors.ts', import.meta.url))];
    const observed = await bundleWorkflowCode({
      workflowsPath: WORKFLOWS,
      workflowInterceptorModules: workflowModules,
      logger: new DefaultLogger('ERROR'),
    });
    assert.notEqual(observed.code.length, bundle.code.length, 'the interceptors are in the bundle');
    const options = { workflowBundle: observed, interceptors: { workflowModules } };
    const histories = FILES.map((file) => ({ workflowId: file, history: read(file) as never }));
    const failed: string[] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories(options, histories))
      if (error !== undefined) failed.push(`${workflowId}: ${error.message}`);
    assert.deepEqual(failed, []);
  });

  it('do not replay when they tell of another order of steps: the test can fail', async () => {
    const swapped = JSON.stringify(read(`${VERSIONS[0]}/released.staging.json`)).replaceAll(
      '"importImage"',
      '"unlockImage"',
    );
    await assert.rejects(
      Worker.runReplayHistory({ workflowBundle: bundle }, JSON.parse(swapped) as never),
      /Nondeterminism|TMPRL1100/i,
    );
  });

  it('exist for every scene of the newest version, and for every outcome that a release can have today', () => {
    const files = readdirSync(new URL(`${VERSIONS.at(-1)}/`, FOLDER));
    for (const scene of SCENES) assert.ok(files.includes(`${scene.name}.release.json`), scene.name);
    for (const { name, also = [] } of SCENES)
      for (const one of also) assert.ok(files.includes(`${name}.${one.name}.json`), `${name}.${one.name}`);
    assert.ok(files.includes('held-and-lifted.environment-2.json'), 'a desk that has begun a new run');
    const missing = OUTCOMES.filter((kind) => !SCENES.some((scene) => scene.outcome === kind));
    assert.deepEqual(missing, []);
  });

  it('can be written as JSON: one protobufjs for all packages', () => {
    assert.equal(typeof historyToJSON({ events: [] } as never), 'string');
  });
});

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
}
