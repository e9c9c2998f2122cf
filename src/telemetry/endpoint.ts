/** The scrape endpoint: our own metrics and those of Temporal's SDK behind one address. */
import { createServer, type Server } from 'node:http';

export interface ScrapeRequest {
  /** `host:port`. */
  readonly address: string;
  /** Each part of the answer, in Prometheus' text format. */
  readonly parts: readonly (() => Promise<string>)[];
}

/** Text format 0.0.4. */
const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** Listens; rejects with what `node:net` says when it cannot. */
export async function serveScrapes({ address, parts }: ScrapeRequest): Promise<Server> {
  const server = createServer((request, response) => {
    const isThere = request.url?.split('?')[0] === '/metrics';
    if (!isThere || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(isThere ? 405 : 404, { 'content-type': 'text/plain' }).end('GET /metrics\n');
      return;
    }
    Promise.all(parts.map((part) => part())).then(
      (texts) => response.writeHead(200, { 'content-type': TEXT }).end(texts.map(ended).join('')),
      // half of an answer would look like a worker that has nothing to say
      (error: unknown) =>
        response
          .writeHead(503, { 'content-type': 'text/plain' })
          .end(`${error instanceof Error ? error.message : 'failed'}\n`),
    );
  });
  const { host, port } = parted(address);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // who scrapes keeps a connection open, which must not keep a worker that is to stop
  server.unref();
  return server;
}

function parted(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(address.slice(at + 1)) };
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
