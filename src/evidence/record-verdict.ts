/** Whether what lies beside an image shows that an environment promoted it: by that environment's own key, about this image, in that environment. */
import { shortDigest } from '../domain/digest.ts';
import type { Refusal } from '../domain/error-code.ts';
import type { Image } from '../domain/image-reference.ts';
import type { ProofVerdict, RecordRule } from '../domain/proof.ts';
import type { Descriptor } from '../ports/registry-reader.ts';
import type { Attestation } from '../ports/signatures.ts';
import { PROMOTION_PREDICATE } from './record-predicate.ts';
import { plannedImage, readPromotion } from './record-statement.ts';

const PREDICATE_ANNOTATION = 'dev.sigstore.bundle.predicateType';

export interface RecordFacts {
  readonly image: Image;
  readonly service: string;
  /** Of the registry that was looked into. */
  readonly host: string;
  /** Statements by keys of environments; each names the environments whose key made it. */
  readonly heard: readonly Attestation[];
  /** Everything that refers to the image. */
  readonly referrers: readonly Descriptor[];
}

export function recordVerdict({ of }: RecordRule, facts: RecordFacts): ProofVerdict {
  const rule = `record of ${of}`;
  const judged = facts.heard.filter(({ predicateType }) => predicateType === PROMOTION_PREDICATE);
  const faults: string[] = [];
  for (const one of judged) {
    const fault = faultOf(one, of, facts);
    if (fault === undefined) return good(rule, one, of);
    if (fault !== '') faults.push(`${one.artefact.digest}: ${fault}`);
  }
  const strangers = facts.referrers
    .filter((one) => isUnheard(one, judged))
    .map((one) => `${one.digest}: by nobody known`);
  const refusal = refusalOf(of, facts, [...faults, ...strangers]);
  return { rule, answer: 'no', reason: refusal.message, statements: [], refusal };
}

function good(rule: string, { by, artefact, predicate }: Attestation, of: string): ProofVerdict {
  const when = readPromotion(predicate)?.promotedAt ?? '';
  const reason = `${of} promoted it at ${when}, signed with ${by}`;
  return { rule, answer: 'yes', reason, statements: [artefact.digest] };
}

/** Undefined: it shows what is wanted. Empty: it is an honest record of something else. */
function faultOf(one: Attestation, of: string, { image, service }: RecordFacts): string | undefined {
  const promotion = readPromotion(one.predicate);
  if (promotion === undefined) return 'no record of a form that is known';
  const { environment } = promotion.to;
  const signers = one.signers.join(', ');
  if (!one.signers.includes(environment)) return `says that it is of ${environment}, and is signed by ${signers}`;
  if (environment !== of || promotion.service !== service) return '';
  const planned = plannedImage(promotion);
  return planned === image.digest ? undefined : `its plan is about ${planned ?? 'no image'}`;
}

/** What calls itself a record, and is signed by no environment. */
function isUnheard({ digest, annotations }: Descriptor, heard: readonly Attestation[]): boolean {
  if (annotations?.[PREDICATE_ANNOTATION] !== PROMOTION_PREDICATE) return false;
  return !heard.some(({ artefact }) => artefact.digest === digest);
}

function refusalOf(of: string, { image, host }: RecordFacts, found: readonly string[]): Refusal {
  const what = `${image.repository}@${shortDigest(image.digest)}`;
  const expected = `a record of this image, signed with the key of ${of}`;
  if (found.length === 0) {
    return {
      code: 'record-missing',
      message: `nothing in ${host} shows that ${of} promoted ${what}`,
      expected,
      got: 'none',
      remedy: `let it pass ${of} first, where records are signed, and start a new version`,
    };
  }
  return {
    code: 'record-untrusted',
    message: `what calls itself a record beside ${what} in ${host} does not show that ${of} promoted it`,
    expected,
    got: found.slice(0, MOST_TOLD).join('; '),
    remedy: 'find out who attached it, and let the image pass there again if its key has changed',
  };
}

const MOST_TOLD = 5;
