/** The written form of a guardian, and what the rules make of it. */
import { z } from 'zod';
import { type GuardianRule, ON_DRIFT } from '../domain/rulebook.ts';
import { GUARDIAN } from './defaults.ts';
import { DURATION_PATTERN, msOf } from './duration.ts';

export const writtenGuardian = z
  .strictObject({
    every: z
      .string()
      .regex(DURATION_PATTERN)
      .describe(`Time between two looks (a duration such as 30s, 10m, 3d; default ${GUARDIAN.every}).`)
      .optional(),
    onDrift: z
      .enum(ON_DRIFT)
      .describe(
        `What is done about what is found: told (alert), and nothing new enters (hold), and what ran before is brought back (rollback); default ${GUARDIAN.onDrift}.`,
      )
      .optional(),
  })
  .describe('Looks after what runs here once its promotion has ended well (default: nobody does); docs/guardian.md.');

type Written = Readonly<Record<string, { readonly guardian?: z.infer<typeof writtenGuardian> | undefined }>>;

/** By environment; nothing where nobody is written. */
export function guardianRules(environments: Written): { readonly guardians?: Readonly<Record<string, GuardianRule>> } {
  const rules = Object.entries(environments).flatMap(([name, { guardian }]) => {
    if (guardian === undefined) return [];
    const { every = GUARDIAN.every, onDrift = GUARDIAN.onDrift } = guardian;
    return [[name, { everyMs: msOf(every), onDrift }] as const];
  });
  return rules.length === 0 ? {} : { guardians: Object.fromEntries(rules) };
}
