/**
 * The parts of an archive that histories imply: the release and its promotions as plain documents, plans in the spelling that their
 * digest is of, signed statements as they were sent. An export writes them, and whoever verifies makes them again and compares.
 */
import type { ReleaseInput, ReleaseResult } from '../contract/release-workflow.ts';
import { canonicalJson } from '../content/canonical-json.ts';
import { recordOf } from '../content/json-object.ts';
import { unreadable } from './evidence-error.ts';
import { type History, readHistory } from './history.ts';
import { type Entering, historyAt, historyPath, type Part, promotionPath, RELEASE, RELEASE_HISTORY } from './layout.ts';
import { promotionRun, type PromotionRun } from './promotion-run.ts';

/** A history as it lies in an archive. */
export function historyPart(path: string, json: unknown): Part {
  return { path, bytes: Buffer.from(canonicalJson(json)) };
}

export interface KeptPromotion extends Entering {
  readonly history: History;
  readonly run: PromotionRun;
  /** Present where a roll-back brought the version there again. */
  readonly rollback?: History;
}

/** A roll-back that has led away from the version, in its order among those of that environment. */
export interface TakenAway extends Entering {
  readonly history: History;
}

export interface KeptRelease {
  readonly history: History;
  readonly input: ReleaseInput;
  /** Undefined: it had not ended. */
  readonly result?: ReleaseResult;
  /** In the order in which the release has entered their environments. */
  readonly promotions: readonly KeptPromotion[];
  readonly takenAway: readonly TakenAway[];
}

/** Which version ran when it began, of a roll-back that has ended and came to a promotion; undefined: it led away from none. */
export function ledAwayFrom({ activities, result }: History): string | undefined {
  if (recordOf(result)['promotion'] === undefined) return undefined;
  const { current } = recordOf(activities.findLast((one) => one.activity === 'findKnownGood')?.answer);
  return typeof current === 'string' && current !== recordOf(result)['to'] ? current : undefined;
}

/** Digest of the one image that it is about; undefined: it never came to one. */
export function imageIn({ result, promotions }: KeptRelease): string | undefined {
  return result?.image?.digest ?? promotions[0]?.run.input.image.digest;
}

/** Throws `evidence-unreadable` where there is no history of a release, or one is none. */
export function releaseIn(parts: readonly Part[]): KeptRelease {
  const at = new Map(parts.map((part) => [part.path, part]));
  const history = historyFrom(at.get(RELEASE_HISTORY));
  if (history?.workflow !== 'release') throw unreadable('it has no history of a release');
  const promotions = parts.flatMap(({ path }): readonly KeptPromotion[] => {
    const place = historyAt(path);
    if (place?.kind !== 'promotion') return [];
    const { environment, number } = place;
    const own = historyFrom(at.get(path)) as History;
    const rollback = historyFrom(at.get(historyPath(place, 'rollback')));
    const kept = { environment, number, history: own, run: promotionRun(own) };
    return [{ ...kept, ...(rollback === undefined ? {} : { rollback }) }];
  });
  const takenAway = parts.flatMap(({ path }): readonly TakenAway[] => {
    const place = historyAt(path);
    if (place?.kind !== 'away') return [];
    return [{ environment: place.environment, number: place.number, history: historyFrom(at.get(path)) as History }];
  });
  return {
    history,
    input: recordOf(history.input) as unknown as ReleaseInput,
    ...(history.result === undefined ? {} : { result: history.result as ReleaseResult }),
    promotions: inOrder(promotions, history),
    takenAway: inOrder(takenAway, history),
  };
}

function inOrder<One extends Entering>(all: readonly One[], { children }: History): readonly One[] {
  const entered = children.map(({ workflowId }) => workflowId.split('/').at(-1));
  const place = ({ environment }: Entering): number => entered.indexOf(environment);
  return all.toSorted((a, b) => place(a) - place(b) || a.number - b.number);
}

/** Everything that follows from the histories. */
export function derivedParts(release: KeptRelease): readonly Part[] {
  return [jsonPart(RELEASE, releaseDocument(release)), ...release.promotions.flatMap(promotionParts)];
}

function releaseDocument({ input, result, promotions, takenAway }: KeptRelease): object {
  const { service, version, image, manifests, requestedBy } = input;
  return {
    ...{ format: 1, service, version, requestedImage: image, manifests, requestedBy },
    ...(result === undefined ? {} : { image: result.image, outcome: result.outcome }),
    promotions: promotions.map(({ environment, number, run }) => ({ environment, number, runId: run.runId })),
    ...(takenAway.length === 0 ? {} : { takenAway: takenAway.map(awayDocument) }),
  };
}

function awayDocument({ environment, history: { input, result, runId, endedAt } }: TakenAway): object {
  const { reason, requestedBy } = recordOf(input);
  const { to, outcome } = recordOf(result);
  return { environment, runId, to, reason, requestedBy, outcome, endedAt };
}

function promotionParts({ run, ...entering }: KeptPromotion): readonly Part[] {
  const { plan, planDigest, admitted, approvals, overrides, outcome, steps, input, runId, startedAt, endedAt } = run;
  const { service, version, environment, image, manifests, requestedBy, rollback } = input;
  const document = {
    ...{ format: 1, service, version, environment, image, manifests, requestedBy, rollback, runId, startedAt, endedAt },
    ...{ planDigest, policyVersion: plan?.policyVersion, admitted, outcome, steps },
  };
  const statements = [...approvals, ...overrides].flatMap(({ statement }) => statement ?? []);
  return [
    jsonPart(promotionPath(entering, 'promotion.json'), document),
    ...(plan === undefined ? [] : [jsonPart(promotionPath(entering, 'plan.json'), plan)]),
    jsonPart(promotionPath(entering, 'approvals.json'), { approvals, overrides }),
    ...statements.map((jws, at) => ({
      path: promotionPath(entering, `statements/${at + 1}.jws`),
      bytes: Buffer.from(jws),
    })),
  ];
}

function jsonPart(path: string, value: unknown): Part {
  return { path, bytes: Buffer.from(canonicalJson(value)) };
}

function historyFrom(part: Part | undefined): History | undefined {
  if (part === undefined) return undefined;
  try {
    return readHistory(JSON.parse(Buffer.from(part.bytes).toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable('a history in it is no JSON', part.path);
    throw error;
  }
}
