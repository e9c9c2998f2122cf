/** From the keys of records in a configuration to whoever verifies and signs: the same for workers and for the command line. */
import type { TokenCredential } from '@azure/core-auth';
import { createFileSigner } from '../adapters/record-signer/file/create-file-signer.ts';
import { createKeyVaultSigner } from '../adapters/record-signer/key-vault/create-key-vault-signer.ts';
import { createCosignSignatures } from '../adapters/signatures/cosign/cosign-signatures.ts';
import type { Config, RecordKey } from '../config/config.ts';
import { readSecret } from '../config/secrets.ts';
import type { RecordSigner } from '../ports/record-signer.ts';
import type { Signatures } from '../ports/signatures.ts';
import { revocationsOf } from './signatures.ts';

/** By the names of environments. Their keys vouch for records and for nothing else, so they are no signers among the others. */
export function recordersOf(config: Config): Signatures | undefined {
  const known = Object.entries(config.records);
  if (known.length === 0) return undefined;
  const keys = known.map(([name, { file, pem }]) => [name, [{ kind: 'key' as const, file, pem }]] as const);
  return createCosignSignatures(Object.fromEntries(keys), revocationsOf(config));
}

/** Reads no key and connects nothing: each signature does. */
export function recordSigner(key: RecordKey, publicKey: string, credential: TokenCredential): RecordSigner {
  if (key.kind === 'vault') return createKeyVaultSigner({ url: key.url, credential, publicKey });
  const place = key.kind === 'variable' ? `variable ${key.name}` : key.path;
  return createFileSigner({ place, readKey: () => readSecret(key), publicKey });
}
