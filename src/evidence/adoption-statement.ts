/**
 * What an environment says of a service that it has taken into management as it ran: an in-toto statement with a predicate type of its own,
 * so that nobody takes it for a promotion (ADR 0061). Additive only.
 */
import { z } from 'zod';
import type { Adopted, Adoption, AdoptionWord } from '../contract/adoption-workflow.ts';
import { DIGEST_FORM, hexOf, parseDigest } from '../domain/digest.ts';
import { STATEMENT_TYPE } from './record-statement.ts';

/** Changes when a member changes its meaning; added members change nothing. */
export const ADOPTION_PREDICATE = 'https://sluice.dev/adoption/v1';

const adoptionPredicate = z.object({
  outcome: z.literal('adopted'),
  service: z.string(),
  version: z.string(),
  environment: z.string(),
  adoptedAt: z.string(),
  found: z.string().regex(new RegExp(DIGEST_FORM)),
});

export type AdoptionPredicate = z.infer<typeof adoptionPredicate>;

export interface SignedBy {
  readonly workflow: { readonly id: string; readonly runId: string };
  readonly engine: { readonly name: string; readonly version: string };
}

/** Who has adopted it and why, what was found, whole, and what was signed for it. It claims no gate, no approval and no history. */
export function adoptionStatement(
  adoption: Adoption,
  { by, at, reason, proof, found, unproven }: Adopted,
  { statement: { statement } }: AdoptionWord,
  signedBy: SignedBy,
): object {
  const { service, version, environment, image, registry } = adoption;
  const predicate = {
    ...{ outcome: 'adopted', service, version, environment, adoptedAt: at, found },
    adoptedBy: {
      ...{ name: by, reason },
      ...(proof === undefined ? {} : { proof }),
      ...(statement === undefined ? {} : { statement }),
    },
    ...(unproven === undefined ? {} : { unproven }),
    content: adoption,
    ...signedBy,
  };
  const subject = [{ name: `${registry}/${image.repository}`, digest: { sha256: hexOf(parseDigest(image.digest)) } }];
  return { _type: STATEMENT_TYPE, subject, predicateType: ADOPTION_PREDICATE, predicate };
}

/** Undefined: it is no adoption of this form, whoever signed it. */
export function readAdoption(predicate: unknown): AdoptionPredicate | undefined {
  const read = adoptionPredicate.safeParse(predicate);
  return read.success ? read.data : undefined;
}
