/**
 * Cosign signatures in both forms, judged against pinned keys and identities. Fails closed: what is not understood is untrusted,
 * what could not be read is an error, and only a claim that names this digest and was made by somebody pinned is a yes.
 */
import type { Image } from '../../../domain/image-reference.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { RegistryReader } from '../../../ports/registry-reader.ts';
import type { SignatureArtefact, SignatureVerdict, Signatures } from '../../../ports/signatures.ts';
import { type Candidate, findCandidates } from './candidates.ts';
import { findAttestations } from './attestations.ts';
import { type Judge, judgedBy } from './judge.ts';
import { type Identity, pinnedIdentity } from './pinned-identity.ts';
import { pinnedKey } from './pinned-key.ts';
import { readCandidate } from './read-candidate.ts';
import { legacyTag } from './wire.ts';

/** As `trust.signatures` of sluice.yaml, read: a PEM public key with the name of its file, or issuer and subject with a root. */
export type CosignTrust =
  { readonly kind: 'key'; readonly file: string; readonly pem: string } | ({ readonly kind: 'identity' } & Identity);

/** Throws PortError `config-invalid` when a key or a root is unusable. No trust at all means that nothing passes. */
export function createCosignSignatures(trust: readonly CosignTrust[]): Signatures {
  const judges = trust.map((one) => (one.kind === 'key' ? pinnedKey(one.file, one.pem) : pinnedIdentity(one)));
  return {
    verify: (registry, image) => verify(judges, registry, image),
    attestations: (registry, image, predicateTypes) => findAttestations(judges, registry, image, predicateTypes),
  };
}

type Finding =
  | { readonly kind: 'verified'; readonly artefact: SignatureArtefact; readonly by: string }
  | { readonly kind: 'untrusted'; readonly artefact: SignatureArtefact; readonly why: string }
  | { readonly kind: 'unreadable'; readonly artefact: SignatureArtefact; readonly error: unknown }
  | { readonly kind: 'no-signature' };

async function verify(judges: readonly Judge[], registry: RegistryReader, image: Image): Promise<SignatureVerdict> {
  const candidates = await findCandidates(registry, image);
  const findings = await Promise.all(candidates.map((one) => examine(judges, registry, image, one)));
  const signatures = findings.filter((one) => one.kind !== 'no-signature');
  const passed = signatures.find((one) => one.kind === 'verified');
  if (passed !== undefined) {
    return { kind: 'verified', by: passed.by, artefact: passed.artefact, found: signatures.map((one) => one.artefact) };
  }
  const unreadable = signatures.find((one) => one.kind === 'unreadable');
  if (unreadable !== undefined) throw unreadable.error;
  const untrusted = signatures.filter((one) => one.kind === 'untrusted');
  if (untrusted.length > 0)
    return { kind: 'untrusted', found: untrusted.map(({ artefact, why }) => ({ artefact, why })) };
  await mustExist(registry, image);
  return { kind: 'unsigned', looked: [`referrers of ${image.digest}`, `tag ${legacyTag(image.digest)}`] };
}

/** One unreadable signature must not hide a good one beside it, so its error is kept until all have been looked at. */
async function examine(
  judges: readonly Judge[],
  registry: RegistryReader,
  image: Image,
  candidate: Candidate,
): Promise<Finding> {
  const { artefact } = candidate;
  try {
    const readings = await readCandidate(registry, image, candidate);
    const judged = readings.flatMap((reading) => {
      if (reading.kind === 'no-signature') return [];
      return [reading.kind === 'bad' ? { trusted: false as const, why: reading.why } : judgedBy(judges, reading.claim)];
    });
    const yes = judged.find((one) => one.trusted);
    if (yes !== undefined) return { kind: 'verified', artefact, by: yes.by };
    if (judged.length === 0) return { kind: 'no-signature' };
    return { kind: 'untrusted', artefact, why: judged.flatMap((one) => (one.trusted ? [] : [one.why])).join('; ') };
  } catch (error) {
    return { kind: 'unreadable', artefact, error };
  }
}

/** "Unsigned" is only said about an image that is there. */
async function mustExist(registry: RegistryReader, image: Image): Promise<void> {
  if ((await registry.manifest(image.repository, image.digest)) !== undefined) return;
  throw new PortError('manifest-unknown', `${registry.host} has no image ${image.repository}@${image.digest}`, {
    retry: 'no',
    expected: 'the image whose signatures are to be verified',
    got: 'no such manifest',
  });
}
