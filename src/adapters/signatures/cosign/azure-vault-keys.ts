/**
 * Public keys from Azure Key Vault (`@azure/keyvault-keys`). A version never changes, but it can be disabled: what was fetched is good for ten
 * minutes. After that the vault is asked again, and a vault that does not answer is "could not find out", not yesterday's key.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import type { KeyClient, KeyVaultKey } from '@azure/keyvault-keys';
import { PortError } from '../../../ports/port-error.ts';
import { errorOfVault, unusable } from './azure-vault-errors.ts';
import { isStrong, kindOf } from './pinned-key.ts';
import { windowOf } from './validity.ts';
import { placeOf, type VaultKey, type VaultKeys, type VaultPlace } from './vault-key.ts';

const GOOD_FOR_MS = 600_000;
const TIMEOUT_MS = 10_000;

export interface AzureVaultOptions {
  readonly credential: TokenCredential;
  /** Further certificate authorities (PEM); for a vault that is none of Azure's. */
  readonly ca?: string;
  /** A vault may ask for tokens of another domain than its own; for a vault that is none of Azure's. */
  readonly foreignChallenge?: boolean;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock?: () => number;
}

export function azureVaultKeys(options: AzureVaultOptions): VaultKeys {
  const { clock = () => performance.now() } = options;
  const known = new Map<string, { readonly key: Promise<VaultKey>; readonly at: number }>();
  const clients = new Map<string, Promise<KeyClient>>();

  async function fetchKey(place: VaultPlace): Promise<VaultKey> {
    const client = clients.get(place.vault) ?? createClient(place.vault, options);
    clients.set(place.vault, client);
    try {
      const abortSignal = AbortSignal.timeout(TIMEOUT_MS);
      return usable(place, await (await client).getKey(place.name, { version: place.version, abortSignal }));
    } catch (thrown) {
      throw thrown instanceof PortError ? thrown : errorOfVault(place, thrown);
    }
  }

  return async (url) => {
    const place = placeOf(url);
    const last = known.get(url);
    if (last !== undefined && clock() - last.at < GOOD_FOR_MS) return last.key;
    const key = fetchKey(place);
    known.set(url, { key, at: clock() });
    // what was not found out is asked again
    key.catch(() => known.get(url)?.key === key && known.delete(url));
    return key;
  };
}

/** Loaded when needed: most configurations name no vault. */
async function createClient(
  vault: string,
  { credential, ca, foreignChallenge = false }: AzureVaultOptions,
): Promise<KeyClient> {
  const { KeyClient } = await import('@azure/keyvault-keys');
  return new KeyClient(vault, credential, {
    disableChallengeResourceVerification: foreignChallenge,
    // whoever asked decides about repetition
    retryOptions: { maxRetries: 0 },
    ...(ca === undefined ? {} : { tlsOptions: { ca } }),
  });
}

function usable(place: VaultPlace, { key, properties }: KeyVaultKey): VaultKey {
  const { enabled, version, notBefore, expiresOn } = properties;
  if (version !== place.version) throw unusable(place, `version ${version}`, 'take the address that the vault says');
  if (enabled === false)
    throw unusable(
      place,
      'a disabled key',
      'enable it, or name another version; whoever disabled it may have had a reason',
    );
  const publicKey = publicKeyOf(key);
  if (publicKey === undefined || !isStrong(publicKey))
    throw unusable(
      place,
      publicKey === undefined ? `a key of kind ${key?.kty}` : kindOf(publicKey),
      'use ECDSA P-256 or RSA 2048',
    );
  const window = windowOf({
    ...(notBefore === undefined ? {} : { from: notBefore.toISOString() }),
    ...(expiresOn === undefined ? {} : { until: expiresOn.toISOString() }),
  });
  return { key: publicKey, ...(window === undefined ? {} : { window }) };
}

/** Only the public half is taken, whatever came. Undefined: it is no key for signatures. */
function publicKeyOf(jwk: KeyVaultKey['key']): KeyObject | undefined {
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64url');
  const kty = jwk?.kty?.replace(/-HSM$/, '');
  try {
    if (kty === 'EC') {
      const point = { kty, crv: jwk?.crv ?? '', x: text(jwk?.x), y: text(jwk?.y) };
      return createPublicKey({ format: 'jwk', key: point });
    }
    if (kty === 'RSA') return createPublicKey({ format: 'jwk', key: { kty, n: text(jwk?.n), e: text(jwk?.e) } });
  } catch {
    return undefined;
  }
  return undefined;
}
