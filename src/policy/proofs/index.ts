/** What must be true of an image before it enters: statements and rules in, a verdict for each rule out. */
import type { ProofRules, ProofVerdict } from '../../domain/proof.ts';
import type { Attestation } from '../../ports/signatures.ts';
import { VEX_TYPES } from './openvex.ts';
import { judgePredicate, predicateWanted } from './predicates.ts';
import { judgeProvenance, provenanceWanted } from './provenance.ts';
import { judgeSbom, sbomWanted } from './sbom.ts';
import type { Gathered, Wanted } from './verdict.ts';
import { judgeVulnerabilities, vulnerabilitiesWanted } from './vulnerabilities.ts';

export { parseGitSource } from './git-source.ts';
export { predicateExpressionProblem } from './predicate-language.ts';
export { type Gathered, heard, type Wanted } from './verdict.ts';

/** The rules about statements, each with what it listens to, in the order in which they are judged. */
interface Judged {
  readonly wanted: Wanted;
  readonly judge: (gathered: Gathered) => ProofVerdict;
}

function judgedBy({ provenance, sbom, vulnerabilities, predicates = [] }: Partial<ProofRules>): readonly Judged[] {
  return [
    ...(provenance === undefined
      ? []
      : [{ wanted: provenanceWanted(provenance), judge: (all: Gathered) => judgeProvenance(provenance, all) }]),
    ...(sbom === undefined ? [] : [{ wanted: sbomWanted(sbom), judge: (all: Gathered) => judgeSbom(sbom, all) }]),
    ...(vulnerabilities === undefined
      ? []
      : [
          {
            wanted: vulnerabilitiesWanted(vulnerabilities),
            judge: (all: Gathered) => judgeVulnerabilities(vulnerabilities, all),
          },
        ]),
    ...predicates.map((rule) => ({
      wanted: predicateWanted(rule),
      judge: (all: Gathered) => judgePredicate(rule, all),
    })),
  ];
}

/** What each rule listens to: whoever gathers fetches all of it at once. */
export function wantedBy(rules: Partial<ProofRules>): readonly Wanted[] {
  return judgedBy(rules).map((one) => one.wanted);
}

type Listening = Pick<Wanted, 'types' | 'by'>;

/** The same, with what is listened to beside it and need not be there. */
function listenedTo(rules: Partial<ProofRules>): readonly Listening[] {
  const { vexBy } = rules.vulnerabilities ?? {};
  return [...wantedBy(rules), ...(vexBy === undefined ? [] : [{ types: VEX_TYPES, by: vexBy }])];
}

/** Every predicate type that some rule looks at, each once. */
export function typesWanted(rules: Partial<ProofRules>): readonly string[] {
  return [...new Set(listenedTo(rules).flatMap((one) => one.types))];
}

/** Why it could not be found out what somebody says whom a rule listens to; undefined: everybody is known. */
export function unsureIn(
  rules: Partial<ProofRules>,
  statements: readonly Attestation[],
): { readonly error: unknown } | undefined {
  return listenedTo(rules)
    .flatMap(({ types, by }) =>
      statements
        .filter(({ predicateType }) => types.includes(predicateType))
        .filter(({ signers }) => !signers.some((one) => by.includes(one)))
        .flatMap(({ unsure = [] }) => unsure.filter(({ signer }) => by.includes(signer))),
    )
    .at(0);
}

export function judgeStatements(rules: Partial<ProofRules>, gathered: Gathered): readonly ProofVerdict[] {
  return judgedBy(rules).map(({ judge }) => judge(gathered));
}
