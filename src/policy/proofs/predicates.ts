/** Whatever else somebody trusted has stated, held against an expression of the environment's own. */
import { shortDigest } from '../../domain/digest.ts';
import type { PredicateRule, ProofVerdict } from '../../domain/proof.ts';
import { evaluatePredicate } from './predicate-language.ts';
import { quoted } from './stated.ts';
import { type Gathered, heard, nameOf, no, nothingHeard, some, type Wanted, yes } from './verdict.ts';

export function predicateWanted({ name, predicateType, by }: PredicateRule): Wanted {
  return { rule: `predicate ${name}`, what: `predicate "${name}"`, types: [predicateType], by };
}

/** One statement of which it is true suffices; what cannot be evaluated is not true. */
export function judgePredicate(rule: PredicateRule, gathered: Gathered): ProofVerdict {
  const wanted = predicateWanted(rule);
  const statements = heard(gathered, wanted);
  if (statements.length === 0) return nothingHeard(gathered, wanted);
  const { image, at } = gathered;
  const answers = statements.map((one) => ({ one, answer: evaluatePredicate(rule.expression, { ...one, image, at }) }));
  const good = answers.find(({ answer }) => answer.ok && answer.value);
  if (good !== undefined) return yes(wanted.rule, `true: ${rule.expression}`, [good.one]);
  const got = answers.map(
    ({ one, answer }) => `${shortDigest(one.artefact.digest)}: ${answer.ok ? 'false' : quoted(answer.why)}`,
  );
  return no(
    wanted.rule,
    {
      code: 'predicate-refused',
      message: `${nameOf(image)}: ${rule.because}`,
      expected: `true: ${rule.expression}`,
      got: some(got),
      remedy: 'repair what it is about, attest that, and release it under a new version',
    },
    statements,
  );
}
