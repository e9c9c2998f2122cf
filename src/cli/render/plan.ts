/** A forecast for people: per environment what would be done and how it would be undone. */
import type { ForecastResult } from '../../contract/release-workflow.ts';
import type { PlannedPromotion, PromotionPlan } from '../../contract/plan.ts';
import { shortDigest } from '../../domain/digest.ts';
import { groupsOfRule } from '../../domain/rulebook.ts';
import type { Paint } from '../terminal.ts';
import { renderChanges } from './changes.ts';

export function renderForecast(result: ForecastResult, paint: Paint): string {
  const parts = result.promotions.map(({ environment, answer }) =>
    answer.ok
      ? renderPlan(answer, paint)
      : [
          `${paint('bold', environment)}  ${paint('red', `refused: ${answer.refusal.message}`)} (${answer.refusal.code})`,
        ],
  );
  if (result.refusal !== undefined) parts.push([paint('red', `${result.refusal.kind}: ${result.refusal.reason}`)]);
  return parts.map((lines) => lines.join('\n')).join('\n\n');
}

function renderPlan({ plan, planDigest, baseline, changes }: PlannedPromotion, paint: Paint): readonly string[] {
  const { image, service, version, environment, approval } = plan;
  const { current } = baseline;
  const now = current === undefined ? 'nothing released by Sluice is there now' : `replaces ${current.version}`;
  const width = Math.max(...plan.steps.map((step) => step.step.length));
  return [
    `${paint('bold', environment)}  ${service} ${version}, ${image.repository}@${shortDigest(image.digest)}; ${now}`,
    `  plan ${paint('dim', planDigest)}`,
    ...(approval === undefined ? [] : groupsOfRule(approval)).map(
      ({ required, from, notAuthor }) =>
        `  needs ${required} approval(s) from ${from.join(', ')}${notAuthor === true ? ', not from whoever made the image' : ''}`,
    ),
    ...(plan.authors === undefined ? [] : [`  made by ${plan.authors.join(', ')}`]),
    ...(plan.onTopOf === undefined ? [] : [`  on top of ${plan.onTopOf}`]),
    ...plan.steps.map((step) =>
      step.skipped === undefined
        ? `  ${step.step.padEnd(width)}  ${step.does}`
        : paint('dim', `  ${step.step.padEnd(width)}  not needed: ${step.skipped}`),
    ),
    ...renderChanges(changes, paint).map((line) => `  ${line}`),
    '  undo, last step first:',
    ...undoOf(plan).map((step) => `  ${step.step.padEnd(width)}  ${step.undo}`),
  ];
}

/** Steps that only look have nothing to undo, and say so in these words. */
function undoOf({ steps }: PromotionPlan): PromotionPlan['steps'] {
  return steps.filter((step) => step.skipped === undefined && !step.undo.startsWith('nothing to undo')).toReversed();
}
