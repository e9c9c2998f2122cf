import assert from 'node:assert/strict';
import { Client, Connection } from '@temporalio/client';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SEARCH_ATTRIBUTES, SERVICE } from '../../../src/contract/search-attributes.ts';
import { startTemporal } from '../../../local/temporal/start-temporal.ts';
import { until } from '../../../local/tools/until.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';

const missing = toolPath('temporal') === undefined && !process.env['CI'] && 'temporal is not installed: npm run setup';

describe('when the Temporal server of the local stack is started', { skip: missing }, () => {
  test('it serves gRPC and the UI on loopback and knows the search attributes', async () => {
    const temporal = await startTemporal();
    const connection = await Connection.connect({ address: temporal.address });
    try {
      const answer = await connection.operatorService.listSearchAttributes({ namespace: temporal.namespace });
      for (const attribute of SEARCH_ATTRIBUTES) assert.ok(attribute.name in answer.customAttributes, attribute.name);
      assert.equal((await fetch(temporal.uiUrl)).status, 200);
      assert.match(temporal.address, /^127\.0\.0\.1:/);
    } finally {
      await connection.close();
      await temporal.stop();
    }
    assert.throws(() => process.kill(temporal.pid, 0), { code: 'ESRCH' });
  });

  test('a restart on the same file keeps the runs', async () => {
    const dbFile = join(mkdtempSync(join(tmpdir(), 'sluice-test-')), 'temporal.db');
    const first = await startTemporal({ dbFile, headless: true });
    await withClient(first.address, (client) =>
      client.workflow.start('release', {
        taskQueue: 'nobody',
        workflowId: 'release/iam/1',
        typedSearchAttributes: [{ key: SERVICE, value: 'iam' }],
      }),
    );
    await first.stop();
    const second = await startTemporal({ dbFile, headless: true });
    try {
      await withClient(second.address, async (client) => {
        assert.equal((await client.workflow.getHandle('release/iam/1').describe()).status.name, 'RUNNING');
        await until(async () => (await client.workflow.count(`SluiceService="iam"`)).count === 1, {
          what: 'the run in the list',
          timeoutMs: 10_000,
        });
      });
    } finally {
      await second.stop();
    }
  });

  test('a port that is taken is an error with the server’s own words, and nothing is left running', async () => {
    const taken = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    try {
      await assert.rejects(startTemporal({ ports: { grpc: port, ui: port + 1 }, headless: true }), /the server ended/);
    } finally {
      taken.close();
    }
  });
});

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}
