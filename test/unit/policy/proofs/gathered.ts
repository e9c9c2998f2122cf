/** Statements as they come from the port, verified and not yet judged. */
import { digestOf } from '../../../../src/content/digest-of.ts';
import type { Image } from '../../../../src/domain/image-reference.ts';
import type { Gathered } from '../../../../src/policy/proofs/index.ts';
import type { Attestation, Unheard } from '../../../../src/ports/signatures.ts';

export const NOW = new Date('2026-11-30T12:00:00Z');
export const IMAGE: Image = { repository: 'iam', digest: digestOf(Buffer.from('the image')) };

export function stated(predicateType: string, predicate: unknown, signer = 'builder'): Attestation {
  const digest = digestOf(Buffer.from(JSON.stringify([predicateType, predicate, signer])));
  return {
    artefact: { digest, form: 'bundle' },
    ...{ predicateType, predicate: predicate as Attestation['predicate'], by: `key ${signer}.pub`, signers: [signer] },
  };
}

export function gathered(statements: readonly Attestation[], unheard: readonly Unheard[] = []): Gathered {
  return { image: IMAGE, registry: 'dev.example.test', at: NOW, statements, unheard };
}

export function unheard(reason: Unheard['reason'], why: string, predicateType?: string): Unheard {
  const digest = digestOf(Buffer.from(`${reason} ${why}`));
  return {
    artefact: { digest, form: 'bundle' },
    reason,
    why,
    ...(predicateType === undefined ? {} : { predicateType }),
  };
}
