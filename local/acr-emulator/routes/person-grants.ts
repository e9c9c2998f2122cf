/** What the token endpoint does for people: device codes, authorization codes, refresh tokens. */
import type { Emulation } from '../emulation.ts';
import { json, type Exchange, type Reply } from '../http/exchange.ts';
import type { Grant } from '../people/grants.ts';
import { issueTokens } from '../people/person-tokens.ts';
import { requireClient } from '../people/sign-in-requests.ts';
import type { SignIn } from '../people/sign-in.ts';

type Redeem = (signIn: SignIn, clientId: string, form: URLSearchParams) => Grant;

const GRANTS: Readonly<Record<string, Redeem>> = {
  'urn:ietf:params:oauth:grant-type:device_code': (signIn, clientId, form) =>
    signIn.devices.redeem(form.get('device_code') ?? '', clientId),
  authorization_code: (signIn, clientId, form) =>
    signIn.codes.redeem({
      clientId,
      code: form.get('code') ?? '',
      redirectUri: form.get('redirect_uri') ?? '',
      verifier: form.get('code_verifier') ?? '',
    }),
  refresh_token: (signIn, clientId, form) => signIn.refreshTokens.redeem(form.get('refresh_token') ?? '', clientId),
};

export const PERSON_GRANT_TYPES: readonly string[] = Object.keys(GRANTS);

/** Undefined when the grant type is none of a person's. */
export async function issuePersonTokens(
  { world, signIn }: Emulation,
  exchange: Exchange,
  form: URLSearchParams,
): Promise<Reply | undefined> {
  const type = form.get('grant_type') ?? '';
  const redeem = PERSON_GRANT_TYPES.includes(type) ? GRANTS[type] : undefined;
  if (redeem === undefined) return undefined;
  const { clientId } = requireClient(signIn.people, form.get('client_id'));
  const grant = redeem(signIn, clientId, form);
  exchange.identity = grant.user.name;
  const { people, keys, settings } = signIn;
  const tokens = await issueTokens({ origin: exchange.origin, tenant: world.tenant, people, keys, settings }, grant);
  const more = grant.scopes.includes('offline_access') ? { refresh_token: signIn.refreshTokens.issue(grant) } : {};
  return json(200, { ...tokens, ...more }, { 'cache-control': 'no-store' });
}
