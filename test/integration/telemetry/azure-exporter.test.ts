import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { issueCertificate } from '../../../local/acr-emulator/certificates.ts';

interface Envelope {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: {
    readonly baseType: string;
    readonly baseData: {
      readonly name?: string;
      readonly metrics?: readonly { readonly name: string; readonly value: number }[];
      readonly properties?: Readonly<Record<string, string>>;
      readonly success?: boolean;
    };
  };
}

const SENDER = fileURLToPath(new URL('../../support/telemetry/send-to-azure.ts', import.meta.url));

describe('what Azure Monitor is sent', { timeout: 120_000 }, () => {
  const envelopes: Envelope[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'sluice-azure-'));
  let server: Server | undefined;
  const answer: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
      const items = text.startsWith('[')
        ? (JSON.parse(text) as Envelope[])
        : text.split('\n').map((line) => JSON.parse(line) as Envelope);
      envelopes.push(...items);
      const taken = { itemsReceived: items.length, itemsAccepted: items.length, errors: [] };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(taken));
    });
  };
  before(async () => {
    const { key, cert, caFile } = await issueCertificate(folder, ['127.0.0.1']);
    server = createServer({ key, cert }, answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const address = `https://127.0.0.1:${port}/`;
    const connection = `InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=${address};LiveEndpoint=${address}`;
    await promisify(execFile)(process.execPath, [SENDER, connection], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile },
      timeout: 100_000,
    });
  });
  after(async () => {
    server?.closeAllConnections();
    server?.close();
    if (server !== undefined) await once(server, 'close');
    rmSync(folder, { recursive: true });
  });

  test('is a span as a dependency of the role that queries ask for, with the names that they ask for', () => {
    const span = envelopes.find(({ data }) => data.baseType === 'RemoteDependencyData');
    assert.equal(span?.tags['ai.cloud.role'], 'sluice');
    assert.equal(span.data.baseData.name, 'wait for approval');
    assert.equal(span.data.baseData.properties?.['sluice.environment'], 'production');
    assert.equal(span.data.baseData.success, true);
  });

  test('is a metric under its name and attributes, in seconds', () => {
    const metrics = envelopes.filter(({ data }) => data.baseType === 'MetricData');
    const wait = metrics.find(({ data }) => data.baseData.metrics?.[0]?.name === 'sluice.wait.duration');
    assert.equal(wait?.data.baseData.metrics?.[0]?.value, 60);
    assert.equal(wait?.data.baseData.properties?.['sluice.wait'], 'approval');
  });
});
