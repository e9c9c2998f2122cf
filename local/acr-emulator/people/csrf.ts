/** A form counts only when it comes from the page: another site could sign a person in otherwise, since no password is asked for. */
import { createHmac, randomBytes } from 'node:crypto';
import type { Exchange } from '../http/exchange.ts';
import { sameText } from '../routes/oauth2.ts';

/** `__Host-`: no neighbour may set it, and it never travels without TLS. */
const COOKIE = '__Host-sluice-sign-in';

export interface Csrf {
  /** For the hidden field. */
  readonly token: string;
  /** For `Set-Cookie`. */
  readonly cookie: string;
}

/** The browser keeps its cookie, so that two open pages do not void each other. */
export function csrfFor(exchange: Exchange, secret: string): Csrf {
  const id = readCookie(exchange) ?? randomBytes(24).toString('base64url');
  return { token: tokenOf(id, secret), cookie: `${COOKIE}=${id}; Path=/; Secure; HttpOnly; SameSite=Lax` };
}

export function comesFromPage(exchange: Exchange, secret: string, token: string): boolean {
  const { origin } = exchange.request.headers;
  if (origin !== undefined && origin !== exchange.origin) return false;
  const id = readCookie(exchange);
  return id !== undefined && sameText(tokenOf(id, secret), token);
}

function tokenOf(id: string, secret: string): string {
  return createHmac('sha256', secret).update(`sign-in ${id}`).digest('base64url');
}

function readCookie({ request }: Exchange): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  return value !== undefined && /^[\w-]{20,}$/.test(value) ? value : undefined;
}
