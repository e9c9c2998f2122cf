import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { after, before, describe, test } from 'node:test';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { type ReleaseClient, type ReleaseEngineError, connect, inspectEngine } from '../../../src/client/index.ts';
import { ENVIRONMENT_WORKFLOW } from '../../../src/contract/environment-workflow.ts';
import { PROMOTION } from '../../../src/contract/promotion-workflow.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import { environmentId, promotionId } from '../../../src/contract/workflow-ids.ts';
import { ENVIRONMENT, SEARCH_ATTRIBUTES, SERVICE, VERSION } from '../../../src/contract/search-attributes.ts';
import { IMAGE, MANIFESTS } from '../../support/scripted-activities.ts';
import { NEEDS_TEMPORAL } from './engine.ts';

async function refusal(call: Promise<unknown>): Promise<ReleaseEngineError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown as ReleaseEngineError,
  );
  assert.ok(error !== undefined, 'expected a refusal');
  return error;
}

describe('when nobody listens at the address', () => {
  test('it is said which address, and what to do', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const address = `127.0.0.1:${port}`;
    const error = await refusal(connect({ address, namespace: 'default', user: 'anna' }));
    assert.equal(error.code, 'temporal-unreachable');
    assert.match(error.message, new RegExp(address.replaceAll('.', '\\.')));
    assert.match(error.remedy ?? '', /TEMPORAL_ADDRESS/);
  });
});

