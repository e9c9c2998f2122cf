/** The device flow's two ends: the device asks for a code, the person types it in and decides. */
import type { Emulation } from '../emulation.ts';
import { json, readForm, route, type Exchange, type Reply, type Route } from '../http/exchange.ts';
import { comesFromPage, csrfFor } from '../people/csrf.ts';
import { findUser } from '../people/directory.ts';
import { messagePage, signInPage } from '../people/page.ts';
import { readSignInRequest, requireClient } from '../people/sign-in-requests.ts';
import { requireTenant } from './tenant.ts';

const NOT_FROM_PAGE = 'This form did not come from this page. Open it again, and allow its cookie.';

export function deviceLoginRoutes(emulation: Emulation): Route[] {
  return [
    route('POST', /^\/(?<tenant>[^/]+)\/oauth2(?:\/v2\.0)?\/devicecode$/, (exchange) =>
      beginDevice(emulation, exchange),
    ),
    route('GET', /^\/(?<tenant>[^/]+)\/devicelogin$/, (exchange) => showForm(emulation, exchange, 200)),
    route('POST', /^\/(?<tenant>[^/]+)\/devicelogin$/, (exchange) => decide(emulation, exchange)),
  ];
}

async function beginDevice({ world, signIn }: Emulation, exchange: Exchange): Promise<Reply> {
  requireTenant(world, exchange);
  const form = await readForm(exchange);
  const request = readSignInRequest(requireClient(signIn.people, form.get('client_id')), form);
  const { deviceCode, userCode } = signIn.devices.begin(request);
  const page = `${exchange.origin}/${world.tenant}/devicelogin`;
  return json(
    200,
    {
      user_code: userCode,
      device_code: deviceCode,
      verification_uri: page,
      expires_in: signIn.settings.deviceCodeSeconds,
      interval: signIn.settings.pollSeconds,
      message: `To sign in, use a web browser to open the page ${page} and enter the code ${userCode} to authenticate.`,
    },
    { 'cache-control': 'no-store' },
  );
}

function showForm(emulation: Emulation, exchange: Exchange, status: number, mistake?: string): Reply {
  requireTenant(emulation.world, exchange);
  const { token, cookie } = csrfFor(exchange, emulation.secrets.operations);
  const { people } = emulation.signIn;
  return signInPage(status, { people, application: undefined, csrf: token, asksForCode: true, mistake }, { cookie });
}

async function decide(emulation: Emulation, exchange: Exchange): Promise<Reply> {
  requireTenant(emulation.world, exchange);
  const form = await readForm(exchange);
  if (!comesFromPage(exchange, emulation.secrets.operations, form.get('csrf') ?? '')) {
    return messagePage(403, 'Not signed in', NOT_FROM_PAGE);
  }
  const { people, devices } = emulation.signIn;
  const user = findUser(people, form.get('user') ?? '');
  if (user === undefined) return showForm(emulation, exchange, 400, 'Choose who you are.');
  const approved = form.get('decision') === 'approve';
  if (!devices.decide(form.get('user_code') ?? '', approved ? user : 'denied')) {
    return showForm(
      emulation,
      exchange,
      400,
      'No device waits with this code. Check it, or ask your device for another.',
    );
  }
  exchange.identity = user.name;
  return approved
    ? messagePage(200, 'You are signed in', `Your device goes on as ${user.displayName}. You may close this window.`)
    : messagePage(200, 'Refused', 'Your device was told so. You may close this window.');
}
