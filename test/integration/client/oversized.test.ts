import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client, Connection, type WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ReleaseClient, ReleaseEngineError } from '../../../src/client/index.ts';
import { abortUpdate, overrideUpdate } from '../../../src/contract/promotion-workflow.ts';
import { liftUpdate, restrainUpdate } from '../../../src/contract/environment-workflow.ts';
import { environmentId, promotionId } from '../../../src/contract/workflow-ids.ts';
import { APPROVAL, IMAGE, MANIFESTS, scriptedActivities } from '../../support/scripted-activities.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from './engine.ts';

const HUGE = 'x'.repeat(10_000_000);
/** Small enough for one message to the server. */
const LONG = 'x'.repeat(100_000);
const KEY = { service: 'iam', version: '1.0.0', environment: 'production' };

describe('when somebody says more than any honest person does', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let client: ReleaseClient;
  let connection: Connection;
  let planDigest: string;

  before(async () => {
    engine = await startEngine();
    client = await engine.client('pipeline');
    connection = await Connection.connect({ address: engine.address });
    engine.act(scriptedActivities({}, { approvals: { production: APPROVAL } }).activities);
    const image = `${IMAGE.repository}@${IMAGE.digest}`;
    await client.startRelease({ service: 'iam', version: '1.0.0', image, manifests: MANIFESTS });
    for await (const event of client.watch(KEY)) if (event.kind === 'waiting') break;
    planDigest = (await client.status(KEY)).promotions.at(-1)?.planDigest ?? '';
  });
  after(async () => {
    await connection.close();
    await engine.stop();
  });

  const says: readonly (readonly [string, string, (reason: string) => Promise<unknown>])[] = [
    ['a yes', 'approval-too-large', (reason) => client.approve({ ...KEY, reason })],
    ['a no', 'approval-too-large', (reason) => client.reject({ ...KEY, reason })],
    ['an override', 'approval-too-large', (reason) => client.override({ ...KEY, gates: ['freeze'], reason })],
    ['a stop', 'input-invalid', (reason) => client.stop({ environment: 'production', reason, forMs: 60_000 })],
    ['an incident', 'input-invalid', (it) => client.stop({ environment: 'dev', reason: 'x', incident: it, forMs: 9 })],
    ['a hold', 'input-invalid', (reason) => client.hold({ environment: 'production', service: 'iam', reason })],
    ['a thaw', 'input-invalid', (reason) => client.thaw({ environment: 'production', reason })],
    ['a pause', 'input-invalid', (reason) => client.pause({ ...KEY, reason })],
    ['an abort', 'input-invalid', (reason) => client.abort({ ...KEY, reason })],
    ['a roll-back', 'input-invalid', (reason) => client.startRollback({ ...KEY, reason })],
  ];
  for (const [what, code, say] of says) {
    test(`${what} of ten megabytes is refused before the server is asked, and so is one of a few thousand characters`, async () => {
      for (const reason of [HUGE, 'x'.repeat(2_001)]) {
        await assert.rejects(say(reason), (error: ReleaseEngineError) => {
          assert.equal(error.code, code, error.message);
          assert.match(`${error.message}, ${error.got}`, /(?:10000000|2001) characters/);
          assert.ok(error.message.length < 500, 'it is not said again');
          return true;
        });
      }
    });
  }

  test('promotion and desk refuse by themselves what did not come through the library, and it never enters their history', async () => {
    await client.stop({ environment: 'production', reason: 'opens the desk', forMs: 60_000 });
    const { workflow } = new Client({ connection, namespace: engine.namespace });
    const promotion = workflow.getHandle(promotionId('iam', '1.0.0', 'production'));
    const desk = workflow.getHandle(environmentId('production'));
    const yes = { decision: 'approve', approver: 'anna', planDigest, overrides: ['freeze'], reason: 'x' } as const;
    const override = (more: object) => promotion.executeUpdate(overrideUpdate, { args: [{ ...yes, ...more }] });
    const stop = { kind: 'stop', by: 'anna', reason: 'x', forMs: 60_000 } as const;
    const sent: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['approval-too-large', () => override({ reason: LONG })],
      ['approval-too-large', () => override({ statement: LONG })],
      ['approval-too-large', () => override({ approver: LONG })],
      ['approval-too-large', () => override({ planDigest: LONG })],
      ['approval-too-large', () => override({ overrides: Array.from({ length: 51 }, () => 'freeze') })],
      ['approval-malformed', () => override({ overrides: [LONG] })],
      ['approval-malformed', () => override({ reason: 12 })],
      ['input-invalid', () => promotion.executeUpdate(abortUpdate, { args: [{ by: 'anna', reason: LONG }] })],
      ['input-invalid', () => desk.executeUpdate(restrainUpdate, { args: [{ ...stop, reason: LONG }] })],
      ['input-invalid', () => desk.executeUpdate(restrainUpdate, { args: [{ ...stop, incident: LONG }] })],
      ['input-invalid', () => desk.executeUpdate(restrainUpdate, { args: [{ ...stop, service: LONG }] })],
      ['input-invalid', () => desk.executeUpdate(liftUpdate, { args: [{ kind: 'stop', by: 'anna', reason: LONG }] })],
    ];
    for (const [code, send] of sent) {
      await assert.rejects(send, (error: WorkflowUpdateFailedError) => {
        assert.ok(error.cause instanceof ApplicationFailure);
        assert.equal(error.cause.type, code);
        return true;
      });
    }
    for (const handle of [promotion, desk]) {
      assert.ok(JSON.stringify((await handle.fetchHistory()).events).length < 90_000);
    }
  });
});
