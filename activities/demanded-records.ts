import type { PromotionPlan } from '../src/contract/plan.ts';
import type { ProofVerdict } from '../src/domain/proof.ts';
import type { RegistryReader } from '../src/ports/registry-reader.ts';
import { proveRecords } from '../src/proofs/prove-records.ts';
import { imageOf, type Zone } from './zone.ts';

/** What goes back is asked for no record of other environments: it ran well here before. */
export async function judgeRecords(
  { rulebook, environment, ports }: Zone,
  plan: PromotionPlan,
  registry: RegistryReader,
): Promise<readonly ProofVerdict[]> {
  if (plan.rollback === true) return [];
  const rules = rulebook.environments[environment]?.proofs ?? {};
  return proveRecords(ports.recorders, { registry, image: imageOf(plan), rules, service: plan.service });
}
