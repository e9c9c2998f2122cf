import type { Refusal } from '../../domain/error-code.ts';
import type { GateVerdict } from '../../domain/gate.ts';

/**
 * What all verdicts of one environment come to. A "no" counts more than a "wait": waiting would not help. Unless each no is one that
 * somebody may pass: then that is waited for.
 */
export type Ruling =
  | { readonly answer: 'yes' }
  | {
      readonly answer: 'wait';
      readonly gates: readonly string[];
      readonly reason: string;
      /** Before this time the answer cannot become yes by itself; without it, something has to happen first. */
      readonly until?: string;
    }
  | { readonly answer: 'no'; readonly gates: readonly string[]; readonly refusal: Refusal };

export function admits(verdicts: readonly GateVerdict[]): Ruling {
  const closed = verdicts.filter((one) => one.answer === 'no');
  if (closed.some((one) => one.override === undefined)) {
    return { answer: 'no', gates: closed.map((one) => one.gate), refusal: refusalOf(closed) };
  }
  const waiting = verdicts.filter((one) => one.answer !== 'yes');
  if (waiting.length === 0) return { answer: 'yes' };
  const until = closed.length > 0 ? undefined : lastEnd(waiting);
  return {
    answer: 'wait',
    gates: waiting.map((one) => one.gate),
    reason: waiting.map((one) => `${one.gate}: ${one.reason}`).join('; '),
    ...(until === undefined ? {} : { until }),
  };
}

/** Every gate has to open, so asking before the last known time cannot help. */
function lastEnd(waiting: readonly GateVerdict[]): string | undefined {
  return waiting
    .flatMap((one) => one.until ?? [])
    .toSorted((a, b) => Date.parse(a) - Date.parse(b))
    .at(-1);
}

function refusalOf(closed: readonly GateVerdict[]): Refusal {
  const [first] = closed.flatMap((one) => one.refusal ?? []);
  if (closed.length === 1 && first !== undefined) return first;
  return {
    code: 'gate-closed',
    message: closed.map((one) => `gate "${one.gate}": ${one.reason}`).join('; '),
    remedy: closed.flatMap((one) => one.refusal?.remedy ?? []).join('; '),
  };
}
