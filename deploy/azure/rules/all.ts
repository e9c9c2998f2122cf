/** Every rule, and those that look at the estate as a whole. */
import { wronglyGiven } from './given.ts';
import { KEY_RULES } from './keys.ts';
import { unlogged } from './logs.ts';
import { LOCK_RULES, REGISTRY_RULES } from './registries.ts';
import { RIGHTS_RULES } from './rights.ts';
import type { Rule, Stated } from './rule.ts';

export const RULES: readonly Rule[] = [...REGISTRY_RULES, ...LOCK_RULES, ...KEY_RULES, ...RIGHTS_RULES];

export interface Fault {
  readonly rule: string;
  readonly resource: string;
  readonly says: string;
}

/** What no resource shows alone. Pulumi hands these what came out, not what was put in. */
export const STACK_RULES: readonly {
  readonly name: string;
  readonly why: string;
  readonly faults: (resources: readonly Stated[]) => readonly Fault[];
}[] = [
  {
    name: 'logs-kept',
    why: 'without login and repository events nobody can say who has pulled or pushed',
    faults: unlogged,
  },
  {
    name: 'given-as-the-table',
    why: 'a role of the table on more than the table says is a right that nobody has agreed to',
    faults: wronglyGiven,
  },
];

/** All faults of all resources: rule by rule, then what is missing beside them. */
export function faultsOf(resources: readonly Stated[]): readonly Fault[] {
  const single = resources.flatMap((one) =>
    RULES.flatMap((rule) =>
      rule.faults(one).map((says) => ({ rule: rule.name, resource: `${one.type} ${one.name}`, says })),
    ),
  );
  return [...single, ...STACK_RULES.flatMap((rule) => rule.faults(resources))];
}
