/** Several objects of one set that cannot be applied, as one error that names them all. */
import type { ErrorCode } from '../../../domain/error-code.ts';
import { PortError } from '../../../ports/port-error.ts';

export interface ObjectProblem {
  /** `deployment/iam`. */
  readonly where: string;
  readonly error: PortError;
}

/** What a person must see first when a set has problems of several kinds. */
const URGENCY: readonly ErrorCode[] = [
  'cluster-unreachable',
  'cluster-unauthorized',
  'namespace-missing',
  'manifest-rejected',
  'admission-denied',
  'quota-exceeded',
  'cluster-forbidden',
  'apply-conflict',
];

/** Problems of the connection, not of the set: one of them says it all. */
const WHOLE_CLUSTER: readonly ErrorCode[] = [
  'cluster-unreachable',
  'cluster-unauthorized',
  'cluster-failing',
  'namespace-missing',
];

/** One error for all `problems` (at least one), with the most urgent code and every message. */
export function oneErrorFor(problems: readonly ObjectProblem[], total: number): PortError {
  const sorted = problems.toSorted((a, b) => urgency(a.error.code) - urgency(b.error.code));
  const first = sorted[0];
  if (first === undefined) throw new TypeError('oneErrorFor needs a problem');
  if (sorted.length === 1 || WHOLE_CLUSTER.includes(first.error.code)) return first.error;
  const lines = sorted.map(({ where, error }) => `  ${where}: ${error.message}`);
  return new PortError(
    first.error.code,
    `${problems.length} of ${total} objects cannot be applied:\n${lines.join('\n')}`,
    {
      retry: sorted.some(({ error }) => error.retry === 'no') ? 'no' : first.error.retry,
      ...optional('expected', first.error.expected),
      ...optional('got', first.error.got),
      ...optional('remedy', [...new Set(sorted.flatMap(({ error }) => error.remedy ?? []))].join('; ') || undefined),
      cause: new AggregateError(sorted.map(({ error }) => error)),
    },
  );
}

function urgency(code: ErrorCode): number {
  const place = URGENCY.indexOf(code);
  return place < 0 ? URGENCY.length : place;
}

function optional<K extends string>(key: K, value: string | undefined): { [key in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: string });
}
