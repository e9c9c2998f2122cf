/** Signing in on a machine without a browser (RFC 8628): the person confirms elsewhere, and the issuer vouches for a key. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Issuer, type IssuerOptions, openIssuer } from './issuer.ts';
import { notSignedIn as failed, saidBy, signedInBy, type SignedIn } from './signed-in.ts';

export interface SignInOptions extends IssuerOptions {
  readonly clientId: string;
  readonly audience: string;
}

export interface DevicePrompt {
  readonly url: string;
  readonly code: string;
}

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const SLOW_DOWN_S = 5;
const USUAL_INTERVAL_S = 5;
const USUAL_LIFETIME_S = 900;

/** `thumbprint`: the key to vouch for. Throws `login-failed`, `identity-unbound`, `identity-unreachable`. */
export async function signInByDeviceCode(
  options: SignInOptions,
  thumbprint: string,
  tell: (prompt: DevicePrompt) => void,
): Promise<SignedIn> {
  const issuer = openIssuer(options);
  const { clientId } = options;
  const { device_authorization_endpoint: devices, token_endpoint: tokens } = await issuer.discovery();
  if (devices === undefined || tokens === undefined) throw failed('the issuer knows no device codes');
  const begun = await issuer.post(devices, { client_id: clientId, scope: 'openid profile', nonce: thumbprint });
  const { device_code: deviceCode, user_code: code, verification_uri: url } = begun;
  if (typeof deviceCode !== 'string' || typeof code !== 'string' || typeof url !== 'string')
    throw failed(saidBy(begun));
  tell({ url, code });
  const idToken = await poll(
    issuer,
    tokens,
    { grant_type: GRANT, client_id: clientId, device_code: deviceCode },
    begun,
  );
  return signedInBy(idToken, thumbprint, options.audience);
}

async function poll(
  issuer: Issuer,
  url: string,
  form: Readonly<Record<string, string>>,
  begun: Readonly<Record<string, unknown>>,
): Promise<string> {
  const endsMs = Date.now() + secondsOf(begun['expires_in'], USUAL_LIFETIME_S) * 1_000;
  let interval = secondsOf(begun['interval'], USUAL_INTERVAL_S);
  while (Date.now() < endsMs) {
    await delay(interval * 1_000);
    const answer = await issuer.post(url, form);
    if (typeof answer['id_token'] === 'string') return answer['id_token'];
    if (answer['error'] === 'slow_down') interval += SLOW_DOWN_S;
    else if (answer['error'] !== 'authorization_pending') throw failed(saidBy(answer));
  }
  throw failed('nobody confirmed in time');
}

function secondsOf(value: unknown, usual: number): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : usual;
}
