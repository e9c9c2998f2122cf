import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Connection, Client, type Workflow, type WorkflowHandle } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { openEngine } from '../../../src/client/connect.ts';
import type { Engine as Opened } from '../../../src/client/engine.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from './engine.ts';
import { endUpdate, noiseSignal } from './support/ends-when-asked.ts';

const QUEUE = 'ends-when-asked';
const WORKFLOW = fileURLToPath(new URL('support/ends-when-asked.ts', import.meta.url));

/** Holds back whoever reads the first update until the door opens: by then a worker has its task, and the server knows. */
function heldBack(read: () => void, door: Promise<void>): PayloadCodec {
  return {
    encode: (payloads) => Promise.resolve(payloads),
    async decode(payloads: Payload[]) {
      if (payloads.some(({ data }) => Buffer.from(data ?? []).toString() === '"grace"')) {
        read();
        await door;
      }
      return payloads;
    },
  };
}

describe(
  'an update in whose task something else arrives, so that the server does not take its answer',
  NEEDS_TEMPORAL,
  () => {
    let engine: Engine;
    let opened: Opened;
    let impatient: Connection;
    let connection: NativeConnection;
    before(async () => {
      engine = await startEngine();
      opened = await openEngine({ address: engine.address, namespace: engine.namespace, user: 'grace' });
      impatient = await Connection.connect({ address: engine.address });
      connection = await NativeConnection.connect({ address: engine.address });
    });
    after(async () => {
      await opened.close();
      await impatient.close();
      await connection.close();
      await engine.stop();
    });

    /** What the update came to, sent through `client`; a signal comes while the worker has the task that would end the workflow. */
    async function end(client: Client): Promise<{ answer: string; handle: WorkflowHandle<Workflow> }> {
      const reading = Promise.withResolvers<void>();
      const door = Promise.withResolvers<void>();
      const worker = await Worker.create({
        connection,
        taskQueue: QUEUE,
        workflowsPath: WORKFLOW,
        dataConverter: { payloadCodecs: [heldBack(reading.resolve, door.promise)] },
      });
      return worker.runUntil(async () => {
        const handle = await client.workflow.start('endsWhenAsked', { taskQueue: QUEUE, workflowId: randomUUID() });
        const answer = handle.executeUpdate(endUpdate, { args: ['grace'] });
        answer.catch(() => undefined);
        await reading.promise;
        await handle.signal(noiseSignal);
        door.resolve();
        return { answer: await answer, handle };
      });
    }

    test('is dropped by the server, which is what everything here is about', async () => {
      await assert.rejects(end(new Client({ connection: impatient, namespace: engine.namespace })), {
        message: 'Workflow Update failed',
      });
    });

    test('is sent again by ourselves, and has its effect once', async () => {
      const { answer, handle } = await end(opened.temporal);
      assert.equal(answer, 'grace ended it');
      assert.deepEqual(await handle.result(), ['grace']);
    });
  },
);
