/** What a signature verdict on the manifests means: the image's own words, said of what is applied with it. */
import type { Refusal } from '../domain/error-code.ts';
import type { ProofVerdict, SignatureRule } from '../domain/proof.ts';
import type { SignatureVerdict } from '../ports/signatures.ts';
import { signatureRefusal } from './signature-policy.ts';

export interface ManifestsLooked {
  /** `iam@sha256:ab12…`, as people are told. */
  readonly artefact: string;
  readonly registry: string;
  readonly wanted: SignatureRule;
}

export function manifestsVerdict(verdict: SignatureVerdict, looked: ManifestsLooked): ProofVerdict {
  const { artefact, registry, wanted } = looked;
  const refusal = signatureRefusal(verdict, `the manifest artefact ${artefact}`, registry, wanted);
  if (refusal === undefined) {
    const signed = verdict.kind === 'verified' ? verdict.signed : [];
    const by = [...new Set(signed.map((one) => one.by))].join(' and ');
    const statements = [...new Set(signed.map((one) => one.artefact.digest))];
    return { rule: 'manifests', answer: 'yes', reason: `${artefact} in ${registry} is signed by ${by}`, statements };
  }
  const found = verdict.kind === 'untrusted' ? verdict.found.map((one) => one.artefact.digest) : [];
  const own = ofManifests(refusal, wanted);
  return { rule: 'manifests', answer: 'no', reason: own.message, statements: [...new Set(found)], refusal: own };
}

const OWN_CODES = {
  'signature-missing': 'manifests-unsigned',
  'signature-untrusted': 'manifests-untrusted',
  'signature-incomplete': 'manifests-incomplete',
} as const;

/** Revoked and ended are the same word for whatever is signed; what is missing is another thing to sign. */
function ofManifests(refusal: Refusal, { need, of }: SignatureRule): Refusal {
  const code = OWN_CODES[refusal.code as keyof typeof OWN_CODES] ?? refusal.code;
  const who = of.join(need === 'all' ? ' and ' : ' or ');
  const remedy = `publish the manifests with "sluice manifests push", have ${who} sign them by the digest that it prints, and start a new version`;
  return { ...refusal, code, remedy };
}
