/** A roll-back for people: where it goes, where it stands, and what answers it. */
import type { RollbackView } from '../../client/index.ts';
import type { Paint } from '../terminal.ts';
import { renderWaiting } from './waiting.ts';
import { formatTime, withTimes } from './time.ts';

export function renderRollback(view: RollbackView, paint: Paint): readonly string[] {
  const { service, environment, to, promotion, rolledBackAt, reason, requestedBy, standing, outcome } = view;
  const target = to === undefined ? 'as it was before' : to;
  const before = rolledBackAt === undefined ? '' : ` (rolled back there before, at ${formatTime(rolledBackAt)})`;
  const lines = [
    `${paint('bold', `${environment} goes back to ${service} ${target}`)}${before}: ${reason}, for ${requestedBy}`,
  ];
  if (promotion !== undefined) lines.push(`  promotion  ${promotion}`);
  if (outcome !== undefined) {
    const { code, expected, remedy } = outcome.refusal ?? {};
    lines.push(`  ${paint(outcome.kind === 'released' ? 'green' : 'red', outcome.kind)}: ${withTimes(outcome.reason)}`);
    if (expected !== undefined) lines.push(`    expected  ${expected}`);
    if (remedy !== undefined) lines.push(`    do        ${remedy}`);
    if (code !== undefined) lines.push(paint('dim', `    docs/errors.md#${code}`));
    return lines;
  }
  if (standing === undefined) return [...lines, `  ${paint('dim', 'looks for what ran well there')}`];
  const { phase, step, waiting } = standing;
  lines.push(`  ${paint('cyan', phase)}${step === undefined ? '' : `: ${step}`}`);
  if (waiting !== undefined) lines.push(...renderWaiting(waiting, paint));
  return lines;
}
