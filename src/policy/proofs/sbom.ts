/** That somebody trusted has listed what is in an image, in a form that others can read. */
import { shortDigest } from '../../domain/digest.ts';
import type { ProofVerdict, SbomRule } from '../../domain/proof.ts';
import { readSbom, SBOM_TYPES } from './sbom-document.ts';
import { quoted } from './stated.ts';
import { type Gathered, heard, nameOf, no, nothingHeard, some, type Wanted, yes } from './verdict.ts';

export function sbomWanted({ by, formats }: SbomRule): Wanted {
  return { rule: 'sbom', what: 'bill of materials (SBOM)', types: formats.flatMap((one) => SBOM_TYPES[one]), by };
}

export function judgeSbom(rule: SbomRule, gathered: Gathered): ProofVerdict {
  const wanted = sbomWanted(rule);
  const statements = heard(gathered, wanted);
  if (statements.length === 0) return nothingHeard(gathered, wanted);
  const bad: string[] = [];
  for (const one of statements) {
    const reading = readSbom(one.predicateType, one.predicate);
    if (reading.ok)
      return yes(wanted.rule, `${reading.version} "${quoted(reading.name)}" lists ${reading.parts} parts`, [one]);
    bad.push(`${shortDigest(one.artefact.digest)}: ${quoted(reading.why)}`);
  }
  return no(
    wanted.rule,
    {
      code: 'sbom-refused',
      message: `the bill of materials (SBOM) of ${nameOf(gathered.image)} in ${gathered.registry} cannot be read`,
      expected: `a document of ${rule.formats.join(' or ')} (SPDX 2.2 or 2.3, CycloneDX 1.4 to 1.6, as JSON) that has a name and lists parts`,
      got: some(bad),
      remedy:
        'attest it as JSON ("cosign attest --type spdxjson" or "--type cyclonedx"), and release it under a new version',
    },
    statements,
  );
}
