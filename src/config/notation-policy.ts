/** A trust policy of Notation, as far as it could make a "yes" out of something else: only the level "strict" refuses all that can be refused. */
import { z } from 'zod';

const policies = z.looseObject({
  version: z.literal('1.0'),
  trustPolicies: z
    .array(
      z.looseObject({
        name: z.string().min(1),
        signatureVerification: z.looseObject({ level: z.string(), override: z.unknown().optional() }),
      }),
    )
    .min(1),
});

/** Why it cannot be used, or undefined. Whatever else is wrong with it, Notation says. */
export function notationPolicyProblem(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  const parsed = policies.safeParse(value);
  if (!parsed.success) return 'it is no trust policy of version 1.0';
  const lax = parsed.data.trustPolicies.find(
    ({ signatureVerification: { level, override } }) => level !== 'strict' || override !== undefined,
  );
  if (lax === undefined) return undefined;
  return `its policy "${lax.name}" says less than "level": "strict" and would let pass what is not verified`;
}
