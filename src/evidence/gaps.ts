/** Where the trail breaks off: what should be there by the histories' own account, and is not. */
import { PROMOTION, type PromotionResult } from '../contract/promotion-workflow.ts';
import { RELEASE } from '../contract/release-workflow.ts';
import { ROLLBACK } from '../contract/rollback-workflow.ts';
import { recordOf } from '../content/json-object.ts';
import { groupsOfRule } from '../domain/rulebook.ts';
import type { History, Started } from './history.ts';
import { promotionRun } from './promotion-run.ts';

export const GAPS = ['no-history', 'no-end', 'no-admission', 'no-approval', 'no-record', 'no-evidence'] as const;
export type GapKind = (typeof GAPS)[number];

export interface Gap {
  readonly gap: GapKind;
  readonly workflowId: string;
  readonly runId: string;
  readonly service?: string;
  readonly version?: string;
  readonly environment?: string;
  /** One sentence. */
  readonly says: string;
}

export function gapsOf(workflowId: string, history: History): readonly Gap[] {
  const { service, version, environment } = recordOf(history.input);
  const named = Object.fromEntries(
    Object.entries({ service, version, environment }).filter((one) => typeof one[1] === 'string'),
  ) as Pick<Gap, 'service' | 'version' | 'environment'>;
  const gap = (kind: GapKind, says: string): Gap => ({ gap: kind, workflowId, runId: history.runId, ...named, says });
  if (![RELEASE, PROMOTION, ROLLBACK].includes(history.workflow)) return [];
  if (history.endedAt !== undefined && history.result === undefined)
    return [
      gap('no-end', 'it ended without an outcome: it failed or was terminated, and nobody knows what is left of it'),
    ];
  return history.workflow === PROMOTION ? promotionGaps(history, gap) : [];
}

/** What a release or a roll-back has begun, and what it did and was allowed to stands in a history of its own. */
export function promotionsOf({ children }: History): readonly Started[] {
  return children.filter(({ workflowId }) => workflowId.startsWith(`${PROMOTION}/`));
}

/** A promotion that was begun, and of which the server has nothing: it was forgotten, or somebody has deleted it. */
export function withoutHistory({ workflowId, runId }: Started): Gap {
  const [, service = '', version = '', environment = ''] = workflowId.split('/');
  const says = 'it was begun, and the server has no history of it: forgotten with time, or deleted';
  return { gap: 'no-history', workflowId, runId, service, version, environment, says };
}

/** A release that entered an environment which keeps evidence, and of which none is kept; `kept`: the workflow that should have. */
export function withoutEvidence(workflowId: string, release: History, kept: History | undefined): readonly Gap[] {
  const { service, version, promotions } = recordOf(release.result);
  const results = Array.isArray(promotions) ? (promotions as readonly PromotionResult[]) : [];
  if (release.endedAt === undefined || !results.some(keepsEvidence(release))) return [];
  const result = recordOf(kept?.result);
  if (result['kept'] === true || (kept !== undefined && kept.endedAt === undefined)) return [];
  const { message } = recordOf(result['refusal']);
  const says =
    kept === undefined ? 'nobody has kept its evidence' : `its evidence was not kept: ${String(message ?? '')}`;
  const named = { service: String(service), version: String(version) };
  return [{ gap: 'no-evidence', workflowId, runId: release.runId, ...named, says }];
}

/** As the engine said when it began; an older one keeps it where records are signed. */
function keepsEvidence({ activities }: History): (promotion: PromotionResult) => boolean {
  const { answer } = activities.find((one) => one.activity === 'readJourney') ?? {};
  const keepers = recordOf(answer)['keepsEvidence'];
  return Array.isArray(keepers) ? ({ environment }) => keepers.includes(environment) : hasRecord;
}

function hasRecord({ evidence }: PromotionResult): boolean {
  return evidence.some(({ step, facts }) => step === 'record' && facts?.['record'] !== undefined);
}

function promotionGaps(history: History, gap: (kind: GapKind, says: string) => Gap): readonly Gap[] {
  const { outcome, plan, admitted, approvals, steps } = promotionRun(history);
  if (outcome?.kind !== 'released' || plan === undefined) return [];
  const yes = approvals.filter((one) => one.decision === 'approve');
  const rules = plan.approval === undefined ? [] : groupsOfRule(plan.approval);
  const numbers = rules.map((one) => one.required);
  const least = plan.approval?.order === 'any-one' ? Math.min(...numbers) : numbers.reduce((sum, one) => sum + one, 0);
  const named = yes.filter((one) => one.proof === undefined).map((one) => one.approver);
  const record = steps.find((one) => one.step === 'record')?.facts ?? {};
  return [
    ...(admitted ? [] : [gap('no-admission', 'its environment has let nothing in for it')]),
    ...(yes.length >= least ? [] : [gap('no-approval', `${least} had to agree, and ${yes.length} did`)]),
    ...(named.length === 0 ? [] : [gap('no-approval', `nothing vouches for ${named.join(', ')}: names on trust`)]),
    ...('record' in record ? [] : [gap('no-record', 'the environment has left no signed record of it')]),
  ];
}
