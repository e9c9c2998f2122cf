/** Sign-in for a web page: the authorization endpoint, which returns with a code (RFC 6749 4.1 with RFC 7636). */
import type { Emulation } from '../emulation.ts';
import { empty, readForm, route, type Exchange, type Reply, type Route } from '../http/exchange.ts';
import { Refusal } from '../http/refusal.ts';
import { comesFromPage, csrfFor } from '../people/csrf.ts';
import { findUser, mayReturnTo } from '../people/directory.ts';
import type { SignInRequest } from '../people/grants.ts';
import { messagePage, signInPage } from '../people/page.ts';
import { readSignInRequest, requireClient } from '../people/sign-in-requests.ts';
import { requireTenant } from './tenant.ts';

const NOT_FROM_PAGE = 'This form did not come from this page. Begin again, and allow its cookie.';
const CHALLENGE = /^[\w-]{43}$/;

interface Authorization {
  readonly request: SignInRequest;
  readonly challenge: string;
  readonly redirectUri: string;
}

export function authorizeRoutes(emulation: Emulation): Route[] {
  return [
    route('GET', /^\/(?<tenant>[^/]+)\/oauth2(?:\/v2\.0)?\/authorize$/, (exchange) =>
      answered(emulation, exchange, (authorization) => showForm(emulation, exchange, authorization)),
    ),
    // The form posts to the page's own address, so the request is read from there again, not from the form.
    route('POST', /^\/(?<tenant>[^/]+)\/oauth2(?:\/v2\.0)?\/authorize$/, (exchange) =>
      answered(emulation, exchange, (authorization) => decide(emulation, exchange, authorization)),
    ),
  ];
}

/** Where the address to return to is not to be trusted the person is told; everything else the client is told there. */
async function answered(
  { world, signIn }: Emulation,
  exchange: Exchange,
  proceed: (authorization: Authorization) => Reply | Promise<Reply>,
): Promise<Reply> {
  const { query } = exchange;
  const redirectUri = query.get('redirect_uri') ?? '';
  let trusted = false;
  try {
    requireTenant(world, exchange);
    const client = requireClient(signIn.people, query.get('client_id'));
    if (!mayReturnTo(client, redirectUri)) {
      const why = `AADSTS50011: The redirect URI '${redirectUri}' does not match those of the application.`;
      throw new Refusal(400, 'invalid_request', why);
    }
    trusted = true;
    requireSupported(query);
    const request = readSignInRequest(client, query);
    return await proceed({ request, challenge: query.get('code_challenge') ?? '', redirectUri });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (!trusted) return messagePage(error.status, 'Not signed in', error.message);
    return returnTo(redirectUri, query, { error: error.code, error_description: error.message });
  }
}

function requireSupported(query: URLSearchParams): void {
  if (query.get('response_type') !== 'code') {
    throw new Refusal(400, 'unsupported_response_type', 'AADSTS700054: The emulator supports response_type=code only.');
  }
  if (!['query', null].includes(query.get('response_mode'))) {
    throw new Refusal(400, 'invalid_request', 'AADSTS900144: The emulator supports response_mode=query only.');
  }
  if (query.get('code_challenge_method') !== 'S256' || !CHALLENGE.test(query.get('code_challenge') ?? '')) {
    const why = 'AADSTS9002325: Proof Key for Code Exchange is required: code_challenge, code_challenge_method=S256.';
    throw new Refusal(400, 'invalid_request', why);
  }
}

function showForm(emulation: Emulation, exchange: Exchange, { request, redirectUri }: Authorization): Reply {
  const { token, cookie } = csrfFor(exchange, emulation.secrets.operations);
  const { people } = emulation.signIn;
  const chosen = findUser(people, exchange.query.get('login_hint') ?? '')?.name;
  const form = { people, application: request.client.name, csrf: token, asksForCode: false, chosen };
  return signInPage(200, form, { cookie, returnsTo: new URL(redirectUri).origin });
}

async function decide(emulation: Emulation, exchange: Exchange, authorization: Authorization): Promise<Reply> {
  const { request, challenge, redirectUri } = authorization;
  const form = await readForm(exchange);
  if (!comesFromPage(exchange, emulation.secrets.operations, form.get('csrf') ?? '')) {
    return messagePage(403, 'Not signed in', NOT_FROM_PAGE);
  }
  const user = findUser(emulation.signIn.people, form.get('user') ?? '');
  if (form.get('decision') !== 'approve' || user === undefined) {
    throw new Refusal(400, 'access_denied', 'AADSTS65004: User declined to consent to access the app.');
  }
  exchange.identity = user.name;
  const code = emulation.signIn.codes.issue({ ...request, user }, redirectUri, challenge);
  return returnTo(redirectUri, exchange.query, { code });
}

function returnTo(redirectUri: string, query: URLSearchParams, answer: Readonly<Record<string, string>>): Reply {
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value);
  const state = query.get('state');
  if (state !== null) target.searchParams.set('state', state);
  // 303: the browser must not post the form on to the client.
  return empty(303, { location: target.href, 'cache-control': 'no-store' });
}
