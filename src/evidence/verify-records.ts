/** Whether each environment has signed that it promoted what the histories say, by its own key: the one word about that which is not the engine's. */
import { shortDigest } from '../domain/digest.ts';
import type { Attestation } from '../ports/signatures.ts';
import type { KeptPromotion, KeptRelease } from './derived.ts';
import { type Finding, missing, proven, unproven, wrong } from './findings.ts';
import type { KeptRegistry } from './kept-registry.ts';
import { registryPath } from './layout.ts';
import { PROMOTION_PREDICATE, type PromotionPredicate } from './record-predicate.ts';
import { plannedImage, readPromotion } from './record-statement.ts';
import { statementsIn } from './statements-in.ts';
import type { EvidenceTrust } from './trust.ts';
import { nameOf } from './verify-release.ts';
import { registryFor } from './verify-signatures.ts';

type Registries = ReadonlyMap<string, KeptRegistry>;

export async function verifyRecords(
  { promotions }: KeptRelease,
  registries: Registries,
  trust: EvidenceTrust,
): Promise<readonly Finding[]> {
  const released = promotions.filter(({ run }) => run.outcome?.kind === 'released');
  const found = await Promise.all(released.map((one) => recordFindings(one, registries, trust)));
  return found.flat();
}

async function recordFindings(
  kept: KeptPromotion,
  registries: Registries,
  trust: EvidenceTrust,
): Promise<readonly Finding[]> {
  const { environment } = kept;
  const details = { where: registryPath(environment), environment };
  const about = `${nameOf(kept)} is recorded by ${environment} itself`;
  const isDemanded = trust.demandsRecord(environment);
  const registry = registryFor(environment, registries);
  if (registry === undefined)
    return isDemanded ? [missing('record', about, 'nothing of its registry is here', details)] : [];
  try {
    const { reader, image } = registry;
    const heard = await trust.records.attestations(reader, image, [PROMOTION_PREDICATE]);
    const own = heard.filter((one) => one.signers.includes(environment)).flatMap((one) => recordOfRun(one, kept));
    const [good] = own.filter(({ faults }) => faults.length === 0);
    if (good !== undefined) {
      const when = `${shortDigest(good.digest)}, promoted at ${good.record.promotedAt}`;
      return [proven('record', `${about} (${when})`, { ...details, by: `${environment} (${good.by})` })];
    }
    const faults = own.flatMap((one) => one.faults.map((fault) => `${one.digest}: ${fault}`));
    if (faults.length > 0) return [wrong('record', about, faults.join('; '), details)];
    if (isDemanded) return [missing('record', about, 'no record of it is signed by its key', details)];
    return await unheard(registry, about, details);
  } catch (error) {
    return [wrong('record', about, error instanceof Error ? error.message : String(error), details)];
  }
}

interface RecordOfRun {
  readonly digest: string;
  readonly by: string;
  readonly record: PromotionPredicate;
  readonly faults: readonly string[];
}

/** None where it is the record of another promotion: an image may pass an environment more than once. */
function recordOfRun(
  { predicate, artefact, by }: Attestation,
  { environment, run }: KeptPromotion,
): readonly RecordOfRun[] {
  const record = readPromotion(predicate);
  if (record === undefined || record.workflow.runId !== run.runId) return [];
  const { plan, planDigest, input, approvals } = run;
  const differs = (what: string, said: unknown, expected: unknown): readonly string[] =>
    said === expected ? [] : [`it says ${what} ${String(said)}, and the histories ${String(expected)}`];
  const signed = new Set(record.decision?.approvals.flatMap((one) => one.statement ?? []) ?? []);
  const known = new Set(approvals.flatMap((one) => one.statement ?? []));
  const faults = [
    ...differs('environment', record.to.environment, environment),
    ...differs('service', record.service, input.service),
    ...differs('version', record.version, input.version),
    ...differs('plan', record.plan.digest, planDigest),
    ...differs('image', plannedImage(record), plan?.image.digest),
    ...differs('manifests', record.effects.manifests, plan?.manifests),
    ...differs('requested by', record.requestedBy, input.requestedBy),
    ...[...signed].filter((one) => !known.has(one)).map(() => 'it rests on an answer that the histories do not have'),
  ];
  return [{ digest: artefact.digest, by, record, faults }];
}

/** There are records, and the trust file says nothing of whose they are. */
async function unheard(
  registry: KeptRegistry,
  about: string,
  details: Pick<Finding, 'where' | 'environment'>,
): Promise<readonly Finding[]> {
  const kept = await statementsIn(registry);
  if (!kept.some(({ predicateType }) => predicateType === PROMOTION_PREDICATE)) return [];
  return [unproven('record', about, 'the trust file names no key of its records', details)];
}
