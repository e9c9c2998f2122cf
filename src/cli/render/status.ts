/** `sluice status` for people: where it is, why it waits, what to type. */
import { type ReleaseView, formatRetrying } from '../../client/index.ts';
import type { Outcome, PromotionStatus, StepStatus } from '../../contract/status.ts';
import type { ApprovalState } from '../../domain/approval.ts';
import type { Refusal } from '../../domain/error-code.ts';
import { replacesInWords } from '../../domain/plan-change.ts';
import { restraintLine } from '../../domain/restraint.ts';
import { pauseInWords } from '../../domain/waiting.ts';
import type { Paint, Style } from '../terminal.ts';
import { renderChanges } from './changes.ts';
import { renderDrift } from './guardian.ts';
import { formatSpan, formatTime, withTimes } from './time.ts';
import { renderWaiting } from './waiting.ts';

const MARKS: Readonly<Record<StepStatus['state'], readonly [string, Style]>> = {
  pending: ['·', 'dim'],
  running: ['▸', 'cyan'],
  done: ['✓', 'green'],
  skipped: ['–', 'dim'],
  failed: ['✗', 'red'],
  undone: ['↶', 'yellow'],
};

export function renderStatus(view: ReleaseView, paint: Paint): string {
  const { release } = view;
  const image =
    release.image === undefined ? release.requestedImage : `${release.image.repository}@${release.image.digest}`;
  const lines = [
    `${paint('bold', `${release.service} ${release.version}`)}  ${phaseOf(view, paint)}`,
    `  image      ${image}`,
    `  manifests  ${release.manifests}`,
    `  started    ${formatTime(release.startedAt)} by ${release.requestedBy}`,
  ];
  // what no environment has refused, the release itself has
  if (!view.promotions.some(({ outcome }) => outcome?.refusal !== undefined))
    lines.push(...renderRefusal(release.outcome, paint));
  for (const leg of release.legs) {
    const promotion = view.promotions.find((one) => one.environment === leg.environment);
    lines.push(
      '',
      ...(promotion === undefined
        ? [pendingLeg(leg.environment, leg.outcome?.reason, paint)]
        : renderPromotion(promotion, paint)),
    );
    const rollbacks = (view.rollbacks ?? []).filter((one) => one.environment === leg.environment);
    lines.push(...rollbacks.flatMap((one) => renderPromotion(one, paint)));
    const restraints = (view.restraints ?? []).filter((one) => one.environment === leg.environment);
    lines.push(...restraints.map((one) => `    ${paint('yellow', restraintLine(one, formatTime))}`));
    const retrying = view.retrying.filter((one) => one.environment === leg.environment);
    lines.push(...retrying.map((one) => `    ${paint('yellow', formatRetrying(one))}`));
  }
  lines.push(
    ...view.retrying.filter((one) => one.environment === undefined).map((one) => paint('yellow', formatRetrying(one))),
  );
  if (release.waiting !== undefined && !view.promotions.some((one) => one.waiting !== undefined)) {
    lines.push('', ...renderWaiting(release.waiting, paint));
  }
  for (const one of view.drifted ?? []) lines.push('', ...renderDrift(one, paint));
  return lines.join('\n');
}

function pendingLeg(environment: string, reason: string | undefined, paint: Paint): string {
  return `${paint('bold', environment)}  ${paint('dim', withTimes(reason ?? 'not begun'))}`;
}

function phaseOf({ release }: ReleaseView, paint: Paint): string {
  if (release.outcome === undefined) return paint('cyan', release.phase);
  const style = release.outcome.kind === 'released' ? 'green' : 'red';
  return `${paint(style, release.outcome.kind)}: ${withTimes(release.outcome.reason)}`;
}

function renderPromotion(promotion: PromotionStatus, paint: Paint): readonly string[] {
  const end = promotion.outcome;
  const head = end === undefined ? promotion.phase : `${end.kind}: ${withTimes(end.reason)}`;
  const { environment, rollback, requestedBy } = promotion;
  const name = paint('bold', rollback === undefined ? environment : `back to ${environment}`);
  const why = rollback === undefined ? '' : `, for ${requestedBy}: ${rollback.reason}`;
  const lines = [`${name}  ${head}${why}`];
  for (const step of promotion.steps) lines.push(renderStep(step, promotion, paint));
  if (promotion.pausing !== undefined) {
    const said = pauseInWords(promotion.pausing, formatTime);
    lines.push(`    ${paint('yellow', 'pauses')}  at the next safe point: ${said}`);
    lines.push(`      sluice resume ${promotion.service} ${promotion.version} --environment ${environment}`);
  }
  if (promotion.attention !== undefined) {
    const { code, message } = promotion.attention;
    lines.push(`    ${paint('red', `needs attention: ${message}`)} (${code})`, ...renderCause(promotion.attention));
  }
  lines.push(...renderRefusal(end, paint));
  if (promotion.phase === 'waiting-for-approval')
    lines.push(...renderChanges(promotion.changes, paint).map((line) => `    ${line}`));
  if (promotion.waiting !== undefined) {
    lines.push(...renderWaiting(promotion.waiting, paint));
    if (promotion.undoPlan.length > 0) lines.push(`    undo   ${promotion.undoPlan.join('; ')}`);
  }
  lines.push(...renderAnswers(promotion.approval));
  for (const refused of promotion.refusedAnswers) {
    lines.push(`    ${paint('yellow', `answer of ${refused.approver} not counted`)}: ${refused.message}`);
  }
  return lines;
}

/** The sentence stands in the head already. */
function renderRefusal(outcome: Outcome | undefined, paint: Paint): readonly string[] {
  const refusal = outcome?.refusal;
  return refusal === undefined ? [] : [`    ${paint('red', refusal.code)}`, ...renderCause(refusal)];
}

function renderCause({ code, expected, got, remedy }: Omit<Refusal, 'message'>): readonly string[] {
  return [
    ...(expected === undefined ? [] : [`      expected  ${expected}`]),
    ...(got === undefined ? [] : [`      got       ${got}`]),
    ...(remedy === undefined ? [] : [`      do        ${remedy}`]),
    `      docs/errors.md#${code}`,
  ];
}

function renderAnswers(approval: ApprovalState | undefined): readonly string[] {
  if (approval === undefined) return [];
  const { given, missing, open, replacesNow } = approval;
  const said = given.map(({ approver, decision, reason = '' }) =>
    [approver, decision === 'approve' ? 'yes' : 'no', ...(reason === '' ? [] : [reason])].join(': '),
  );
  const left = open && missing !== undefined ? [`${missing} more needed`] : [];
  const answers = [...said, ...left].join('; ');
  return [
    ...(answers === '' ? [] : [`    answers  ${answers}`]),
    ...(replacesNow === undefined ? [] : [`    changed  ${replacesInWords(replacesNow)}`]),
  ];
}

function renderStep(step: StepStatus, { plan }: PromotionStatus, paint: Paint): string {
  const [mark, style] = MARKS[step.state];
  const took =
    step.startedAt !== undefined && step.endedAt !== undefined
      ? `  ${paint('dim', formatSpan(Date.parse(step.endedAt) - Date.parse(step.startedAt)))}`
      : '';
  const skipped = step.state === 'skipped' ? plan?.steps.find((one) => one.step === step.step)?.skipped : undefined;
  return `  ${paint(style, mark)} ${step.step.padEnd(18)} ${skipped ?? step.summary ?? step.does}${took}`;
}
