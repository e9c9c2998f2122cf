/** Whether each environment has signed that it promoted what the histories say, by its own key: the one word about that which is not the engine's. */
import { promotionId } from '../contract/workflow-ids.ts';
import { shortDigest } from '../domain/digest.ts';
import type { Attestation } from '../ports/signatures.ts';
import type { KeptPromotion, KeptRelease } from './derived.ts';
import { type Finding, missing, proven, unproven, wrong } from './findings.ts';
import type { KeptRegistry } from './kept-registry.ts';
import { registryPath } from './layout.ts';
import { momentOf, type PromotionRun } from './promotion-run.ts';
import { PROMOTION_PREDICATE, type PromotionPredicate } from './record-predicate.ts';
import { plannedImage, readPromotion } from './record-statement.ts';
import { statementsIn } from './statements-in.ts';
import type { EvidenceTrust } from './trust.ts';
import { nameOf } from './verify-release.ts';
import { registryFor } from './verify-signatures.ts';

type Registries = ReadonlyMap<string, KeptRegistry>;

export async function verifyRecords(
  release: KeptRelease,
  registries: Registries,
  trust: EvidenceTrust,
): Promise<readonly Finding[]> {
  const found = await Promise.all([
    ...release.promotions.map((one) => recordFindings(one, registries, trust)),
    strangers(release, registries, trust),
  ]);
  return found.flat();
}

async function recordFindings(
  kept: KeptPromotion,
  registries: Registries,
  trust: EvidenceTrust,
): Promise<readonly Finding[]> {
  const { environment, run } = kept;
  const registry = registryFor(environment, registries);
  const details = { where: registryPath(registry?.content.environment ?? environment), environment };
  const about = `${nameOf(kept)} is recorded by ${environment} itself`;
  const isReleased = run.outcome?.kind === 'released';
  const isDemanded = isReleased && trust.demandsRecord(environment);
  if (registry === undefined)
    return isDemanded ? [missing('record', about, 'nothing of its registry is here', details)] : [];
  try {
    const own = (await heardFrom(environment, registry, trust)).flatMap((one) => recordOfRun(one, kept));
    const [good] = own.filter(({ faults }) => faults.length === 0);
    if (good !== undefined && !isReleased) return [endedOtherwise(run, about, details)];
    if (good !== undefined) {
      const when = `${shortDigest(good.digest)}, promoted at ${good.record.promotedAt}`;
      return [proven('record', `${about} (${when})`, { ...details, by: `${environment} (${good.by})` })];
    }
    const faults = own.flatMap((one) => one.faults.map((fault) => `${one.digest}: ${fault}`));
    if (faults.length > 0) return [wrong('record', about, faults.join('; '), details)];
    if (isDemanded) return [missing('record', about, unsigned(registry, environment), details)];
    return isReleased ? await unheard(registry, about, details) : [];
  } catch (error) {
    return [wrong('record', about, messageOf(error), details)];
  }
}

/** A record may be attached before its step fails for good and the promotion is undone (ADR 0054); whatever else ended otherwise contradicts it. */
function endedOtherwise(
  { outcome, mayBeRecorded }: PromotionRun,
  about: string,
  details: Pick<Finding, 'where' | 'environment'>,
): Finding {
  const ended = `ended ${outcome?.kind ?? 'not yet'}`;
  if (mayBeRecorded && outcome?.kind === 'rolled-back') {
    const why = `it ran well there and was recorded, which the engine never heard; only the histories say that it ${ended}`;
    return unproven('record', about, why, details);
  }
  return wrong('record', about, `it says that it was promoted, and the histories that it ${ended}`, details);
}

/** What that environment's own key has signed about the image, wherever it lies. */
async function heardFrom(
  environment: string,
  { reader, image }: KeptRegistry,
  { records }: EvidenceTrust,
): Promise<readonly Attestation[]> {
  const heard = await records.attestations(reader, image, [PROMOTION_PREDICATE]);
  return heard.filter((one) => one.signers.includes(environment));
}

/** An environment says that it promoted this very version, in a run that is not here: somebody has left its history out. */
async function strangers(
  { input, promotions }: KeptRelease,
  registries: Registries,
  { records }: EvidenceTrust,
): Promise<readonly Finding[]> {
  const known = new Set(promotions.map(({ run }) => run.runId));
  const heard = await Promise.all(
    [...registries.values()].map(({ reader, image }) =>
      // what cannot be read is said of the promotions
      records.attestations(reader, image, [PROMOTION_PREDICATE]).catch(() => []),
    ),
  );
  const missed = heard.flat().flatMap(({ predicate, signers }) => {
    const record = readPromotion(predicate);
    if (record?.service !== input.service || record.version !== input.version) return [];
    const { workflow, to } = record;
    return known.has(workflow.runId) || !signers.includes(to.environment) ? [] : [{ ...workflow, ...to }];
  });
  return [...new Map(missed.map((one) => [one.runId, one])).values()].map(({ id, runId, environment }) => {
    const why = `the history of ${id} (${runId}) is missing`;
    return wrong('record', `what ${environment} has recorded itself`, why, { environment });
  });
}

function unsigned({ content }: KeptRegistry, environment: string): string {
  const unsigned = 'no record of it is signed by its key';
  if (content.environment === environment) return unsigned;
  return `the registry of ${environment} was left out of this file, and beside the image in ${content.host} ${unsigned}; have it exported by somebody who may read that registry`;
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
    ...differs('workflow', record.workflow.id, promotionId(input.service, input.version, environment)),
    ...differs('service', record.service, input.service),
    ...differs('version', record.version, input.version),
    ...differs('plan', record.plan.digest, planDigest),
    ...differs('image', plannedImage(record), plan?.image.digest),
    ...differs('manifests', record.effects.manifests, plan?.manifests),
    ...differs('requested by', record.requestedBy, input.requestedBy),
    ...(isWithin(momentOf(run), record) ? [] : differs('admitted at', record.admittedAt, run.admittedAt)),
    ...[...signed].filter((one) => !known.has(one)).map(() => 'it rests on an answer that the histories do not have'),
  ];
  return [{ digest: artefact.digest, by, record, faults }];
}

/** Two clocks tell of it: the environment's own, and that of the engine's server. */
const CLOCKS_MS = 3_600_000;

/** Keys and reports are judged as at that moment, which nobody may move to where they still counted. */
function isWithin(moment: Date, { admittedAt, promotedAt }: PromotionPredicate): boolean {
  const at = moment.getTime();
  return at >= Date.parse(admittedAt) - CLOCKS_MS && at <= Date.parse(promotedAt) + CLOCKS_MS;
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
