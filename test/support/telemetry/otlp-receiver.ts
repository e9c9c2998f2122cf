/** A receiver of OTLP over HTTP, as a collector has one: decodes what arrives, and can be made to fail or to hang. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** 2 is an error. */
  readonly status: { readonly code: number; readonly message: string };
  readonly resource: Readonly<Record<string, string>>;
}

export interface OtlpReceiver {
  readonly url: string;
  /** In the order of arrival, also those that came twice. */
  readonly spans: readonly ReceivedSpan[];
  /** Names of metrics that have arrived. */
  readonly metrics: ReadonlySet<string>;
  /** Requests that came, whatever became of them. */
  readonly requests: number;
  /** What it does with requests from now on. */
  answer(how: 'well' | 'failing' | 'never'): void;
  stop(): Promise<void>;
}

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}
interface Span extends Omit<ReceivedSpan, 'attributes' | 'resource' | 'startMs' | 'endMs'> {
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const root = await protobuf.load(fileURLToPath(new URL('./otlp.proto', import.meta.url)));
  const spans: ReceivedSpan[] = [];
  const metrics = new Set<string>();
  let requests = 0;
  let how: 'well' | 'failing' | 'never' = 'well';
  const read = (type: string, bytes: Uint8Array): unknown => {
    const message = root.lookupType(`otlp.${type}`);
    return message.toObject(message.decode(bytes), { longs: String, bytes: Buffer, arrays: true, defaults: true });
  };
  const server = createServer((request, response) => {
    requests += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (how === 'never') return;
      if (how === 'failing') return response.writeHead(400).end();
      const body = Buffer.concat(chunks);
      const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      if (request.url === '/v1/traces') spans.push(...spansIn(read('TraceRequest', bytes)));
      else namesIn(read('MetricsRequest', bytes)).forEach((name) => metrics.add(name));
      return response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    metrics,
    get requests() {
      return requests;
    },
    answer: (next) => {
      how = next;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface OfResource<Scopes> {
  readonly resource: { readonly attributes: readonly KeyValue[] } | null;
  readonly scopes: Scopes;
}

function spansIn(request: unknown): readonly ReceivedSpan[] {
  const { resourceSpans } = request as {
    readonly resourceSpans: readonly (OfResource<never> & {
      readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
    })[];
  };
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map((span) => received(span, plain(resource?.attributes ?? [])))),
  );
}

function received(span: Span, resource: Readonly<Record<string, string>>): ReceivedSpan {
  const hex = (bytes: unknown): string => (bytes as Buffer).toString('hex');
  const parent = hex(span.parentSpanId);
  const { code = 0, message = '' } = (span.status ?? {}) as Partial<ReceivedSpan['status']>;
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: parent === '' ? undefined : parent,
    name: span.name,
    startMs: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
    endMs: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
    attributes: plain(span.attributes),
    status: { code, message },
    resource,
  };
}

function namesIn(request: unknown): readonly string[] {
  const { resourceMetrics } = request as {
    readonly resourceMetrics: readonly {
      readonly scopeMetrics: readonly { readonly metrics: readonly { name: string }[] }[];
    }[];
  };
  return resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics.map((one) => one.name)),
  );
}

function plain(attributes: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
}
