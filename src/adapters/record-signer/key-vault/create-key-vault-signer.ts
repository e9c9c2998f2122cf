/** Signing with a version of a key in Azure Key Vault: the private half never leaves it. */
import { createHash } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import type { CryptographyClient } from '@azure/keyvault-keys';
import { derSignature } from '../../../content/ecdsa-signature.ts';
import { hashFor, isSignedBy, readRecordKey, spkiOf } from '../../../content/record-key.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { RecordSigner } from '../../../ports/record-signer.ts';
import { errorOfVault, unusable } from './errors.ts';

export interface KeyVaultSignerOptions {
  /** Of the version: `https://<vault>.vault.azure.net/keys/<name>/<version>`. */
  readonly url: string;
  readonly credential: TokenCredential;
  /** PEM: the other half, by which everybody else verifies. */
  readonly publicKey: string;
  /** Further certificate authorities (PEM); for a vault that is none of Azure's. */
  readonly ca?: string;
  /** A vault may ask for tokens of another domain than its own; for a vault that is none of Azure's. */
  readonly foreignChallenge?: boolean;
}

const TIMEOUT_MS = 10_000;

/** Connects nothing: the first signature does. */
export function createKeyVaultSigner(options: KeyVaultSignerOptions): RecordSigner {
  const { url } = options;
  const publicKey = readRecordKey(options.publicKey);
  let client: Promise<CryptographyClient> | undefined;
  return {
    async sign(bytes) {
      if (hashFor(publicKey) === null) throw unusable(url, 'records.publicKey is Ed25519', 'a vault signs with P-256');
      client ??= createClient(options);
      const raw = await signedBy(await client, url, createHash('sha256').update(bytes).digest());
      // a vault writes both numbers side by side, everybody else reads DER
      const signature = derSignature(raw);
      if (signature === undefined || !isSignedBy(publicKey, bytes, signature))
        throw unusable(
          url,
          'a signature that records.publicKey does not verify',
          'write the public half of that version',
        );
      return { signature, publicKey: spkiOf(publicKey) };
    },
  };
}

async function signedBy(client: CryptographyClient, url: string, digest: Uint8Array): Promise<Uint8Array> {
  try {
    const { result } = await client.sign('ES256', digest, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
    return result;
  } catch (thrown) {
    throw thrown instanceof PortError ? thrown : errorOfVault(url, thrown);
  }
}

/** Loaded when needed: most configurations name no vault. */
async function createClient({
  url,
  credential,
  ca,
  foreignChallenge = false,
}: KeyVaultSignerOptions): Promise<CryptographyClient> {
  const { CryptographyClient: Client } = await import('@azure/keyvault-keys');
  return new Client(url, credential, {
    disableChallengeResourceVerification: foreignChallenge,
    // whoever asked decides about repetition
    retryOptions: { maxRetries: 0 },
    ...(ca === undefined ? {} : { tlsOptions: { ca } }),
  });
}
