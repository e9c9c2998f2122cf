/** The written form of signers: the keys and identities whose signatures count, each with the time in which it does. */
import { z } from 'zod';

const text = (what: string) => z.string().min(1).max(2_000).describe(what);
const moment = (what: string) =>
  z.iso.datetime({ offset: true }).describe(`${what} (ISO 8601 with zone, such as 2027-01-01T00:00:00Z).`);

const validity = {
  from: moment('From when it counts').optional(),
  until: moment('Until when it counts').optional(),
};

const DEMANDS = ['required', 'off'] as const;

const demands = {
  transparencyLog: z
    .enum(DEMANDS)
    .describe(
      'Whether an entry in a transparency log of the trusted root is demanded, or not looked at (default: for a certificate what the root lists, for a key off).',
    )
    .optional(),
  timestamp: z
    .enum(DEMANDS)
    .describe(
      'Whether a signed timestamp (RFC 3161) of an authority in the trusted root is demanded, or not looked at (default: for a certificate one counts if it is there, for a key off).',
    )
    .optional(),
};

const rootOfKey = text(
  'Sigstore trusted root (JSON file), relative to this file: with what logs and timestamps of a key are checked.',
).optional();

const key = z.strictObject({
  key: text('PEM file of a public key, relative to this file.'),
  ...validity,
  trustedRoot: rootOfKey,
  ...demands,
});

const vault = z.strictObject({
  vault: text('Key in Azure Key Vault, with its version: https://<vault>.vault.azure.net/keys/<name>/<version>.'),
  ...validity,
  trustedRoot: rootOfKey,
  ...demands,
});

const identity = z.strictObject({
  issuer: text('OIDC issuer of the signing certificate, exactly.'),
  subject: text('Subject of the signing certificate, exactly.').optional(),
  subjectPattern: text(
    'Instead of "subject": a pattern from ^ to $ of characters, [classes] and repetitions of them; docs/proofs.md.',
  ).optional(),
  trustedRoot: text('Sigstore trusted root (JSON file), relative to this file.'),
  ...demands,
  ...validity,
});

const notation = z.strictObject({
  notation: z
    .strictObject({
      trustPolicy: text('Trust policy of Notation (trustpolicy.json), every level strict, relative to this file.'),
      trustStore: text('Trust store of Notation (the folder that holds x509), relative to this file.'),
    })
    .describe('Signatures of the Notary Project, verified by the program "notation".'),
  ...validity,
});

const entries = z.array(z.union([key, vault, identity, notation])).max(50);

export const writtenSigner = entries.min(1);

/** Of somebody of whom nothing can be verified here: what is wanted of them is not proven. */
export const writtenSignerOrNobody = entries;

export type WrittenSignerEntry = z.infer<typeof writtenSigner>[number];
