/** All gates of one environment against the same facts, and what their answers come to. */
import type { GateFacts, GateRule, GateVerdict } from '../../domain/gate.ts';
import { RESTRAINTS } from '../../domain/restraint.ts';
import type { EnvironmentRules } from '../../domain/rulebook.ts';
import { judgeExpression } from './expression.ts';
import { judgeExternal } from './external.ts';
import { judgeFreeze } from './freeze.ts';
import { judgeHours } from './hours.ts';
import { judgeOrder } from './order.ts';
import { overridden } from './override.ts';
import { judgeRestraint } from './restraint.ts';
import { judgeSoak } from './soak.ts';
import { judgeTicket } from './ticket.ts';

/** The gates that every environment has, then its own. */
export function gatesOf({ gates = [], overrides = {} }: EnvironmentRules): readonly GateRule[] {
  const builtIn = RESTRAINTS.map((kind): GateRule => {
    const override = overrides[kind];
    return { kind, name: kind, ...(override === undefined ? {} : { override }) };
  });
  return [...builtIn, ...gates];
}

/** Throws a RangeError when `facts.at` is no time: without a clock nothing can be judged. */
export function judgeGates(rules: readonly GateRule[], facts: GateFacts): readonly GateVerdict[] {
  if (Number.isNaN(Date.parse(facts.at))) throw new RangeError(`"${facts.at}" is no time`);
  return rules.map((rule) => overridden(judge(rule, facts), rule, facts.overrides));
}

function judge(rule: GateRule, facts: GateFacts): GateVerdict {
  switch (rule.kind) {
    case 'stop':
    case 'hold':
      return judgeRestraint(rule, facts);
    case 'soak':
      return judgeSoak(rule, facts);
    case 'freeze':
      return judgeFreeze(rule, facts);
    case 'hours':
      return judgeHours(rule, facts);
    case 'order':
      return judgeOrder(rule, facts);
    case 'ticket':
      return judgeTicket(rule, facts);
    case 'expression':
      return judgeExpression(rule, facts);
    case 'external':
      return judgeExternal(rule, facts);
  }
}
