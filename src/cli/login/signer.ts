/** Whoever is logged in on this machine, as somebody who can sign. */
import { readFileSync } from 'node:fs';
import { ReleaseEngineError, type Signer } from '../../client/index.ts';
import { signerWith, unusableKey } from '../../client/key-signer.ts';
import { type Login, readLogin } from '../../config/login-file.ts';
import { privateKeyOf } from '../../statements/public-key.ts';

/** Undefined: nobody is logged in; the answer then states a name only. Throws `login-missing` when the login is of no use any more. */
export function currentSigner(now: () => Date = () => new Date()): Signer | undefined {
  const login = readLogin();
  return login === undefined ? undefined : signerOf(login, now);
}

export function signerOf(login: Login, now: () => Date): Signer {
  if (login.kind === 'identity' && Date.parse(login.expiresAt) <= now().getTime()) {
    throw new ReleaseEngineError('login-missing', `your login as ${login.subject} ended at ${login.expiresAt}`, {
      remedy: 'log in again with "sluice login"',
    });
  }
  const idToken = login.kind === 'identity' ? { idToken: login.idToken } : {};
  return signerWith(login.subject, { ...keyOf(login), ...idToken }, now);
}

/** Throws `login-missing` when the key is gone or is none. */
export function keyOf(login: Login): ReturnType<typeof privateKeyOf> {
  try {
    return privateKeyOf(login.kind === 'key' ? readFileSync(login.keyFile, 'utf8') : login.privateKey);
  } catch (cause) {
    throw unusableKey(login.subject, login.kind === 'key' ? login.keyFile : 'the login file', cause);
  }
}
