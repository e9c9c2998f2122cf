/** Logging in with an identity provider: a key for this login alone, and the provider's word for whose it is. */
import { generateKeyPairSync } from 'node:crypto';
import { ReleaseEngineError } from '../../client/index.ts';
import type { Config } from '../../config/config.ts';
import { type Login, writeLogin } from '../../config/login-file.ts';
import { privateKeyOf, thumbprintOf } from '../../statements/public-key.ts';
import { deviceSignIn } from '../wire.ts';

/** Throws `login-failed`, `identity-unbound`, `identity-unreachable`. */
export async function logInWithIssuer(
  config: Config,
  tell: (prompt: { readonly url: string; readonly code: string }) => void,
): Promise<Extract<Login, { kind: 'identity' }>> {
  const identity = config.approvers.kind === 'proven' ? config.approvers.identity : undefined;
  if (identity === undefined) {
    throw new ReleaseEngineError('login-failed', 'sluice.yaml names no identity provider', {
      expected: 'trust.identity with issuer and clientId',
      remedy: 'log in with a key instead: sluice login --key FILE',
    });
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const thumbprint = await thumbprintOf(privateKeyOf(pem).publicKey);
  const signedIn = await deviceSignIn(identity, thumbprint, tell);
  const login = { kind: 'identity', issuer: identity.issuer, privateKey: pem, ...signedIn } as const;
  writeLogin(login);
  return login;
}
