/** The written form of a trust file: the parts of sluice.yaml that say whose word counts, for whoever looks at evidence and has nothing else. */
import { z } from 'zod';
import { writtenApproval, writtenApprovalPolicy, writtenApprovers, writtenIdentity } from './written-approvals.ts';
import { writtenSignatureRule } from './written-proofs.ts';
import { writtenSignerOrNobody } from './written-signers.ts';
import { writtenStatements } from './written-statements.ts';

const text = (what: string) => z.string().min(1).describe(what);

const environment = z.strictObject({
  proofs: z
    .strictObject({
      signatures: writtenSignatureRule.describe('By whom the image must be signed.').optional(),
      ...writtenStatements.shape,
      manifests: writtenSignatureRule.describe("Whose signatures the manifests need (default: nobody's).").optional(),
    })
    .describe(
      'What must be proven of the image and its manifests, as at the moment in which it was let in; docs/proofs.md.',
    )
    .optional(),
  approvals: z
    .array(writtenApproval)
    .max(10)
    .describe('Who must have agreed, whatever the plan asked for (default: whom the plan asked).')
    .optional(),
  approvalPolicy: writtenApprovalPolicy.describe('In which order, and who may have answered as well.').optional(),
  records: z
    .strictObject({
      publicKey: text('PEM file of the key by which its records are verified; each promotion must have one.'),
    })
    .describe('Whose records are demanded.')
    .optional(),
});

export const writtenTrustFile = z.strictObject({
  version: z.literal(1).describe('Version of this grammar.'),
  trust: z
    .strictObject({
      signatures: writtenSignerOrNobody.describe('Whose signatures count where nothing else is written.').optional(),
      signers: z
        .record(z.string(), writtenSignerOrNobody)
        .describe('Signers by name; [] for one of whom nothing is verified here.')
        .optional(),
      revoked: text('YAML file of what is revoked, relative to this file; docs/proofs.md.').optional(),
      approvers: writtenApprovers.optional(),
      identity: writtenIdentity
        .extend({ keys: text("JSON file of the issuer's public keys (a JWK set), relative to this file.") })
        .describe('People who signed in with an identity provider, and its keys of that time.')
        .optional(),
    })
    .describe('Whose word counts.'),
  environments: z.record(z.string(), environment).describe('What is demanded, by environment.').optional(),
});

export type WrittenTrustFile = z.infer<typeof writtenTrustFile>;
