/** Logging in with a key of one's own: taken as it is, or made. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { assertOwnKey, whatIsWrong } from '../../client/key-signer.ts';
import { ReleaseEngineError, type ReleaseEngineErrorDetails } from '../../client/release-engine-error.ts';
import { type Login, writeLogin, writeSecret, writing } from '../../config/login-file.ts';
import { privateKeyOf } from '../../statements/public-key.ts';
import { keyOf } from './signer.ts';

export interface KeyLogin {
  readonly subject: string;
  readonly keyFile: string;
  readonly publicFile: string;
  readonly publicKey: string;
  /** The key was not there before. */
  readonly made: boolean;
}

/** Throws `login-failed` for a name that is none, and for what is no such key or one that others may read. */
export function logInWithKey(file: string, subject: string): KeyLogin {
  if (subject.trim() === '') throw loginFailed('a login is of somebody', { remedy: 'write your name after --as' });
  const keyFile = resolve(file);
  const publicFile = `${keyFile}.pub`;
  const made = !existsSync(keyFile);
  if (made) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeSecret(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  }
  if (!made) assertKeyFile(keyFile);
  const login: Login = { kind: 'key', subject, keyFile };
  const publicKey = publicPemOf(login);
  if (!existsSync(publicFile)) writing(publicFile, () => writeFileSync(publicFile, publicKey));
  writeLogin(login);
  return { subject, keyFile, publicFile, publicKey, made };
}

function assertKeyFile(file: string): void {
  const anotherFile = 'name another file, or one that is not there yet: then a key is made';
  if (statSync(file).isDirectory()) throw loginFailed(`${file} is a folder`, { remedy: anotherFile });
  assertOwnKey(file);
  try {
    privateKeyOf(readFileSync(file, 'utf8'));
  } catch (cause) {
    const expected = 'an unencrypted Ed25519 or P-256 private key (PEM)';
    const message = `nobody can sign with ${file}`;
    throw loginFailed(message, { expected, got: whatIsWrong(cause), remedy: anotherFile, cause });
  }
}

function loginFailed(message: string, details: ReleaseEngineErrorDetails): ReleaseEngineError {
  return new ReleaseEngineError('login-failed', message, details);
}

export function publicPemOf(login: Login): string {
  return createPublicKey(keyOf(login).key).export({ format: 'pem', type: 'spki' }).toString();
}
