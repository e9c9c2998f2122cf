/** Whoever is logged in on this machine, as somebody who can sign. */
import { readFileSync } from 'node:fs';
import { ReleaseEngineError, type Signer } from '../../client/index.ts';
import { type Login, readLogin } from '../../config/login-file.ts';
import { signStatement } from '../../statements/sign.ts';
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
  const { key, publicKey } = keyOf(login);
  const idToken = login.kind === 'identity' ? { idToken: login.idToken } : {};
  return {
    subject: login.subject,
    sign: (facts, goodForMs) =>
      signStatement(facts, login.subject, { key, publicKey, ...idToken }, { now: now(), goodForMs }),
  };
}

/** Throws `login-missing` when the key is gone or is none. */
export function keyOf(login: Login): ReturnType<typeof privateKeyOf> {
  try {
    return privateKeyOf(login.kind === 'key' ? readFileSync(login.keyFile, 'utf8') : login.privateKey);
  } catch (cause) {
    const where = login.kind === 'key' ? login.keyFile : 'the login file';
    throw new ReleaseEngineError('login-missing', `the private key of ${login.subject} cannot be used`, {
      expected: `an unencrypted Ed25519 or P-256 private key (PEM) in ${where}`,
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'log in again with "sluice login --key FILE"',
      cause,
    });
  }
}
