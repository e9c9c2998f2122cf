/** Passing a closed gate: only where the rule allows it, only by a person of its groups, only with a reason. */
import type { Refusal } from '../../domain/error-code.ts';
import type { GateOverride, GateRule, GateVerdict } from '../../domain/gate.ts';

/** The verdict as it stands after the first override that counts. A gate that says yes needs none. */
export function overridden(verdict: GateVerdict, rule: GateRule, overrides: readonly GateOverride[]): GateVerdict {
  if (verdict.answer === 'yes') return verdict;
  const counts = overrides.find((one) => one.gate === rule.name && overrideRefusal(rule, one) === undefined);
  if (counts === undefined) return verdict;
  const { gate, kind, reason } = verdict;
  return { gate, kind, answer: 'yes', reason, overriddenBy: { by: counts.by, reason: counts.reason } };
}

/** Why an override does not count, for the person who gave it; undefined: it counts. */
export function overrideRefusal(rule: GateRule, override: GateOverride): Refusal | undefined {
  const groups = rule.override?.from;
  if (groups === undefined) return nobodyMay(rule);
  if (override.gate !== rule.name) {
    return refused('the override is for another gate', { expected: rule.name, got: override.gate });
  }
  if (!override.groups.some((group) => groups.includes(group))) {
    const got = override.groups.length === 0 ? 'no group' : override.groups.join(', ');
    return refused(`${override.by} is in no group that may override gate "${rule.name}"`, {
      expected: groups.join(', '),
      got,
      remedy: 'ask somebody of these groups',
    });
  }
  if (override.reason.trim() === '') return refused('an override needs a reason', { remedy: 'say why' });
  return undefined;
}

/** Of a gate whose rules name no groups. */
export function nobodyMay({ name }: GateRule): Refusal {
  return refused(`gate "${name}" may be overridden by nobody`, { remedy: 'wait until the gate opens' });
}

function refused(message: string, details: Omit<Refusal, 'code' | 'message'>): Refusal {
  return { code: 'gate-override-refused', message, ...details };
}
