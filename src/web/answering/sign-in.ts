/** Signing in with the identity provider: away from the page where somebody wants to say something, and back to it with the issuer's word for a key. */
import { ReleaseEngineError } from '../../client/index.ts';
import { routeOf } from '../routes.ts';
import type { IdentityDoor } from './answering.ts';
import type { Sessions } from './sessions.ts';
import type { Visit } from './visit.ts';

/** RFC 7638 with SHA-256. */
const THUMBPRINT = /^[\w-]{43}$/;
export const RETURN_PATH = '/signed-in';

/** The address to send the browser to. */
export async function beginSignIn(
  fields: Readonly<Record<string, unknown>>,
  { origin, session = '' }: Visit,
  sessions: Sessions,
  identity: IdentityDoor | undefined,
): Promise<string> {
  const { thumbprint, returnTo } = fields;
  if (identity === undefined) throw notPossible();
  if (typeof thumbprint !== 'string' || !THUMBPRINT.test(thumbprint) || !isWhereOneSpeaks(returnTo)) {
    throw new ReleaseEngineError('input-invalid', 'the sign-in names no key, or no page to come back to', {
      remedy: 'reload the page and sign in again',
    });
  }
  const redirectUri = `${origin}${RETURN_PATH}`;
  const { url, state, verifier } = await identity.begin(redirectUri, thumbprint);
  sessions.begin(session, { state, verifier, thumbprint, redirectUri, returnTo });
  return url;
}

export interface Entered {
  readonly session: string;
  readonly returnTo: string;
}

/** Throws `login-failed` for a return that this browser did not begin, and what the issuer says. */
export async function finishSignIn(
  query: URLSearchParams,
  { session }: Visit,
  sessions: Sessions,
  identity: IdentityDoor | undefined,
): Promise<Entered> {
  if (identity === undefined) throw notPossible();
  const pending = session === undefined ? undefined : sessions.take(session, query.get('state') ?? '');
  if (session === undefined || pending === undefined) {
    throw failed('this browser did not begin that sign-in, or too long ago');
  }
  const code = query.get('code');
  if (code === null) throw failed(saidIn(query));
  const { thumbprint, verifier, redirectUri, returnTo } = pending;
  const vouched = await identity.finish({ code, verifier, redirectUri, thumbprint });
  sessions.leave(session);
  return { session: sessions.enter({ ...vouched, thumbprint }), returnTo };
}

/** Back to a question or an environment only: whoever could name any address could send people elsewhere. */
function isWhereOneSpeaks(path: unknown): path is string {
  if (typeof path !== 'string' || !path.startsWith('/') || path.length > 1_000) return false;
  const url = new URL(path, 'http://server');
  if (url.origin !== 'http://server' || url.pathname !== path) return false;
  const route = routeOf(url);
  return route?.to === 'question' || (route?.to === 'environment' && route.form === 'page');
}

function saidIn(query: URLSearchParams): string {
  const words = [query.get('error'), query.get('error_description')].filter((one) => one !== null);
  return words.join(': ').slice(0, 500) || 'the issuer sent no code';
}

function failed(got: string): ReleaseEngineError {
  return new ReleaseEngineError('login-failed', 'nobody was signed in', {
    got,
    remedy: 'begin again at the page where you wanted to answer',
  });
}

function notPossible(): ReleaseEngineError {
  return new ReleaseEngineError('login-failed', 'this server knows no identity provider', {
    expected: 'trust.identity in the configuration that "sluice serve" was started with',
  });
}
