/** Who made an image, read where it comes from: part of the plan, so that nobody can leave it out later. */
import type { PromotionPlan } from '../src/contract/plan.ts';
import { shortDigest } from '../src/domain/digest.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { groupsOfRule } from '../src/domain/rulebook.ts';
import { authorRefusal, authorsIn } from '../src/policy/author-policy.ts';
import { PortError } from '../src/ports/port-error.ts';
import type { RegistryReader } from '../src/ports/registry-reader.ts';
import type { Attestation } from '../src/ports/signatures.ts';
import { imageOf, sourceOf, type Zone } from './zone.ts';

/** The provenance that some environment asks for: it travels with the image. Empty where none does. */
export async function provenanceOf(
  { rulebook, ports }: Zone,
  registry: RegistryReader,
  plan: PromotionPlan,
): Promise<readonly Attestation[]> {
  const types = (rulebook.authors ?? []).map((one) => one.predicateType);
  return types.length === 0 ? [] : ports.signatures.attestations(registry, imageOf(plan), types);
}

/** Before a release starts its image is only where its path begins; what is said about it there is signed, and means the same. */
async function holderOf(zone: Zone, plan: PromotionPlan): Promise<RegistryReader> {
  const source = sourceOf(zone, plan.source);
  const { repository, digest } = imageOf(plan);
  const [first = plan.source] = zone.rulebook.services[plan.service]?.path ?? [];
  const isThere = first === plan.source || (await source.manifest(repository, digest)) !== undefined;
  return isThere ? source : sourceOf(zone, first);
}

/** The plan with the authors, where a group may not answer for its own work; refused where nobody trusted names any. */
export async function withAuthors(
  zone: Zone,
  plan: PromotionPlan,
): Promise<{ readonly ok: true; readonly plan: PromotionPlan } | { readonly ok: false; readonly refusal: Refusal }> {
  const isAsked = plan.approval !== undefined && groupsOfRule(plan.approval).some((one) => one.notAuthor === true);
  if (!isAsked) return { ok: true, plan };
  const claims = zone.rulebook.authors ?? [];
  const registry = await holderOf(zone, plan);
  const authors = authorsIn(claims, await provenanceOf(zone, registry, plan));
  if (authors.length > 0) return { ok: true, plan: { ...plan, authors } };
  const { repository, digest } = imageOf(plan);
  return { ok: false, refusal: authorRefusal(claims, `${repository}@${shortDigest(digest)}`, registry.host) };
}

const NO_RIGHT: readonly string[] = ['registry-unauthorized', 'registry-forbidden'];

/**
 * For a look ahead: an environment's identity need not have any right where the image is before it has travelled. The plan is made without
 * the authors then; the promotion itself reads them next door.
 */
export async function withAuthorsIfSeen(zone: Zone, plan: PromotionPlan): ReturnType<typeof withAuthors> {
  try {
    return await withAuthors(zone, plan);
  } catch (error) {
    const isNextDoor = plan.source === zone.rulebook.services[plan.service]?.path[0];
    if (isNextDoor || !(error instanceof PortError) || !NO_RIGHT.includes(error.code)) throw error;
    return { ok: true, plan };
  }
}
