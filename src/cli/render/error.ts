/** An error for people: what, expected against got, what to do, where to read on. */
import type { ErrorCode, Problem } from '../../domain/error-code.ts';
import type { Paint } from '../terminal.ts';
import { withTimes } from './time.ts';

export interface ShownError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
  readonly remedy?: string;
  readonly problems: readonly Problem[];
}

export function renderError(error: ShownError, paint: Paint): string {
  const count = error.problems.length;
  const lines = [`${paint('red', 'error')} ${error.code}: ${count > 0 ? countOf(count) : withTimes(error.message)}`];
  for (const problem of error.problems) {
    lines.push(`  ${paint('bold', problem.where)}`, `    ${problem.message}`);
    if (problem.remedy !== undefined) lines.push(`    ${paint('dim', problem.remedy)}`);
  }
  if (error.expected !== undefined) lines.push(`  expected  ${error.expected}`);
  if (error.got !== undefined) lines.push(`  got       ${error.got}`);
  if (error.remedy !== undefined) lines.push(`  ${paint('cyan', 'do')}        ${error.remedy}`);
  lines.push(paint('dim', `  docs/errors.md#${error.code}`));
  return lines.join('\n');
}

function countOf(count: number): string {
  return count === 1 ? 'one problem' : `${count} problems`;
}
