/** The keys that sign what people get: RS256 as Entra's, several published at a time, rolled over on demand. */
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, calculateJwkThumbprint, type CryptoKey, type JWK } from 'jose';
import { readOrCreateJson, writeFileAtomically } from '../store/write-file.ts';

const ALGORITHM = 'RS256';
const MODULUS_BITS = 2048;

export interface SigningKey {
  readonly kid: string;
  readonly key: CryptoKey;
}

interface KeyFile {
  /** Index of the key in use; those before it have been used, the one after it will be. */
  readonly current: number;
  readonly keys: readonly JWK[];
}

export class SigningKeys {
  readonly #path: string;
  /** Made at the first use: two RSA keys would slow down every start for the sake of the few that sign people in. */
  #file: Promise<KeyFile> | undefined;

  constructor(dir: string) {
    this.#path = join(dir, 'sign-in-keys.json');
  }

  async current(): Promise<SigningKey> {
    const { current, keys } = await this.#open();
    const jwk = keys[current];
    if (jwk === undefined) throw new Error(`acr-emulator: ${this.#path} has no key number ${current}`);
    return { kid: jwk.kid ?? '', key: (await importJWK(jwk, ALGORITHM)) as CryptoKey };
  }

  /** The public halves of all keys: used, in use, and next. */
  async published(): Promise<JWK[]> {
    const { keys } = await this.#open();
    return keys.map(({ kty, n, e, kid, use, alg }) => ({ kty, n, e, kid, use, alg }) as JWK);
  }

  /** The next key comes into use, and another one is published to follow it; what the old one signed still verifies. */
  rotate(): Promise<void> {
    return this.#change(async ({ current, keys }) => ({ current: current + 1, keys: [...keys, await generateKey()] }));
  }

  /** Used keys are no longer published; what they signed no longer verifies. */
  retire(): Promise<void> {
    return this.#change(({ current, keys }) => ({ current: 0, keys: keys.slice(current) }));
  }

  #open(): Promise<KeyFile> {
    this.#file ??= readOrCreateJson<KeyFile>(this.#path, async () => ({
      current: 0,
      keys: await Promise.all([generateKey(), generateKey()]),
    }));
    return this.#file;
  }

  async #change(change: (file: KeyFile) => KeyFile | Promise<KeyFile>): Promise<void> {
    const changed = this.#open().then(async (file) => {
      const next = await change(file);
      writeFileAtomically(this.#path, `${JSON.stringify(next, undefined, 2)}\n`);
      return next;
    });
    this.#file = changed;
    await changed;
  }
}

async function generateKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true, modulusLength: MODULUS_BITS });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg: ALGORITHM };
}
