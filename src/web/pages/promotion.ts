/** One leg of a release: what it asks, its steps with their evidence, its plan and how it would be undone. */
import type { ReleaseView } from '../../client/index.ts';
import type { PromotionStatus, StepStatus } from '../../contract/status.ts';
import { type Html, type Part, html } from '../html.ts';
import { type TemporalLink, questionHref } from '../links.ts';
import { renderAnswers, renderOverrides, renderRefusedAnswers } from './answers.ts';
import { stateBadge } from './badge.ts';
import { moment, span } from './moment.ts';
import { passableGates } from './passable-gates.ts';
import { renderPlan } from './plan.ts';
import { table } from './table.ts';
import { pauseInWords } from '../../domain/waiting.ts';
import { renderAttention, renderWaiting } from './waiting.ts';

export function renderPromotion(
  promotion: PromotionStatus,
  temporal: TemporalLink,
  view: Pick<ReleaseView, 'restraints'> = {},
): Html {
  const { waiting, attention, outcome, next, pausing } = promotion;
  const link = temporal(promotion.workflowId);
  return html`${
    outcome === undefined
      ? html`<p>
          ${stateBadge(promotion.phase)}${next !== undefined && !isUndone(promotion) && html`; next: ${next}`}
        </p>`
      : html`<p>${outcome.reason}</p>`
  }
  ${pausing !== undefined && html`<p>It pauses at the next safe point: ${pauseInWords(pausing)}.</p>`}
  ${attention !== undefined && renderAttention(attention)} ${waiting !== undefined && renderWaiting(waiting)}
  ${toQuestion(promotion, view)} ${renderAnswers(promotion)} ${renderRefusedAnswers(promotion)}
  ${renderOverrides(promotion)} ${renderPlan(promotion)} ${undoNow(promotion)} ${steps(promotion)}
  ${link !== undefined && html`<p><a id="temporal-${promotion.environment}" href="${link}">This promotion in Temporal</a></p>`}`;
}

/** What it would have done next it does not any more. */
function isUndone({ phase }: PromotionStatus): boolean {
  return phase === 'undoing' || phase === 'undo-stuck';
}

function toQuestion(promotion: PromotionStatus, view: Pick<ReleaseView, 'restraints'>): Html | undefined {
  const { environment, approval } = promotion;
  const isOpen = approval?.open === true;
  if (!isOpen && passableGates(promotion, view).length === 0) return undefined;
  const text = isOpen ? `Answer for ${environment}` : `Let it pass closed gates of ${environment}`;
  return html`<p><a id="answer-${environment}" href="${questionHref(promotion, environment)}">${text}</a></p>`;
}

/** What an abort or a failure would undo at this moment. */
function undoNow({ environment, undoPlan, outcome }: PromotionStatus): Html | undefined {
  if (undoPlan.length === 0 || outcome !== undefined) return undefined;
  return html`<details id="undo-${environment}" open>
    <summary id="undo-${environment}-open">If it ended now, this would be undone, in this order</summary>
    <ol>
      ${undoPlan.map((line) => html`<li>${line}</li>`)}
    </ol>
  </details>`;
}

const COLUMNS = ['Step', 'State', 'What', 'Undo', 'Began', 'Took'];

function steps(promotion: PromotionStatus): Html | undefined {
  if (promotion.steps.length === 0) return undefined;
  const caption = `Steps into ${promotion.environment}, with what each leaves as evidence.`;
  const all = table({ caption, columns: COLUMNS, rows: promotion.steps.map((step) => rowOf(step, promotion)) });
  // of a leg that went well, few want to see more than that it did
  if (promotion.outcome?.kind !== 'released') return all;
  return html`<details id="steps-${promotion.environment}">
    <summary id="steps-${promotion.environment}-open">Steps into ${promotion.environment}</summary>
    ${all}
  </details>`;
}

function rowOf(step: StepStatus, { environment, plan }: PromotionStatus): readonly Part[] {
  const { startedAt, endedAt } = step;
  const skipped = step.state === 'skipped' ? plan?.steps.find((one) => one.step === step.step)?.skipped : undefined;
  return [
    step.step,
    stateBadge(step.state),
    html`${skipped ?? step.summary ?? step.does} ${evidence(step, environment)}`,
    step.undo,
    startedAt !== undefined && moment(startedAt),
    startedAt !== undefined && endedAt !== undefined && span(Date.parse(endedAt) - Date.parse(startedAt)),
  ];
}

function evidence({ step, summary, does, facts = {} }: StepStatus, environment: string): Html | undefined {
  const entries = Object.entries(facts);
  if (entries.length === 0) return undefined;
  return html`<details id="facts-${environment}-${step}">
    <summary id="facts-${environment}-${step}-open">Evidence of ${step}</summary>
    ${summary !== undefined && html`<p>${does}</p>`}
    <dl class="facts">
      ${entries.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd><code>${value}</code></dd>`,
      )}
    </dl>
  </details>`;
}
