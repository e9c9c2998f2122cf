/** Events as workflows make them, and people who receive them. */
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type EventData, type SluiceEvent, sluiceEvent } from '../../src/domain/notification.ts';

let serial = 0;

export const WAITING: EventData = {
  format: 1,
  about: 'promotion',
  event: 'waiting',
  service: 'iam',
  version: '2026.11.3',
  environment: 'production',
  image: { repository: 'iam', digest: `sha256:${'a'.repeat(64)}` },
  requestedBy: 'pipeline',
  phase: 'waiting-for-approval',
  planDigest: `sha256:${'b'.repeat(64)}`,
  waiting: {
    reason: 'production wants 1 yes',
    for: '1 of release-managers, not pipeline',
    since: '2026-11-24T10:00:00.000Z',
    until: '2026-11-27T10:00:00.000Z',
    then: 'the release is refused',
    answer: ['sluice approve iam 2026.11.3 --environment production --plan sha256:bb'],
  },
};

export function anEvent(data: Partial<EventData> = {}): SluiceEvent {
  serial += 1;
  return sluiceEvent({
    id: `b7b8-${serial}`,
    namespace: 'default',
    subject: 'promotion/iam/2026.11.3/production',
    time: '2026-11-24T10:00:00.000Z',
    data: { ...WAITING, ...data },
  });
}

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Inbox {
  readonly url: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** Answers to the nth request, counted from 1: a status, or whatever a listener does. */
export type Answers = (time: number) => number | RequestListener;

/** A receiver on this machine that keeps what it got. */
export async function openInbox(
  answers: Answers = () => 204,
  secure?: { readonly key: string; readonly cert: string },
): Promise<Inbox> {
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      const answer = answers(received.length);
      if (typeof answer === 'number') response.writeHead(answer).end();
      else answer(request, response);
    });
  };
  const server = secure === undefined ? createServer(listener) : createSecureServer(secure, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${secure === undefined ? 'http' : 'https'}://127.0.0.1:${port}/hook`,
    received,
    close: () => closed(server),
  };
}

/** An address where nobody listens. */
export async function deadAddress(): Promise<string> {
  const inbox = await openInbox();
  await inbox.close();
  return inbox.url;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
