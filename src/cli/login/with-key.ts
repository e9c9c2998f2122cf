/** Logging in with a key of one's own: taken as it is, or made. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { assertOwnKey } from '../../client/key-signer.ts';
import { type Login, writeLogin, writeSecret } from '../../config/login-file.ts';
import { keyOf } from './signer.ts';

export interface KeyLogin {
  readonly subject: string;
  readonly keyFile: string;
  readonly publicFile: string;
  readonly publicKey: string;
  /** The key was not there before. */
  readonly made: boolean;
}

/** Throws `login-missing` for what is no such key, `login-failed` for one that others may read. */
export function logInWithKey(file: string, subject: string): KeyLogin {
  const keyFile = resolve(file);
  const publicFile = `${keyFile}.pub`;
  const made = !existsSync(keyFile);
  if (made) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeSecret(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  }
  assertOwnKey(keyFile);
  const login: Login = { kind: 'key', subject, keyFile };
  const publicKey = publicPemOf(login);
  if (!existsSync(publicFile)) writeFileSync(publicFile, publicKey);
  writeLogin(login);
  return { subject, keyFile, publicFile, publicKey, made };
}

export function publicPemOf(login: Login): string {
  return createPublicKey(keyOf(login).key).export({ format: 'pem', type: 'spki' }).toString();
}
