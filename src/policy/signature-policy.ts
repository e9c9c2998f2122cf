/** What a signature verdict means for a promotion: unsigned, signed by somebody else, not signed by everybody and counting no more are a no, in different words. */
import { shortDigest } from '../domain/digest.ts';
import type { Refusal } from '../domain/error-code.ts';
import type { Image } from '../domain/image-reference.ts';
import { plainText } from '../domain/plain-text.ts';
import { COMMON_SIGNER, type ProofVerdict, type SignatureRule } from '../domain/proof.ts';
import { commonFault, type SignatureFault } from '../domain/signature.ts';
import type { RefusedSignature, SignatureVerdict } from '../ports/signatures.ts';

/** The answer of the rule "signatures", as all proofs are answered. */
export function signatureVerdict(
  verdict: SignatureVerdict,
  { repository, digest }: Image,
  registry: string,
  wanted: SignatureRule,
): ProofVerdict {
  const signed = verdict.kind === 'unsigned' ? [] : verdict.signed;
  const statements = [...new Set(signed.map((one) => one.artefact.digest))];
  const refusal = signatureRefusal(verdict, `${repository}@${shortDigest(digest)}`, registry, wanted);
  if (refusal !== undefined) return { rule: 'signatures', answer: 'no', reason: refusal.message, statements, refusal };
  const by = [...new Set(signed.map((one) => one.by))].join(' and ');
  return { rule: 'signatures', answer: 'yes', reason: `signed by ${by}`, statements };
}

export function signatureRefusal(
  verdict: SignatureVerdict,
  image: string,
  registry: string,
  wanted: SignatureRule,
): Refusal | undefined {
  if (verdict.kind === 'verified') return undefined;
  const expected = expectedOf(wanted);
  if (verdict.kind === 'unsigned') {
    return {
      code: 'signature-missing',
      message: `${image} in ${registry} carries no signature`,
      expected,
      got: `none at: ${verdict.looked.join(', ')}`,
      remedy: 'sign the image by digest ("cosign sign --key … IMAGE@sha256:…") and release it under a new version',
    };
  }
  const got = saidAgainst(verdict.found);
  const { signed, missing } = verdict;
  const because = commonFault(verdict.found.map((one) => one.because));
  const isIncomplete = signed.length > 0 && because !== 'revoked' && because !== 'not-valid';
  if (because !== undefined && !isIncomplete) return { ...FAULTS[because](image, registry), expected, got };
  if (isIncomplete) {
    return {
      code: 'signature-incomplete',
      message: `${image} in ${registry} is signed by ${signed.map((one) => one.signer).join(' and ')}, and not by ${missing.join(' and ')}`,
      expected,
      got,
      remedy: `have ${missing.join(' and ')} sign the image by digest, and release it under a new version`,
    };
  }
  return {
    code: 'signature-untrusted',
    message: `${image} in ${registry} is signed, but by nobody that sluice.yaml trusts`,
    expected,
    got,
    remedy: `sign the image with a trusted key and release it under a new version, or add the signer to ${placeOf(wanted)}`,
  };
}

/** It is kept in a history: whoever may push can push many artefacts, and put many signatures into each. */
function saidAgainst(found: readonly RefusedSignature[]): string {
  const shown = found
    .slice(0, MOST_TOLD)
    .map(({ artefact, why }) => `${artefact.form} ${artefact.digest}: ${plainText(why, LONGEST_WHY)}`);
  return [...shown, ...(found.length > MOST_TOLD ? [`and ${found.length - MOST_TOLD} more`] : [])].join('; ');
}

const MOST_TOLD = 5;
/** Characters. */
const LONGEST_WHY = 600;

const SIGN_ANEW = 'sign the image anew by digest and release it under a new version';

const FAULTS: Readonly<
  Record<SignatureFault, (image: string, registry: string) => Pick<Refusal, 'code' | 'message' | 'remedy'>>
> = {
  revoked: (image, registry) => ({
    code: 'signer-revoked',
    message: `${image} in ${registry} is signed by what has been revoked`,
    remedy: 'find out why, build and sign the image anew with a key that counts, and release it under a new version',
  }),
  'not-valid': (image, registry) => ({
    code: 'signer-not-valid',
    message: `${image} in ${registry} is signed by a key or identity that does not count at this time`,
    remedy: 'sign the image with a key that counts now and release it under a new version',
  }),
  'certificate-expired': (image, registry) => ({
    code: 'certificate-expired',
    message: `${image} in ${registry} is signed with a certificate that had expired by then, or was not valid yet`,
    remedy: `${SIGN_ANEW}: a certificate of Fulcio counts for ten minutes, and the log or the timestamp authority has to see it in that time`,
  }),
  'log-entry-foreign': (image, registry) => ({
    code: 'log-entry-foreign',
    message: `the signature of ${image} in ${registry} comes with a log entry that is about something else`,
    remedy: `${SIGN_ANEW}; find out who put this one together`,
  }),
  'other-image': (image, registry) => ({
    code: 'signature-other-image',
    message: `what lies beside ${image} in ${registry} signs another image`,
    remedy: `${SIGN_ANEW}; find out who put this one beside it`,
  }),
  'too-large': (image, registry) => ({
    code: 'signature-too-large',
    message: `the signature of ${image} in ${registry} is larger than any signature, and was not fetched`,
    remedy: `${SIGN_ANEW}; find out who pushed this one`,
  }),
};

function expectedOf(wanted: SignatureRule): string {
  const { need, of } = wanted;
  if (isCommon(wanted)) return `a Cosign signature by a key or identity under ${placeOf(wanted)}`;
  return `a signature by ${need === 'all' ? 'each of' : 'one of'}: ${of.join(', ')}`;
}

function isCommon({ of }: SignatureRule): boolean {
  return of.length === 1 && of[0] === COMMON_SIGNER;
}

function placeOf(wanted: SignatureRule): string {
  return isCommon(wanted) ? 'trust.signatures' : 'trust.signers';
}
