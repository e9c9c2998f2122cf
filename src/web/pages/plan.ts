/** A promotion's plan as it is decided on: what it replaces, what would be done, how each part would be undone. */
import type { Baseline, PlannedStep, PromotionPlan } from '../../contract/plan.ts';
import type { PromotionStatus } from '../../contract/status.ts';
import { type ApprovalRule, groupsOfRule } from '../../domain/rulebook.ts';
import { type Html, type Part, html } from '../html.ts';
import { renderChanges } from './changes.ts';
import { moment, span } from './moment.ts';
import { table } from './table.ts';

/** Open while people decide on it. */
export function renderPlan(promotion: PromotionStatus): Html | undefined {
  const { environment, plan, planDigest, baseline, phase } = promotion;
  if (plan === undefined) return undefined;
  const open = phase === 'waiting-for-approval' && html` open`;
  return html`<details id="plan-${environment}" ${open}>
    <summary id="plan-${environment}-open">Plan <code>${planDigest}</code></summary>
    ${differences(plan, baseline)} ${renderChanges(promotion)} ${rules(plan)} ${planned(plan)} ${undo(plan)}
  </details>`;
}

function differences(plan: PromotionPlan, baseline: Baseline | undefined): Html {
  const current = baseline?.current;
  const rows: readonly (readonly Part[])[] = [
    ['Version', current?.version, plan.version, change(current?.version, plan.version)],
    ['Image', code(current?.image.digest), code(plan.image.digest), change(current?.image.digest, plan.image.digest)],
    ['Manifests', code(current?.manifests), code(plan.manifests), change(current?.manifests, plan.manifests)],
  ];
  const since =
    current !== undefined &&
    html`, there since ${moment(current.since)}, asked for by ${current.requestedBy}, approved by
    ${current.approvedBy.length === 0 ? 'nobody' : current.approvedBy.join(', ')}`;
  return html`${table({ caption: 'What changes.', columns: ['', 'Now', 'Then', 'Change'], rows })}
    <p>
      ${current === undefined ? 'Nothing released by Sluice is there now' : `Replaces ${current.version}`}${since}.
      ${baseline !== undefined && present(baseline)}
    </p>`;
}

function change(before: string | undefined, after: string): string {
  if (before === undefined) return 'new';
  return before === after ? 'same' : 'changed';
}

function code(digest: string | undefined): Html | undefined {
  return digest === undefined ? undefined : html`<code>${digest}</code>`;
}

function present({ imagePresent, tagPresent, imageLocked, existing }: Baseline): string {
  const registry = imagePresent ? 'The registry has the image already' : 'The registry has no copy of the image yet';
  const tag = tagPresent ? ', tagged with this version' : '';
  const locked = imageLocked ? ', locked' : '';
  return `${registry}${tag}${locked}. Of the manifests' objects the cluster has ${existing.length} already.`;
}

function rules(plan: PromotionPlan): Html {
  const { approval, workloads } = plan;
  return html`<dl class="facts">
    <dt>Image</dt>
    <dd><code>${plan.image.repository}@${plan.image.digest}</code></dd>
    <dt>Registries</dt>
    <dd>${plan.sourceRegistry} → ${plan.targetRegistry}</dd>
    <dt>Namespace</dt>
    <dd>${plan.namespace}, ${workloads.join(', ')}</dd>
    <dt>Approvals</dt>
    <dd>${approval === undefined ? 'none needed' : approvalsOf(approval)}</dd>
    ${
      plan.authors === undefined
        ? ''
        : html`<dt>Made by</dt>
            <dd>${plan.authors.join(', ')}</dd>`
    }
    <dt>Roll-out</dt>
    <dd>at most ${span(plan.rollOutTimeoutMs)}</dd>
    <dt>Rules</dt>
    <dd>${plan.policyVersion}</dd>
  </dl>`;
}

const JOINED = { 'any-order': ', and ', 'in-order': ', then ', 'any-one': ', or ' } as const;

function approvalsOf(rule: ApprovalRule): string {
  const groups = groupsOfRule(rule).map(
    ({ required, from, notAuthor }) =>
      `${required} of ${from.join(', ')}${notAuthor === true ? ' (not whoever made the image)' : ''}`,
  );
  return groups.join(JOINED[rule.order ?? 'any-order']);
}

function planned({ steps }: PromotionPlan): Html {
  const rows = steps.map((one) => [
    one.step,
    one.skipped === undefined ? one.does : html`<span class="muted">not needed: ${one.skipped}</span>`,
    one.skipped === undefined && one.undo,
  ]);
  return table({ caption: 'What would be done.', columns: ['Step', 'Does', 'Undo'], rows });
}

function undo({ steps }: PromotionPlan): Html | undefined {
  const undone = steps.filter(hasUndo).toReversed();
  if (undone.length === 0) return undefined;
  return html`<h3>If it fails, this is undone, last step first</h3>
    <ol>
      ${undone.map((one) => html`<li>${one.step}: ${one.undo}</li>`)}
    </ol>`;
}

/** Steps that only look have nothing to undo, and say so in these words. */
function hasUndo({ skipped, undo: text }: PlannedStep): boolean {
  return skipped === undefined && !text.startsWith('nothing to undo');
}
