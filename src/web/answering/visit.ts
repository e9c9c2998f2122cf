/** Who asks, by their cookie, and under which address they see this server. */
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../hosts.ts';
import type { Person, Sessions } from './sessions.ts';

export interface Visit {
  /** `https://sluice.example.com`, `http://localhost:8088`: as the browser names it. */
  readonly origin: string;
  /** The page is on the machine of the server: asked for on loopback, with no proxy that could have asked for somebody else. */
  readonly local: boolean;
  readonly session?: string;
  readonly person?: Person;
}

/** Of a request whose host was looked at. `behindProxy`: the name under which the proxy is asked; it encrypts. */
export function visitOf(
  { headers }: Pick<IncomingMessage, 'headers'>,
  sessions: Sessions,
  behindProxy?: string,
): Visit {
  const host = (headers.host ?? '').toLowerCase();
  const origin = `${host === behindProxy?.toLowerCase() ? 'https' : 'http'}://${host}`;
  const session = readCookie(headers.cookie, nameOn(origin));
  const hostname = new URL(origin).hostname.replace(/^\[|\]$/g, '');
  const where = { origin, local: behindProxy === undefined && isLoopback(hostname) };
  if (session === undefined) return where;
  const person = sessions.personOf(session);
  return { ...where, session, ...(person === undefined ? {} : { person }) };
}

/** `Lax`, so that it comes along when the issuer sends the person back. Until the browser is closed. */
export function cookieFor(id: string, origin: string): string {
  const secure = origin.startsWith('https:') ? '; Secure' : '';
  return `${nameOn(origin)}=${id}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}

/** `__Host-`: no neighbour may set it. Browsers give a cookie of 127.0.0.1 to every port, so the port is in its name. */
function nameOn(origin: string): string {
  const { protocol, port } = new URL(origin);
  return protocol === 'https:' ? '__Host-sluice' : `sluice-${port === '' ? '80' : port}`;
}

function readCookie(header: string | undefined, name: string): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}
