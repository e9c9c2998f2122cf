/** What a signature verdict on the manifests means: the image's own words, said of what is applied with it. */
import type { ErrorCode, Refusal } from '../domain/error-code.ts';
import type { ProofVerdict, SignatureRule } from '../domain/proof.ts';
import type { SignatureVerdict } from '../ports/signatures.ts';

export interface ManifestsLooked {
  /** `iam@sha256:ab12…`, as people are told. */
  readonly artefact: string;
  readonly registry: string;
  readonly wanted: SignatureRule;
}

export function manifestsVerdict(verdict: SignatureVerdict, looked: ManifestsLooked): ProofVerdict {
  const { artefact, registry } = looked;
  if (verdict.kind === 'verified') {
    const by = [...new Set(verdict.signed.map((one) => one.by))].join(' and ');
    const statements = [...new Set(verdict.signed.map((one) => one.artefact.digest))];
    return { rule: 'manifests', answer: 'yes', reason: `${artefact} in ${registry} is signed by ${by}`, statements };
  }
  const refusal = refusalOf(verdict, looked);
  const found = verdict.kind === 'unsigned' ? [] : verdict.found.map((one) => one.artefact.digest);
  return { rule: 'manifests', answer: 'no', reason: refusal.message, statements: [...new Set(found)], refusal };
}

function refusalOf(
  verdict: Exclude<SignatureVerdict, { kind: 'verified' }>,
  { artefact, registry, wanted }: ManifestsLooked,
): Refusal {
  const expected = `a Cosign signature by ${wanted.need === 'all' ? 'each of' : 'one of'}: ${wanted.of.join(', ')}`;
  const everybody = wanted.of.join(wanted.need === 'all' ? ' and ' : ' or ');
  const what = `the manifest artefact ${artefact} in ${registry}`;
  const no = (code: ErrorCode, message: string, got: string, who: string): Refusal => ({
    ...{ code, message, expected, got },
    remedy: `publish the manifests with "sluice manifests push", have ${who} sign them by the digest that it prints, and start a new version`,
  });
  if (verdict.kind === 'unsigned') {
    const got = `none at: ${verdict.looked.join(', ')}`;
    return no('manifests-unsigned', `${what} carries no signature`, got, everybody);
  }
  const { signed, missing } = verdict;
  const got = verdict.found.map((one) => `${one.artefact.form} ${one.artefact.digest}: ${one.why}`).join('; ');
  if (signed.length > 0) {
    const message = `${what} is signed by ${signed.map((one) => one.signer).join(' and ')}, and not by ${missing.join(' and ')}`;
    return no('manifests-incomplete', message, got, missing.join(' and '));
  }
  const message = `${what} is signed, but by nobody whose signature counts for manifests here`;
  return no('manifests-untrusted', message, got, everybody);
}
