/** The shape of every answer about an image, and the words for statements that are not there or do not count. */
import { shortDigest } from '../../domain/digest.ts';
import type { ErrorCode, Refusal } from '../../domain/error-code.ts';
import type { Image } from '../../domain/image-reference.ts';
import type { ProofVerdict } from '../../domain/proof.ts';
import type { Attestation, Unheard } from '../../ports/signatures.ts';
import { quoted } from './stated.ts';

/** What was gathered about one image in one registry, for all rules together. */
export interface Gathered {
  readonly image: Image;
  /** Host of the registry in which was looked. */
  readonly registry: string;
  /** The clock of whoever judges. */
  readonly at: Date;
  /** By signers that are known, of every type that some rule asks for. */
  readonly statements: readonly Attestation[];
  /** What else is there, where some rule found nothing. */
  readonly unheard: readonly Unheard[];
}

/** What a rule listens to. */
export interface Wanted {
  /** As in the verdict. */
  readonly rule: string;
  /** For people: "provenance". */
  readonly what: string;
  readonly types: readonly string[];
  /** Names of signers. */
  readonly by: readonly string[];
}

export function heard(
  { statements }: Pick<Gathered, 'statements'>,
  { types, by }: Pick<Wanted, 'types' | 'by'>,
): readonly Attestation[] {
  return statements.filter(
    (one) => types.includes(one.predicateType) && one.signers.some((signer) => by.includes(signer)),
  );
}

export function yes(rule: string, reason: string, statements: readonly Attestation[]): ProofVerdict {
  return { rule, answer: 'yes', reason, statements: digestsOf(statements) };
}

export function no(rule: string, refusal: Refusal, statements: readonly Attestation[] = []): ProofVerdict {
  return { rule, answer: 'no', reason: refusal.message, statements: digestsOf(statements), refusal };
}

/** Why there is no statement that counts: none at all, by somebody else, of another type, about something else, not readable. */
export function nothingHeard({ image, registry, statements, unheard }: Gathered, wanted: Wanted): ProofVerdict {
  const { rule, what, types, by } = wanted;
  const about = `${what} of ${nameOf(image)} in ${registry}`;
  const expected = `a statement of type ${types.join(' or ')} by ${by.join(' or ')}`;
  const remedy = `attest it by digest with a key or identity of ${by.join(' or ')} ("cosign attest --type … IMAGE@sha256:…"), and release it under a new version`;
  const others = statements.filter((one) => types.includes(one.predicateType));
  if (others.length > 0) {
    const got = others.map((one) => `${shortDigest(one.artefact.digest)} by ${one.signers.join(' and ')} (${one.by})`);
    const message = `the ${about} is stated by nobody whom this rule hears`;
    return no(rule, { code: 'statement-untrusted', message, expected, got: some(got), remedy }, others);
  }
  for (const [reason, code, words] of WORDS) {
    const found = unheard.filter(
      (one) =>
        one.reason === reason &&
        (one.predicateType === undefined || reason === 'other-type' || types.includes(one.predicateType)),
    );
    if (found.length === 0) continue;
    const got = some(found.map((one) => `${shortDigest(one.artefact.digest)}: ${quoted(one.why)}`));
    return no(rule, { code, message: `the ${about} ${words}`, expected, got, remedy });
  }
  return no(rule, {
    code: 'statement-missing',
    message: `nobody states the ${about}`,
    expected,
    got: 'no statement at all',
    remedy,
  });
}

/** What says most about the mistake comes first. */
const WORDS: readonly (readonly [Unheard['reason'], ErrorCode, string])[] = [
  ['untrusted', 'statement-untrusted', 'is stated by nobody whom sluice.yaml trusts'],
  ['other-image', 'statement-other-image', 'is stated of something else: no subject of the statement is this digest'],
  ['unreadable', 'statement-unreadable', 'may be stated, in something that cannot be read'],
  ['other-type', 'statement-other-type', 'is not stated; what is stated is of other types'],
];

/** Of a list for people: as many as tell what is wrong. It is kept in a history, and whoever may push can push many. */
export function some(words: readonly string[]): string {
  const shown = words.slice(0, MOST_TOLD).join('; ');
  return words.length <= MOST_TOLD ? shown : `${shown}; and ${words.length - MOST_TOLD} more`;
}

const MOST_TOLD = 5;

export function nameOf({ repository, digest }: Image): string {
  return `${repository}@${shortDigest(digest)}`;
}

function digestsOf(statements: readonly Attestation[]): readonly string[] {
  return [...new Set(statements.map((one) => one.artefact.digest))];
}
