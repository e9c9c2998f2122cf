import { type ProofRules, SBOM_FORMATS, SEVERITIES } from '../domain/proof.ts';
import { parseGitSource } from '../policy/proofs/index.ts';
import { msOf } from './duration.ts';
import type { WrittenStatements } from './written-statements.ts';

type StatementRules = Pick<ProofRules, 'provenance' | 'sbom' | 'vulnerabilities' | 'predicates'>;

/** What is not written adds nothing. */
export function statementRules({ provenance, sbom, vulnerabilities, predicates }: WrittenStatements): StatementRules {
  return {
    ...(provenance === undefined ? {} : { provenance: provenanceRule(provenance) }),
    ...(sbom === undefined ? {} : { sbom: { by: sbom.by, formats: sbom.formats ?? SBOM_FORMATS } }),
    ...(vulnerabilities === undefined ? {} : { vulnerabilities: vulnerabilityRule(vulnerabilities) }),
    ...(predicates === undefined || predicates.length === 0
      ? {}
      : {
          predicates: predicates.map(({ name, type, by, cel, because }) => ({
            ...{ name, predicateType: type, by, expression: cel, because },
          })),
        }),
  };
}

/** A source in one spelling, so that the same rule has one version. */
function provenanceRule({
  by,
  builders,
  sources,
  branches,
  commit,
}: NonNullable<WrittenStatements['provenance']>): NonNullable<ProofRules['provenance']> {
  const spelt = sources?.map((one) => parseGitSource(one)?.repository ?? one).map((one) => `https://${one}`);
  return {
    by,
    ...(builders === undefined ? {} : { builders }),
    ...(spelt === undefined ? {} : { sources: spelt }),
    ...(branches === undefined ? {} : { branches: branches.map(refOf) }),
    ...(commit === undefined ? {} : { commit: true }),
  };
}

function refOf(branch: string): string {
  return branch.startsWith('refs/') ? branch : `refs/heads/${branch}`;
}

function vulnerabilityRule({
  by,
  noOlderThan,
  most,
  exceptions = [],
  vexBy,
}: NonNullable<WrittenStatements['vulnerabilities']>): NonNullable<ProofRules['vulnerabilities']> {
  const limits = SEVERITIES.flatMap((one) => (most[one] === undefined ? [] : [[one, most[one]] as const]));
  return {
    by,
    noOlderThanMs: msOf(noOlderThan),
    most: Object.fromEntries(limits),
    exceptions: exceptions.map((one) => ({ ...one, until: new Date(one.until).toISOString() })),
    ...(vexBy === undefined ? {} : { vexBy }),
  };
}
