/** Whether the histories of an archive are those of one release, whole, and whether everything in them names the same content. */
import type { PromotionPlan } from '../contract/plan.ts';
import type { PromotionResult } from '../contract/promotion-workflow.ts';
import { canonicalJson } from '../content/canonical-json.ts';
import { digestOfJson } from '../content/digest-of.ts';
import { shortDigest } from '../domain/digest.ts';
import { derivedParts, type KeptPromotion, type KeptRelease } from './derived.ts';
import { type EvidenceIndex } from './evidence-index.ts';
import { type Finding, missing, proven, wrong } from './findings.ts';
import { historyPath, type Part, promotionPath, RELEASE, RELEASE_HISTORY } from './layout.ts';

/** Everything but what people and keys have signed. */
export function verifyRelease(parts: readonly Part[], index: EvidenceIndex, release: KeptRelease): readonly Finding[] {
  return [
    ...derivedFindings(parts, release),
    ...releaseFindings(index, release),
    ...release.promotions.flatMap((one) => [...historyFindings(release, one), ...planFindings(release, one)]),
  ];
}

/** Documents that say another thing than the histories from which they are made. */
function derivedFindings(parts: readonly Part[], release: KeptRelease): readonly Finding[] {
  const found = new Map(parts.filter(isDerived).map((part) => [part.path, part.bytes]));
  const made = new Map(derivedParts(release).map((part) => [part.path, part.bytes]));
  const paths = [...new Set([...found.keys(), ...made.keys()])].toSorted();
  const differing = paths.filter((path) => !isSame(found.get(path), made.get(path)));
  if (differing.length === 0) return [proven('history', 'documents and statements are those of the histories')];
  return differing.map((path) => {
    const why = found.has(path) ? 'it is not what the histories say' : 'it is missing';
    return wrong('history', 'documents and statements are those of the histories', why, { where: path });
  });
}

function isDerived({ path }: Part): boolean {
  return path === RELEASE || path.startsWith('promotions/');
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.from(a).equals(b);
}

function releaseFindings(
  index: EvidenceIndex,
  { input, result, history, promotions }: KeptRelease,
): readonly Finding[] {
  const { service, version } = input;
  const about = `release ${service} ${version}`;
  const at = { where: RELEASE_HISTORY };
  if (index.service !== service || index.version !== version)
    return [wrong('release', about, `the index is of ${index.service} ${index.version}`, at)];
  const absent = history.children.flatMap(({ workflowId, runId }) => {
    if (!workflowId.startsWith('promotion/')) return [];
    const kept = promotions.find((one) => one.number === 1 && one.run.runId === runId);
    const isThere = kept !== undefined && workflowId === `promotion/${service}/${version}/${kept.environment}`;
    return isThere ? [] : [wrong('history', about, `the history of ${workflowId} is missing`, at)];
  });
  if (result === undefined)
    return [...absent, missing('release', about, 'it had not ended when this was exported', at)];
  const differing = (result.promotions ?? []).flatMap((said) => differenceIn(said, promotions));
  const findings = differing.map(({ environment, why }) => wrong('release', about, why, { ...at, environment }));
  const image = result.image === undefined ? 'no image' : shortDigest(result.image.digest);
  const ended = proven('release', `${about} (${image}) ended ${result.outcome.kind}: ${result.outcome.reason}`, at);
  return [...absent, ...(findings.length === 0 ? [ended] : findings)];
}

/** What the release was told of a promotion against what that promotion itself says. */
function differenceIn(
  said: PromotionResult,
  promotions: readonly KeptPromotion[],
): readonly { readonly environment: string; readonly why: string }[] {
  const { environment } = said;
  const own = promotions.find((one) => one.number === 1 && one.environment === environment);
  if (own === undefined) return [{ environment, why: `the promotion into ${environment} is missing` }];
  const isEqual = canonicalJson(own.history.result ?? null) === canonicalJson(said);
  return isEqual
    ? []
    : [{ environment, why: `the promotion into ${environment} says something else than the release` }];
}

/** Whose child it is, and that it is the one that lies under this name. */
function historyFindings(release: KeptRelease, kept: KeptPromotion): readonly Finding[] {
  const { environment, number, history, run, rollback } = kept;
  const { service, version } = release.input;
  const details = { where: historyPath(kept, 'promotion'), environment };
  const about = nameOf(kept);
  const { input } = run;
  if (input.service !== service || input.version !== version || input.environment !== environment)
    return [wrong('history', about, `it is of ${input.service} ${input.version} → ${input.environment}`, details)];
  if (number === 1) {
    const isChild = history.parent?.runId === release.history.runId;
    return isChild ? [] : [wrong('history', about, 'another release than this one has started it', details)];
  }
  const hasBefore = release.promotions.some((one) => one.environment === environment && one.number === number - 1);
  if (!hasBefore) return [wrong('history', about, `promotion number ${number - 1} is missing`, details)];
  if (!(history.parent?.workflowId ?? '').startsWith('rollback/')) return [];
  const isStarted = rollback?.children.some((one) => one.runId === run.runId) === true;
  return isStarted ? [] : [wrong('history', about, 'the roll-back that started it is missing', details)];
}

/** The plan against its digest, and everything that the plan names against the release. */
function planFindings({ input, result }: KeptRelease, kept: KeptPromotion): readonly Finding[] {
  const { environment, run } = kept;
  const { plan, planDigest, outcome } = run;
  const details = { where: promotionPath(kept, 'plan.json'), environment };
  const about = nameOf(kept);
  if (plan === undefined || planDigest === undefined) {
    if (outcome?.kind !== 'released') return [];
    return [wrong('plan', about, 'it was released without a plan', details)];
  }
  const differing = [
    ...(digestOfJson(plan) === planDigest ? [] : [`it is not the plan ${planDigest}`]),
    ...otherThings(plan, kept, input.manifests, result?.image?.digest),
    ...(outcome?.kind === 'released' && !run.admitted ? [`${environment} has not let it in with that plan`] : []),
  ];
  if (differing.length > 0) return differing.map((why) => wrong('plan', about, why, details));
  const policy = shortDigest(plan.policyVersion);
  return [
    proven('plan', `${about}: plan ${planDigest}, policy ${policy}, ended ${outcome?.kind ?? 'not yet'}`, details),
  ];
}

function otherThings(
  plan: PromotionPlan,
  { environment, run }: KeptPromotion,
  manifests: string,
  image: string | undefined,
): readonly string[] {
  const { input } = run;
  const says = (what: string, said: string, expected: string): readonly string[] =>
    said === expected ? [] : [`its ${what} is ${said}, expected ${expected}`];
  return [
    ...says('service', plan.service, input.service),
    ...says('version', plan.version, input.version),
    ...says('environment', plan.environment, environment),
    ...says('image', plan.image.digest, image ?? input.image.digest),
    ...says('image', input.image.digest, image ?? input.image.digest),
    ...says('manifest artefact', plan.manifests, manifests),
  ];
}

/** For people. */
export function nameOf({ environment, number, run }: KeptPromotion): string {
  const what = run.input.rollback === undefined ? 'promotion into' : 'roll-back of';
  return number === 1 ? `${what} ${environment}` : `${what} ${environment} (number ${number})`;
}
