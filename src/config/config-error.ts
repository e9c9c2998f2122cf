/** Everything that is wrong with a configuration, at once. */
import type { Problem } from '../domain/error-code.ts';

export class ConfigError extends Error {
  readonly code: 'config-missing' | 'config-invalid';
  readonly problems: readonly Problem[];

  constructor(code: 'config-missing' | 'config-invalid', problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'ConfigError';
    this.code = code;
    this.problems = problems;
  }
}

/** `where: message; remedy`, one line. */
export function formatProblem(problem: Problem): string {
  return `${problem.where}: ${problem.message}${problem.remedy === undefined ? '' : `; ${problem.remedy}`}`;
}

/** As they stand in the file, from top to bottom. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function placeOf({ where }: Problem): number {
  const [, line = 0, column = 0] = /:(\d+):(\d+)/.exec(where) ?? [];
  return Number(line) * 1e6 + Number(column);
}
