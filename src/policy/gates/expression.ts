import type { ExpressionGate, GateFacts, GateVerdict } from '../../domain/gate.ts';
import { evaluate } from './cel.ts';
import { no, yes } from './verdict.ts';

/** Whether an expression over the facts is true. What cannot be evaluated is not true. */
export function judgeExpression(rule: ExpressionGate, facts: GateFacts): GateVerdict {
  const result = evaluate(rule.expression, facts);
  if (result.ok && result.value) return yes(rule, `true: ${rule.expression}`);
  const details = { expected: rule.expression, remedy: rule.because };
  if (result.ok) return no(rule, rule.because, { ...details, got: 'false' });
  return no(rule, `the expression cannot be evaluated: ${result.why}`, { ...details, got: result.why });
}
