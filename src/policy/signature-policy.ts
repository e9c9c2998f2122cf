/** What a signature verdict means for a promotion: unsigned and wrongly signed are both a no, with different words. */
import type { Refusal } from '../domain/error-code.ts';
import type { SignatureVerdict } from '../ports/signatures.ts';

export function signatureRefusal(verdict: SignatureVerdict, image: string, registry: string): Refusal | undefined {
  if (verdict.kind === 'verified') return undefined;
  if (verdict.kind === 'unsigned') {
    return {
      code: 'signature-missing',
      message: `${image} in ${registry} carries no signature`,
      expected: 'a Cosign signature by a key or identity under trust.signatures',
      got: `none at: ${verdict.looked.join(', ')}`,
      remedy: 'sign the image by digest ("cosign sign --key … IMAGE@sha256:…") and release it under a new version',
    };
  }
  return {
    code: 'signature-untrusted',
    message: `${image} in ${registry} is signed, but by nobody that sluice.yaml trusts`,
    expected: 'a Cosign signature by a key or identity under trust.signatures',
    got: verdict.found.map((one) => `${one.artefact.form} ${one.artefact.digest}: ${one.why}`).join('; '),
    remedy:
      'sign the image with a trusted key and release it under a new version, or add the signer to trust.signatures',
  };
}
