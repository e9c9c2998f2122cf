/** Everything about people in one place: who they are, what they have begun, and the keys that vouch for them. */
import { AuthorizationCodes } from './authorization-codes.ts';
import { DeviceCodes } from './device-codes.ts';
import { findUser, type People } from './directory.ts';
import { DEFAULT_SIGN_IN, type SignInSettings } from './grants.ts';
import { RefreshTokens } from './refresh-tokens.ts';
import { SigningKeys } from './signing-keys.ts';

export interface SignIn {
  readonly people: People;
  readonly settings: SignInSettings;
  readonly keys: SigningKeys;
  readonly devices: DeviceCodes;
  readonly codes: AuthorizationCodes;
  readonly refreshTokens: RefreshTokens;
}

export function openSignIn(dir: string, people: People, options: Partial<SignInSettings> = {}): SignIn {
  const settings = { ...DEFAULT_SIGN_IN, ...options };
  return {
    people,
    settings,
    keys: new SigningKeys(dir),
    devices: new DeviceCodes(settings),
    codes: new AuthorizationCodes(settings),
    refreshTokens: new RefreshTokens(),
  };
}

/** What the page does, without the page. Throws when there is no such user, or no code that waits. */
export function decideDeviceCode(signIn: SignIn, userCode: string, user: string, decision: 'approve' | 'deny'): void {
  const person = findUser(signIn.people, user);
  if (person === undefined) throw new Error(`there is no user ${JSON.stringify(user)}`);
  if (signIn.devices.decide(userCode, decision === 'approve' ? person : 'denied')) return;
  throw new Error(`no device waits with the code ${JSON.stringify(userCode)}: wrong, expired or decided already`);
}
