/** Whether the histories of an archive are those of one release, whole, and whether everything in them names the same content. */
import type { PromotionPlan } from '../contract/plan.ts';
import type { PromotionResult } from '../contract/promotion-workflow.ts';
import { canonicalJson } from '../content/canonical-json.ts';
import { digestOfJson } from '../content/digest-of.ts';
import { recordOf } from '../content/json-object.ts';
import { ROLLBACK } from '../contract/rollback-workflow.ts';
import { promotionId, rollbackId } from '../contract/workflow-ids.ts';
import { shortDigest } from '../domain/digest.ts';
import { derivedParts, imageIn, type KeptPromotion, type KeptRelease, ledAwayFrom, type TakenAway } from './derived.ts';
import { type EvidenceIndex } from './evidence-index.ts';
import { type Finding, missing, proven, unproven, wrong } from './findings.ts';
import { historyAt, historyPath, type Part, promotionPath, RELEASE, RELEASE_HISTORY } from './layout.ts';

/** Everything but what people and keys have signed. */
export function verifyRelease(parts: readonly Part[], index: EvidenceIndex, release: KeptRelease): readonly Finding[] {
  return [
    ...spellingFindings(parts, release),
    ...derivedFindings(parts, release),
    ...releaseFindings(index, release),
    ...release.promotions.flatMap((one) => [...historyFindings(release, one), ...planFindings(release, one)]),
    ...release.takenAway.flatMap((one) => awayFindings(release, one)),
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

function releaseFindings(index: EvidenceIndex, release: KeptRelease): readonly Finding[] {
  const { input, result, history, promotions } = release;
  const { service, version } = input;
  const about = `release ${service} ${version}`;
  const at = { where: RELEASE_HISTORY };
  if (index.service !== service || index.version !== version)
    return [wrong('release', about, `the index is of ${index.service} ${index.version}`, at)];
  const absent = history.children.flatMap(({ workflowId, runId }) => {
    if (!workflowId.startsWith('promotion/')) return [];
    const kept = promotions.find((one) => one.number === 1 && one.run.runId === runId);
    const isThere = kept !== undefined && workflowId === promotionId(service, version, kept.environment);
    return isThere ? [] : [wrong('history', about, `the history of ${workflowId} is missing`, at)];
  });
  if (result === undefined)
    return [...absent, missing('release', about, 'it had not ended when this was exported', at)];
  const differing = (result.promotions ?? []).flatMap((said) => differenceIn(said, promotions));
  const findings = [
    ...differing.map(({ environment, why }) => wrong('release', about, why, { ...at, environment })),
    ...notReleased(release).map((why) => wrong('release', about, why, at)),
  ];
  const image = result.image === undefined ? 'no image' : shortDigest(result.image.digest);
  const ended = proven('release', `${about} (${image}) ended ${endInWords(release)}`, at);
  return [...absent, ...(findings.length === 0 ? [ended] : findings)];
}

/** "Released" is said of a whole way: every environment on it must have let it in, and nothing else may have happened there. */
function notReleased({ history, result }: KeptRelease): readonly string[] {
  if (result?.outcome.kind !== 'released') return [];
  const entered = result.promotions ?? [];
  const others = entered.filter((one) => one.outcome.kind !== 'released').map((one) => one.environment);
  const path = history.activities.flatMap(({ activity, answer }) => {
    const way = activity === 'readJourney' ? recordOf(answer)['path'] : undefined;
    return Array.isArray(way) ? (way as readonly unknown[]).map(String) : [];
  });
  const skipped = path.filter((name) => !entered.some((one) => one.environment === name));
  return [
    ...(entered.length === 0 ? ['it says that it was released, and has entered no environment'] : []),
    ...others.map((name) => `it says that it was released, and ${name} has not taken it`),
    ...skipped.map((name) => `it says that it was released, and has never entered ${name}`),
  ];
}

/** What is proven here are environments; how the engine has worded it proves nothing. */
function endInWords({ result, promotions }: KeptRelease): string {
  const { kind, reason } = result?.outcome ?? { kind: 'not yet', reason: '' };
  if (kind !== 'released') return `${kind}: ${reason}`;
  return `${kind} in ${promotions.flatMap((one) => (one.number === 1 ? [one.environment] : [])).join(', ')}`;
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
  const { environment, number, run } = kept;
  const { service, version } = release.input;
  const details = { where: historyPath(kept, 'promotion'), environment };
  const about = nameOf(kept);
  const { input } = run;
  if (input.service !== service || input.version !== version || input.environment !== environment)
    return [wrong('history', about, `it is of ${input.service} ${input.version} → ${input.environment}`, details)];
  const faults = [
    ...(number === 1 ? faultsOfChild(release, kept) : faultsOfRollback(release, kept)),
    ...(input.image.digest === imageIn(release) ? [] : [`it is of another image: ${input.image.digest}`]),
  ];
  return faults.map((why) => wrong('history', about, why, details));
}

/** Only a roll-back is asked less than what enters for the first time. */
function faultsOfChild({ history: release }: KeptRelease, { run, history, rollback }: KeptPromotion) {
  const isChild =
    history.parent?.runId === release.runId && release.children.some((child) => child.runId === run.runId);
  const isRollback = rollback !== undefined || run.input.rollback !== undefined || run.plan?.rollback !== undefined;
  return [
    ...(isChild ? [] : ['another release than this one has started it']),
    ...(isRollback ? ['it passes for a roll-back, and is the first one that brought it there'] : []),
  ];
}

function faultsOfRollback(
  { promotions, input: { service } }: KeptRelease,
  { environment, number, run, history: { parent }, rollback }: KeptPromotion,
): readonly string[] {
  const hasBefore = promotions.some((one) => one.environment === environment && one.number === number - 1);
  const id = rollbackId(service, environment);
  const asked = recordOf(rollback?.input);
  const isStarted =
    rollback?.workflow === ROLLBACK &&
    rollback.runId === parent?.runId &&
    rollback.children.some((one) => one.runId === run.runId);
  const isOurs = parent?.workflowId === id && asked['service'] === service && asked['environment'] === environment;
  const isRollback = run.input.rollback !== undefined && (run.plan === undefined || run.plan.rollback === true);
  return [
    ...(hasBefore ? [] : [`promotion number ${number - 1} is missing`]),
    ...(isStarted && isOurs ? [] : ['the roll-back that started it is missing']),
    ...(isRollback ? [] : ['it is no roll-back, and not the first one that brought it there']),
  ];
}

/** A roll-back that says itself that this version ran there when it began. */
function awayFindings(release: KeptRelease, away: TakenAway): readonly Finding[] {
  const { environment, number, history } = away;
  const { service, version } = release.input;
  const { to, outcome } = recordOf(history.result);
  const { service: asked, environment: where, requestedBy } = recordOf(history.input);
  const about = `roll-back of ${environment} away from ${version}`;
  const details = { where: historyPath(away, 'away'), environment };
  const isOurs = history.workflow === ROLLBACK && asked === service && where === environment;
  const isEntered = release.promotions.some((one) => one.environment === environment);
  const before = release.takenAway.some((one) => one.environment === environment && one.number === number - 1);
  if (!isOurs || !isEntered || ledAwayFrom(history) !== version || !(number === 1 || before))
    return [wrong('history', about, 'it is none of this version, or not all of them are here', details)];
  const how = `to ${String(to)}, for ${String(requestedBy)}, ended ${String(recordOf(outcome)['kind'])}`;
  return [unproven('history', `${about} ${how}`, 'told by the histories alone', details)];
}

/** A history under a name that belongs to none of its promotions; the spelling of those that do. */
function spellingFindings(parts: readonly Part[], { promotions, takenAway }: KeptRelease): readonly Finding[] {
  return parts.flatMap(({ path, bytes }) => {
    if (!path.startsWith('histories/')) return [];
    const place = historyAt(path);
    const isNamed =
      place === undefined ||
      (place.kind === 'away' ? takenAway : promotions).some(
        (one) => one.environment === place.environment && one.number === place.number,
      );
    const isSpelt = Buffer.from(canonicalJson(JSON.parse(Buffer.from(bytes).toString('utf8')))).equals(bytes);
    const why = isNamed ? 'it is not written as an export writes it' : 'nothing names this history';
    return isNamed && isSpelt ? [] : [wrong('history', 'what lies in the archive', why, { where: path })];
  });
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
    ...says('repository', plan.image.repository, input.image.repository),
    ...says('manifest artefact', plan.manifests, manifests),
  ];
}

/** For people. */
export function nameOf({ environment, number, run }: KeptPromotion): string {
  const what = run.input.rollback === undefined ? 'promotion into' : 'roll-back of';
  return number === 1 ? `${what} ${environment}` : `${what} ${environment} (number ${number})`;
}
