/** Where an image comes from: one trusted statement must say everything that the rule asks. What it leaves out is a no. */
import { shortDigest } from '../../domain/digest.ts';
import type { ProofVerdict, ProvenanceRule } from '../../domain/proof.ts';
import type { Attestation } from '../../ports/signatures.ts';
import { parseGitSource } from './git-source.ts';
import { claimsOf, type ProvenanceClaims, PROVENANCE_TYPES } from './provenance-claims.ts';
import { quoted } from './stated.ts';
import { type Gathered, heard, nameOf, no, nothingHeard, some, type Wanted, yes } from './verdict.ts';

/** As many as tell that there are several. */
const MOST_NAMED = 5;

export function provenanceWanted({ by }: ProvenanceRule): Wanted {
  return { rule: 'provenance', what: 'provenance', types: PROVENANCE_TYPES, by };
}

export function judgeProvenance(rule: ProvenanceRule, gathered: Gathered): ProofVerdict {
  const wanted = provenanceWanted(rule);
  const statements = heard(gathered, wanted);
  if (statements.length === 0) return nothingHeard(gathered, wanted);
  const read = statements.map((one) => {
    const claims = claimsOf(one.predicateType, one.predicate);
    return { one, claims, lacking: lackingIn(claims, rule) };
  });
  const good = read.find(({ lacking }) => lacking.length === 0);
  if (good !== undefined) return yes(wanted.rule, `it was ${inWords(good.claims)}`, [good.one]);
  return no(
    wanted.rule,
    {
      code: 'provenance-refused',
      message: `${nameOf(gathered.image)} is not proven to come from where it has to: ${read.flatMap(({ lacking }) => lacking)[0]}`,
      expected: askedBy(rule),
      got: some(read.map(({ one, claims, lacking }) => got(one, claims, lacking))),
      remedy:
        'build it where this environment wants it built, attest that, and release it under a new version; or change "proofs.provenance"',
    },
    statements,
  );
}

function lackingIn(
  claims: ProvenanceClaims,
  { builders, sources, branches, commit }: ProvenanceRule,
): readonly string[] {
  const { builder } = claims;
  const [repository] = claims.repositories;
  const wantedSources = sources?.map((one) => parseGitSource(one)?.repository);
  return [
    ...(builders === undefined || (builder !== undefined && builders.includes(builder))
      ? []
      : [`built by ${quoted(builder ?? 'nobody that it names')}`]),
    ...(wantedSources === undefined || (claims.repositories.length === 1 && wantedSources.includes(repository))
      ? []
      : [`from ${oneOf(claims.repositories, 'no source that it names')}`]),
    ...(branches === undefined || (claims.refs.length === 1 && branches.includes(claims.refs[0] ?? ''))
      ? []
      : [`of ${oneOf(claims.refs, 'no branch that it names')}`]),
    ...(commit === undefined || claims.commits.length === 1
      ? []
      : [`at ${oneOf(claims.commits, 'no commit that it names')}`]),
  ];
}

function askedBy({ builders, sources, branches, commit }: ProvenanceRule): string {
  const asked = [
    builders === undefined ? undefined : `builder ${builders.join(' or ')}`,
    sources === undefined ? undefined : `source ${sources.join(' or ')}`,
    branches === undefined ? undefined : `ref ${branches.join(' or ')}`,
    commit === undefined ? undefined : 'one commit',
  ];
  return asked.filter((one) => one !== undefined).join('; ') || 'any provenance';
}

function got({ artefact }: Attestation, claims: ProvenanceClaims, lacking: readonly string[]): string {
  return `${shortDigest(artefact.digest)}: ${inWords(claims)} (${lacking.join(', ')})`;
}

function inWords({ builder = 'nobody that it names', repositories, refs, commits }: ProvenanceClaims): string {
  const at = [refs, commits].flatMap((one) => (one.length === 0 ? [] : [oneOf(one, '')]));
  return `built by ${quoted(builder)} from ${[oneOf(repositories, 'no source that it names'), ...at].join(' ')}`;
}

function oneOf(found: readonly string[], none: string): string {
  if (found.length === 0) return none;
  const shown = found.slice(0, MOST_NAMED).map(quoted).join(' and ');
  return found.length <= MOST_NAMED ? shown : `${shown} and ${found.length - MOST_NAMED} more`;
}
