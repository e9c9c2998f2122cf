/**
 * Where an observation may look: whoever may write to the Temporal namespace can ask for one by hand, with any plan. What is looked at is
 * what the zone's own rules say of the service, and so never another one's namespace or an address that somebody has thought of.
 */
import type { PromotionPlan } from '../../src/contract/plan.ts';
import { namespaceOf } from '../../src/domain/rulebook.ts';
import { serviceOf } from '../../src/policy/journey-policy.ts';
import { PortError } from '../../src/ports/port-error.ts';
import type { Zone } from '../zone.ts';

/** Throws `service-unknown`. */
export function ownPlan({ rulebook, environment }: Zone, plan: PromotionPlan): PromotionPlan {
  const found = serviceOf(rulebook, plan.service);
  if (!found.ok) throw new PortError(found.refusal.code, found.refusal.message, { retry: 'no', ...found.refusal });
  const { health: _, ...rest } = plan;
  const { repository, workloads, health } = found.value;
  return {
    ...rest,
    image: { ...plan.image, repository },
    namespace: namespaceOf(found.value, environment),
    workloads,
    ...(health === undefined ? {} : { health }),
  };
}
