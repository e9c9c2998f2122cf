/** Whether other environments say, signed with their own keys, that they promoted this very image. */
import type { ProofVerdict } from '../domain/proof.ts';
import { PROMOTION_PREDICATE } from '../evidence/record-predicate.ts';
import { recordVerdict } from '../evidence/record-verdict.ts';
import type { Signatures } from '../ports/signatures.ts';
import type { Question } from './prove-image.ts';

/** One verdict for each record that is demanded. `recorders` knows environments by their keys; undefined: it knows none. */
export async function proveRecords(
  recorders: Signatures | undefined,
  { registry, image, rules, service }: Omit<Question, 'at'> & { readonly service: string },
): Promise<readonly ProofVerdict[]> {
  const demanded = rules.records ?? [];
  if (demanded.length === 0) return [];
  const [heard, referrers] = await Promise.all([
    recorders?.attestations(registry, image, [PROMOTION_PREDICATE]) ?? [],
    registry.referrers(image.repository, image.digest),
  ]);
  return demanded.map((rule) => recordVerdict(rule, { image, service, host: registry.host, heard, referrers }));
}
