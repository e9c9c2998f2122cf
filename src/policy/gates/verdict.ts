/** The three answers of a gate, as verdicts. */
import type { Refusal } from '../../domain/error-code.ts';
import type { GateRule, GateVerdict } from '../../domain/gate.ts';
import { toIso } from './zoned-time.ts';

export function yes(rule: GateRule, reason: string): GateVerdict {
  return { gate: rule.name, kind: rule.kind, answer: 'yes', reason };
}

/** `until`: the instant at which asking again gives another answer, when it is known. */
export function wait(rule: GateRule, reason: string, until?: number): GateVerdict {
  return {
    gate: rule.name,
    kind: rule.kind,
    answer: 'wait',
    reason,
    ...(until === undefined ? {} : { until: toIso(until) }),
    ...sooner(rule),
  };
}

export function no(rule: GateRule, reason: string, details: Omit<Refusal, 'code' | 'message'>): GateVerdict {
  const refusal: Refusal = { code: 'gate-closed', message: `gate "${rule.name}": ${reason}`, ...details };
  return { gate: rule.name, kind: rule.kind, answer: 'no', reason, ...sooner(rule), refusal };
}

function sooner({ override }: GateRule): { readonly for?: string; readonly override?: readonly string[] } {
  return override === undefined ? {} : { for: override.from.join(', '), override: override.from };
}
