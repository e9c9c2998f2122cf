/** One browser that follows a release: server-sent events on its response. */
import type { ServerResponse } from 'node:http';
import { NOT_KEPT, SECURITY_HEADERS } from '../headers.ts';
import type { Drawing } from '../pages/drawing.ts';

export interface Viewer {
  draw(drawing: Drawing): void;
  /** One line for a screen reader. */
  tell(news: string): void;
  beat(): void;
  /** The release has ended: nothing more comes. */
  end(): void;
  /** The browser may try again. */
  drop(): void;
}

/** A viewer that reads slower than the release moves is let go; its browser comes back for the newest drawing. */
const UNREAD_BYTES = 1_000_000;
const RECONNECT_MS = 2_000;

export function viewerOn(response: ServerResponse, lastSeen: string | undefined): Viewer {
  let seen = lastSeen;
  const write = (text: string): void => {
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > UNREAD_BYTES) return void response.destroy();
    if (!response.headersSent) open(response);
    response.write(text);
  };
  return {
    draw({ id, part }) {
      if (id === seen) return write(': unchanged\n\n');
      seen = id;
      write(`id: ${id}\n${event('journey', part.text)}`);
    },
    tell: (news) => write(event('news', news)),
    beat: () => write(': still there\n\n'),
    end() {
      write(event('end', 'ended'));
      response.end();
    },
    drop: () => void response.end(),
  };
}

function open(response: ServerResponse): void {
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': NOT_KEPT,
    // nginx would otherwise keep events until its buffer is full
    'x-accel-buffering': 'no',
  });
  response.write(`retry: ${RECONNECT_MS}\n\n`);
}

function event(name: string, data: string): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `event: ${name}\n${lines.join('')}\n`;
}