describe('when the engine runs and no worker does', NEEDS_TEMPORAL, () => {
  let env: TestWorkflowEnvironment;
  let client: ReleaseClient;
  const key = { service: 'iam', version: '1.0.0' };
  const where = (): { address: string; namespace: string; user: string; callTimeoutMs: number } => ({
    address: env.address,
    namespace: env.namespace ?? 'default',
    user: 'anna',
    callTimeoutMs: 1_500,
  });

  before(async () => {
    const path = toolPath('temporal') ?? '';
    const searchAttributes = SEARCH_ATTRIBUTES.slice(0, -1);
    const server = { executable: { type: 'existing-path' as const, path }, ip: '127.0.0.1', searchAttributes };
    env = await TestWorkflowEnvironment.createLocal({ server });
    client = await connect(where());
  });
  after(async () => {
    await client.close();
    await env.teardown();
  });

  test('a release can be started and waits; asking it says that a worker is missing and how to start one', async () => {
    // by tag: the digest's search attribute is the one that this server lacks
    await client.startRelease({ ...key, image: `${IMAGE.repository}:1.0.0`, manifests: MANIFESTS });
    for (const call of [() => client.status(key), () => client.pause(key), () => client.approve(key)]) {
      const error = await refusal(call());
      assert.equal(error.code, 'worker-missing');
      assert.match(error.remedy ?? '', /sluice worker --engine/);
    }
    assert.deepEqual(
      (await client.list({ running: true })).map((one) => one.version),
      ['1.0.0'],
    );
  });

  test('what restrains an environment is not known, which keeps nobody from reading the board', async () => {
    assert.deepEqual((await client.desks('staging')).known[0]?.restraints, [], 'to that desk nobody has said anything');
    await env.client.workflow.start(ENVIRONMENT_WORKFLOW, {
      workflowId: environmentId('dev'),
      taskQueue: ENGINE_QUEUE,
      args: [{ environment: 'dev' }],
      typedSearchAttributes: [{ key: ENVIRONMENT, value: 'dev' }],
    });
    assert.deepEqual(await client.desks('dev'), { known: [], unanswered: ['dev'] });
    // the list is a moment behind
    for (;;) {
      const { known, unanswered } = await client.desks();
      assert.deepEqual(known, []);
      if (unanswered.includes('dev')) break;
    }
    assert.ok(Array.isArray(await client.board()));
  });

  test('an answer by signal for a pinned plan needs no worker, and finds the promotion under way by itself', async () => {
    const pinned = { ...key, plan: MANIFESTS, bySignal: true };
    // there is no promotion yet: the server itself says so
    assert.equal((await refusal(client.approve({ ...pinned, environment: 'dev' }))).code, 'release-not-found');
    assert.equal((await refusal(client.approve(pinned))).code, 'command-not-possible');
    for (const reason of [{}, { reason: ' ' }]) {
      assert.equal((await refusal(client.reject({ ...pinned, ...reason }))).code, 'approval-reason-missing');
    }
    const handle = await env.client.workflow.start(PROMOTION, {
      workflowId: promotionId(key.service, key.version, 'dev'),
      taskQueue: ENGINE_QUEUE,
      args: [],
      typedSearchAttributes: [
        { key: SERVICE, value: key.service },
        { key: VERSION, value: key.version },
        { key: ENVIRONMENT, value: 'dev' },
      ],
    });
    // the server is a moment behind with what it lists
    while ((await client.underWay()) === 0) await setImmediate();
    const { workflowId, reply } = await client.approve(pinned);
    assert.deepEqual([workflowId, reply], [handle.workflowId, undefined]);
  });

  test('an answer by signal for no plan in particular says that it needs a worker or a plan', async () => {
    const error = await refusal(client.approve({ ...key, environment: 'dev', bySignal: true }));
    assert.match(error.remedy ?? '', /--plan/);
  });

  test('a command that nobody has answered was left with the server, which is said, with how to look and to take it back', async () => {
    const cases = [
      [() => client.pause(key), /"sluice status iam 1\.0\.0".*"sluice resume iam 1\.0\.0"/],
      [() => client.abort({ ...key, environment: 'dev' }), /"sluice status iam 1\.0\.0"/],
      [
        () => client.stop({ environment: 'qa', reason: 'errors', forMs: 60_000 }),
        /"sluice environment qa".*"sluice thaw --environment qa"/,
      ],
      [
        () => client.hold({ environment: 'qa', service: 'iam', reason: 'errors' }),
        /"sluice environment qa".*"sluice hold lift iam --environment qa"/,
      ],
      [
        () => client.thaw({ environment: 'qa', service: 'iam' }),
        /"sluice environment qa".*"sluice stop --environment qa --service iam --reason … --for …"/,
      ],
      [
        () => client.liftHold({ environment: 'qa', service: 'iam' }),
        /"sluice environment qa".*"sluice hold set iam --environment qa --reason …"/,
      ],
    ] as const;
    const errors = await Promise.all(cases.map(([call]) => refusal(call())));
    for (const [index, error] of errors.entries()) {
      assert.equal(error.code, 'worker-missing');
      assert.match(error.message, /it was left with the server and may still take effect/);
      assert.match(error.remedy ?? '', cases[index]?.[1] ?? /^$/);
    }
    const looked = await refusal(client.status(key));
    assert.doesNotMatch(looked.message, /take effect/, 'a question has none');
  });

  test('a namespace that does not exist is told from an address that does not answer', async () => {
    const stranger = await connect({ ...where(), namespace: 'elsewhere' });
    const error = await refusal(stranger.list());
    await stranger.close();
    assert.equal(error.code, 'temporal-unreachable');
    assert.match(error.message, /no namespace "elsewhere"/);
  });

  test('a namespace that knows no search attributes is told what registers them, whatever is asked', async () => {
    const namespace = 'bare';
    const create = ['operator', 'namespace', 'create', '--address', env.address, '--namespace', namespace];
    await promisify(execFile)(toolPath('temporal') ?? '', create);
    const bare = await connect({ ...where(), namespace });
    let error: ReleaseEngineError;
    do error = await refusal(bare.board());
    while (error.message.includes('no namespace'));
    const going = { service: 'iam', environment: 'dev', reason: 'errors' };
    for (const one of [error, await refusal(bare.list()), await refusal(bare.startRollback(going))]) {
      assert.equal(one.code, 'temporal-unreachable', one.message);
      assert.match(one.message, /namespace bare of .* does not know the search attributes of Sluice/);
      assert.match(
        one.remedy ?? '',
        /^temporal operator search-attribute create .* --namespace bare --name SluiceService/,
      );
    }
    await bare.close();
  });

  test('a closer look names the attributes that are not registered and the queues that nobody serves', async () => {
    const report = await inspectEngine(where(), ['dev']);
    assert.deepEqual(report.missingAttributes, [SEARCH_ATTRIBUTES.at(-1)?.name]);
    assert.deepEqual(
      report.queues.map(({ queue, workers }) => [queue, workers.length]),
      [
        ['sluice', 0],
        ['sluice-dev', 0],
      ],
    );
  });
});
