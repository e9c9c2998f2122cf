/** What a request gets back, before it is written to a socket. */
import type { Asset, Assets } from './assets.ts';
import { KEPT, NOT_KEPT } from './headers.ts';
import { type Frame, type Page, renderPage } from './pages/page.ts';
import { type Trouble, troublePage } from './pages/trouble.ts';
import type { Form } from './routes.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export function pageAnswer(page: Page, assets: Assets, status = 200, frame: Frame = {}): Answer {
  return answer(status, 'text/html; charset=utf-8', renderPage(page, assets, frame).text);
}

/** To another page of this server, asked for with GET. */
export function redirectAnswer(location: string): Answer {
  return withHeaders(answer(303, 'text/plain; charset=utf-8', ''), { location });
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  return answer(status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
}

export function assetAnswer({ type, body }: Asset): Answer {
  return { status: 200, headers: { 'content-type': type, 'cache-control': KEPT }, body };
}

export function troubleAnswer(trouble: Trouble, status: number, form: Form, assets: Assets): Answer {
  const { title, ...error } = trouble;
  const told =
    form === 'json' ? jsonAnswer({ error }, status) : pageAnswer(troublePage({ title, ...error }), assets, status);
  return status === 503 ? withHeaders(told, { 'retry-after': '10' }) : told;
}

export function withHeaders(given: Answer, headers: Readonly<Record<string, string>>): Answer {
  return { ...given, headers: { ...given.headers, ...headers } };
}

function answer(status: number, type: string, body: string): Answer {
  return { status, headers: { 'content-type': type, 'cache-control': NOT_KEPT }, body };
}
