/** Whether the manifests are signed by those by whom they have to be. */
import { shortDigest } from '../domain/digest.ts';
import type { Image } from '../domain/image-reference.ts';
import type { ProofVerdict, SignatureRule } from '../domain/proof.ts';
import { manifestsVerdict } from '../policy/manifest-policy.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import type { Signatures } from '../ports/signatures.ts';

interface Question {
  readonly registry: RegistryReader;
  /** What holds the manifests. */
  readonly artefact: Image;
  readonly wanted: SignatureRule;
}

/** Throws PortError when it could not be found out. */
export async function proveManifests(
  signatures: Signatures,
  { registry, artefact, wanted }: Question,
): Promise<ProofVerdict> {
  const verdict = await signatures.verify(registry, artefact, wanted);
  const { repository, digest } = artefact;
  return manifestsVerdict(verdict, {
    artefact: `${repository}@${shortDigest(digest)}`,
    registry: registry.host,
    wanted,
  });
}
