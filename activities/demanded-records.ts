/** Whether other environments say, signed with their own keys, that they promoted this very image. */
import type { PromotionPlan } from '../src/contract/plan.ts';
import type { ProofVerdict } from '../src/domain/proof.ts';
import { PROMOTION_PREDICATE } from '../src/evidence/record-predicate.ts';
import { recordVerdict } from '../src/evidence/record-verdict.ts';
import type { RegistryReader } from '../src/ports/registry-reader.ts';
import { imageOf, type Zone } from './zone.ts';

/** One verdict for each record that is demanded. What goes back is asked for none: it ran well here before. */
export async function judgeRecords(
  { rulebook, environment, ports }: Zone,
  plan: PromotionPlan,
  registry: RegistryReader,
): Promise<readonly ProofVerdict[]> {
  const rules = rulebook.environments[environment]?.proofs?.records ?? [];
  if (rules.length === 0 || plan.rollback === true) return [];
  const image = imageOf(plan);
  const [heard, referrers] = await Promise.all([
    ports.recorders?.attestations(registry, image, [PROMOTION_PREDICATE]) ?? [],
    registry.referrers(image.repository, image.digest),
  ]);
  const facts = { image, service: plan.service, host: registry.host, heard, referrers };
  return rules.map((rule) => recordVerdict(rule, facts));
}
