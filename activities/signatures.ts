/** Who signed the image, at its source and again at its destination. */
import type { SignatureRequest, StepAnswer } from '../src/contract/activities.ts';
import { shortDigest } from '../src/domain/digest.ts';
import { signatureRefusal } from '../src/policy/signature-policy.ts';
import { COMMON_SIGNATURES, type SignatureRule } from '../src/domain/proof.ts';
import type { SignatureArtefact, SignatureVerdict, SignedBy } from '../src/ports/signatures.ts';
import { imageOf, no, sourceOf, yes, type Zone } from './zone.ts';

export async function verifySignatures(zone: Zone, request: SignatureRequest): Promise<StepAnswer> {
  const image = imageOf(request.plan);
  const registry = request.at === 'source' ? sourceOf(zone, request.plan.source) : zone.ports.registry;
  const wanted = wantedSignatures(zone);
  const verdict = await zone.ports.signatures.verify(registry, image, wanted);
  const refusal = signatureRefusal(verdict, `${image.repository}@${shortDigest(image.digest)}`, registry.host, wanted);
  if (refusal !== undefined || verdict.kind !== 'verified') return no(refusal ?? unreachable());
  const { signed } = verdict;
  const listed = (of: (one: SignedBy) => string): string => [...new Set(signed.map(of))].join(' and ');
  return yes(`signed by ${listed(({ by }) => by)}`, {
    registry: registry.host,
    signer: listed(({ by }) => by),
    signature: listed(({ artefact }) => artefact.digest),
    form: listed(({ artefact }) => artefact.form),
  });
}

/** By whom an image must be signed here. */
export function wantedSignatures({ rulebook, environment }: Zone): SignatureRule {
  return rulebook.environments[environment]?.proofs?.signatures ?? COMMON_SIGNATURES;
}

/** Every signature artefact that was found, whoever made it: what travels with an image, and what goes with it. */
export function artefactsOf(verdict: SignatureVerdict): readonly SignatureArtefact[] {
  if (verdict.kind === 'unsigned') return [];
  return verdict.kind === 'verified' ? verdict.found : verdict.found.map((one) => one.artefact);
}

function unreachable(): never {
  throw new Error('a verdict that is not "verified" always has a refusal');
}
