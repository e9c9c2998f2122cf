/** The written form of what an environment signs its promotion records with, and what others verify them by. */
import { z } from 'zod';
import { writtenSecret } from './written-secret.ts';

const text = (what: string) => z.string().min(1).describe(what);

const vaultKey = z.strictObject({
  vault: z
    .url({ protocol: /^https$/ })
    .describe('Key in an Azure Key Vault with its version: https://<vault>.vault.azure.net/keys/<name>/<version>.'),
});

export const writtenRecords = z
  .strictObject({
    key: z
      .union([...writtenSecret.options, vaultKey])
      .describe('Private key (ECDSA P-256 or Ed25519, PEM) of this environment alone; only its workers need it.'),
    publicKey: text('PEM file of its public half, relative to this file: others verify the records by it.'),
  })
  .describe(
    'With what this environment signs a record of each promotion (default: it signs none); docs/record-predicate.md.',
  );

/** One entry of `proofs.records`. */
export const writtenRecordDemand = z.strictObject({
  of: text('Environment that must have promoted this very image: its signed record is wanted.'),
});

export type WrittenRecords = z.infer<typeof writtenRecords>;
