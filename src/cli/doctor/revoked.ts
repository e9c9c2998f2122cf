/** The file of what is revoked: whether it can be read, and whether what stands there concerns anybody. */
import type { Config } from '../../config/config.ts';
import { readText } from '../../config/load.ts';
import { readRevocations, revocationProblems } from '../../config/revocations.ts';
import { type Revocation, revocationOf, type Revoked } from '../../domain/revocation.ts';
import { doubtful, type Finding, unwell, well } from './finding.ts';

export function examineRevoked(
  { revokedFile }: Config,
  at: Date,
): { readonly revocations: readonly Revocation[]; readonly findings: readonly Finding[] } {
  if (revokedFile === undefined) return { revocations: [], findings: [] };
  const about = 'what is revoked';
  const read = readRevocations(revokedFile, readText);
  if (!read.ok && read.isMissing === true) {
    const said = `${revokedFile} is not on this machine; a worker without it lets nothing through`;
    return { revocations: [], findings: [doubtful(about, said, 'see that every worker has it')] };
  }
  if (!read.ok) {
    const remedy = 'correct it: until then no signature is let through';
    return { revocations: [], findings: [unwell(about, revocationProblems(read.problems), remedy)] };
  }
  const { revocations } = read;
  const inForce = revocations.filter(({ since }) => Date.parse(since) <= at.getTime()).length;
  return { revocations, findings: [well(about, `${revokedFile}: ${inForce} of ${revocations.length} in force`)] };
}

/** A mistyped revocation revokes nothing, and nobody would notice. What a pattern trusts is not known by name. */
export function withoutEffect(
  revocations: readonly Revocation[],
  marks: readonly Revoked[],
  { trust }: Config,
): readonly Finding[] {
  const open = Object.values(trust)
    .flat()
    .flatMap((one) => ('subjectPattern' in one ? [one.issuer] : []));
  return revocations
    .filter(({ what }) => what.kind !== 'digest' && !(what.kind === 'identity' && open.includes(what.issuer)))
    .filter((one) => revocationOf([one], marks, new Date(one.since)) === undefined)
    .map(({ what, since }) => {
      const said = `${inWords(what)} is revoked since ${since}, and no signer has it`;
      return doubtful(
        'what is revoked',
        said,
        'correct it if it is mistyped; it may stay where the signer was taken out of trust',
      );
    });
}

function inWords(what: Revoked): string {
  switch (what.kind) {
    case 'key':
      return `key ${what.fingerprint}`;
    case 'vault':
      return `key ${what.url}`;
    case 'identity':
      return `${what.subject} (${what.issuer})`;
    case 'digest':
      return what.digest;
  }
}
