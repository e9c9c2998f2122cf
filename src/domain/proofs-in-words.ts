/** The proofs of an environment in words: what the plan says will be asked, and what one refusal says for several rules. */
import type { Refusal } from './error-code.ts';
import type { ProofRules, ProofVerdict } from './proof.ts';

/** Names of the rules about statements, as verdicts name them. */
export function statementRuleNames({
  provenance,
  sbom,
  vulnerabilities,
  predicates = [],
  records = [],
}: Partial<ProofRules>): readonly string[] {
  const named = Object.entries({ provenance, sbom, vulnerabilities }).flatMap(([name, rule]) =>
    rule === undefined ? [] : [name],
  );
  return [
    ...named,
    ...predicates.map(({ name }) => `predicate ${name}`),
    ...records.map(({ of }) => `record of ${of}`),
  ];
}

/**
 * The rules that a promotion is held against. A report grows old and new vulnerabilities are found in what runs for months: that keeps nobody from going back to
 * what ran well there before, as gates do not; and that it did, the environment knows without the records of others. Where it comes from and what it is made of
 * does not change.
 */
export function rulesFor(
  rules: Partial<ProofRules>,
  { rollback }: { readonly rollback?: boolean | undefined },
): Partial<ProofRules> {
  if (rollback !== true) return rules;
  const { vulnerabilities: _, records: __, ...lasting } = rules;
  return lasting;
}

/** Whether a yes can grow old by itself: a report by its age, an exception by its end, an expression by what time it is. */
export function goesByTheClock({ vulnerabilities, predicates = [] }: Partial<ProofRules>): boolean {
  return vulnerabilities !== undefined || predicates.length > 0;
}

/** The first "no", with the names of the others; undefined: every rule says yes. */
export function firstRefusal(verdicts: readonly ProofVerdict[]): Refusal | undefined {
  const [first, ...others] = verdicts.flatMap(({ rule, refusal }) =>
    refusal === undefined ? [] : [{ rule, refusal }],
  );
  if (first === undefined || others.length === 0) return first?.refusal;
  const also = others.map(({ rule }) => rule).join(', ');
  return { ...first.refusal, message: `${first.refusal.message}; also refused by: ${also} ("sluice verify" says why)` };
}
