/** The written form of what an environment wants proven about an image. Each kind of proof is a key of its own. */
import { z } from 'zod';
import { writtenRecordDemand } from './written-records.ts';
import { writtenStatements } from './written-statements.ts';

const signers = (what: string) => z.array(z.string().min(1)).min(1).max(20).describe(what);

/** Names of signers, those of `trust.signers` and "signatures"; for images and for manifests. */
export const writtenSignatureRule = z.union([
  z.strictObject({ all: signers('Signers each of whom must have signed.') }),
  z.strictObject({ any: signers('Signers of whom one must have signed.') }),
]);

export const writtenProofs = z
  .strictObject({
    signatures: writtenSignatureRule
      .describe('Whose signatures an image needs (default: any of trust.signatures).')
      .optional(),
    records: z
      .array(writtenRecordDemand)
      .min(1)
      .max(20)
      .describe('Earlier environments whose signed record of having promoted the image is wanted.')
      .optional(),
    ...writtenStatements.shape,
    manifests: writtenSignatureRule
      .describe("Whose signatures the manifests need (default: nobody's); docs/manifests.md.")
      .optional(),
  })
  .describe('What must be proven about an image before it enters; docs/proofs.md.');

export type WrittenSignatureRule = z.infer<typeof writtenSignatureRule>;
export type WrittenProofs = z.infer<typeof writtenProofs>;
