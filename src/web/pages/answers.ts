/** Who has said what to a promotion's plan, and whose word did not count. */
import type { PromotionStatus } from '../../contract/status.ts';
import { replacesInWords } from '../../domain/plan-change.ts';
import { type Html, html } from '../html.ts';
import { badge } from './badge.ts';
import { moment } from './moment.ts';
import { table } from './table.ts';

export function renderAnswers({ environment, approval }: PromotionStatus): Html | undefined {
  if (approval === undefined) return undefined;
  const { given, required, excluded, replacesNow } = approval;
  const rows = given.map((one) => [
    one.approver,
    one.decision === 'approve' ? badge('good', 'yes') : badge('bad', 'no'),
    one.reason,
    moment(one.at),
  ]);
  const yes = given.filter((one) => one.decision === 'approve').length;
  return html`<h3>Approvals for ${environment}: ${yes} of ${required}</h3>
    ${rows.length > 0 && table({ caption: 'Answers that count.', columns: ['Who', 'Answer', 'Reason', 'When'], rows })}
    ${replacesNow !== undefined && html`<p>Changed since: ${replacesInWords(replacesNow)}.</p>`}
    ${excluded.map((one) => html`<p class="muted">${one.name} may not answer: ${one.because}</p>`)}`;
}

export function renderRefusedAnswers({ refusedAnswers }: PromotionStatus): Html | undefined {
  if (refusedAnswers.length === 0) return undefined;
  const columns = ['Who', 'Why not', 'Code', 'When'];
  const rows = refusedAnswers.map((one) => [one.approver, one.message, html`<code>${one.code}</code>`, moment(one.at)]);
  return table({ caption: 'Answers that were not counted.', columns, rows });
}

/** Whose word lets it pass which closed gates. */
export function renderOverrides({ overrides = [] }: PromotionStatus): Html | undefined {
  if (overrides.length === 0) return undefined;
  const rows = overrides.map((one) => [one.approver, one.overrides?.join(', '), one.reason, moment(one.at)]);
  return table({ caption: 'Closed gates that it may pass.', columns: ['Who', 'Gates', 'Reason', 'When'], rows });
}
