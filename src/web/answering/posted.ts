/** What is sent to this server, after it was made sure that a page of ours sent it. */
import type { IncomingMessage } from 'node:http';
import type { Sessions } from './sessions.ts';
import type { Visit } from './visit.ts';

/** An answer with a statement that carries a token with two hundred groups, and the longest reason in the widest letters. */
export const MOST_BYTES = 65_536;
export const TOKEN_HEADER = 'x-sluice-token';

export type Posted =
  | { readonly ok: true; readonly session: string; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly status: number; readonly message: string; readonly remedy: string };

const RELOAD = 'reload the page and try again; allow its cookie';

/** Each check alone would do against what browsers can be made to send; a browser that lacks one has the others. */
export async function readPosted(request: IncomingMessage, visit: Visit, sessions: Sessions): Promise<Posted> {
  const forged = forgeryIn(request, visit, sessions);
  if (forged !== undefined) return no(403, forged, RELOAD);
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json(?:;|$)/.test(type)) return no(415, 'Only JSON is taken here.', 'use the page');
  const text = await boundedText(request);
  if (text === undefined) {
    return no(413, `More than ${MOST_BYTES} bytes are no answer.`, 'say it shorter, and link to the rest');
  }
  const fields = objectOf(text);
  if (fields === undefined) return no(400, 'What was sent is no JSON object.', 'use the page');
  return { ok: true, session: visit.session ?? '', fields };
}

/** Undefined: it comes from a page that this server drew for this browser. */
function forgeryIn({ headers }: IncomingMessage, { origin, session }: Visit, sessions: Sessions): string | undefined {
  if (headers.origin !== origin) return 'The request does not come from a page of this server.';
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return 'The request does not come from a page of this server.';
  const token = headers[TOKEN_HEADER];
  if (session === undefined || typeof token !== 'string' || !sessions.isTokenOf(session, token)) {
    return 'The request does not come from the page that this browser was shown.';
  }
  return undefined;
}

async function boundedText(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  // whoever sends too much is still told so
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function no(status: number, message: string, remedy: string): Posted {
  return { ok: false, status, message, remedy };
}
