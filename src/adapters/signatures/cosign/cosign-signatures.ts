/**
 * Cosign signatures in both forms, judged against pinned keys and identities. Fails closed: what is not understood is untrusted,
 * what could not be read is an error, and only a claim that names this digest and was made by somebody pinned is a yes.
 */
import type { Image } from '../../../domain/image-reference.ts';
import type { SignatureRule } from '../../../domain/proof.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { RegistryReader } from '../../../ports/registry-reader.ts';
import type { SignatureArtefact, SignatureVerdict, Signatures, SignedBy } from '../../../ports/signatures.ts';
import { weigh } from '../weigh.ts';
import { type Candidate, findCandidates } from './candidates.ts';
import { findAttestations } from './attestations.ts';
import { type Hearing, hear, type Judge, type Judges } from './judge.ts';
import { type Identity, pinnedIdentity } from './pinned-identity.ts';
import { pinnedKey } from './pinned-key.ts';
import { readCandidate } from './read-candidate.ts';
import { legacyTag } from './wire.ts';

/** As `trust.signatures` of sluice.yaml, read: a PEM public key with the name of its file, or issuer and subject with a root. */
export type CosignTrust =
  { readonly kind: 'key'; readonly file: string; readonly pem: string } | ({ readonly kind: 'identity' } & Identity);

/** Keys and identities by the name of the signer to whom they belong. */
export type CosignSigners = Readonly<Record<string, readonly CosignTrust[]>>;

/** Throws PortError `config-invalid` when a key or a root is unusable. No trust at all means that nothing passes. */
export function createCosignSignatures(signers: CosignSigners): Signatures {
  const judges: Judges = Object.fromEntries(
    Object.entries(signers).map(([name, members]) => [name, members.map(judgeOf)] as const),
  );
  return {
    verify: (registry, image, wanted) => verify(only(judges, wanted), registry, image, wanted),
    attestations: (registry, image, predicateTypes) => findAttestations(judges, registry, image, predicateTypes),
  };
}

function judgeOf(one: CosignTrust): Judge {
  return one.kind === 'key' ? pinnedKey(one.file, one.pem) : pinnedIdentity(one);
}

/** Whoever is wanted and not known has nobody who could sign for them. */
function only(judges: Judges, { of }: SignatureRule): Judges {
  return Object.fromEntries(of.map((name) => [name, Object.hasOwn(judges, name) ? (judges[name] ?? []) : []]));
}

type Finding =
  | { readonly kind: 'signature'; readonly artefact: SignatureArtefact; readonly hearing: Hearing }
  | { readonly kind: 'unreadable'; readonly artefact: SignatureArtefact; readonly error: unknown }
  | { readonly kind: 'no-signature' };

async function verify(
  judges: Judges,
  registry: RegistryReader,
  image: Image,
  wanted: SignatureRule,
): Promise<SignatureVerdict> {
  const candidates = await findCandidates(registry, image);
  const findings = await Promise.all(candidates.map((one) => examine(judges, registry, image, one)));
  const signatures = findings.filter((one) => one.kind !== 'no-signature');
  const read = signatures.filter((one) => one.kind === 'signature');
  const { signed, missing } = weigh(wanted, read.flatMap(passesOf));
  if (missing.length === 0) return { kind: 'verified', signed, found: signatures.map((one) => one.artefact) };
  const unreadable = signatures.find((one) => one.kind === 'unreadable');
  if (unreadable !== undefined) throw unreadable.error;
  if (read.length > 0) {
    const found = read.map(({ artefact, hearing }) => ({ artefact, why: whyNotEnough(hearing) }));
    return { kind: 'untrusted', found, signed, missing };
  }
  await mustExist(registry, image);
  return { kind: 'unsigned', looked: [`referrers of ${image.digest}`, `tag ${legacyTag(image.digest)}`] };
}

function whyNotEnough({ yes, why }: Hearing): string {
  return yes.length === 0 ? why : `only by ${yes.map((one) => one.by).join(' and ')}`;
}

function passesOf({ artefact, hearing }: Finding & { readonly kind: 'signature' }): readonly SignedBy[] {
  return hearing.yes.map((one) => ({ ...one, artefact }));
}

/** One unreadable signature must not hide a good one beside it, so its error is kept until all have been looked at. */
async function examine(judges: Judges, registry: RegistryReader, image: Image, candidate: Candidate): Promise<Finding> {
  const { artefact } = candidate;
  try {
    const readings = await readCandidate(registry, image, candidate);
    const heard = readings.flatMap((reading): readonly Hearing[] => {
      if (reading.kind === 'no-signature') return [];
      return [reading.kind === 'bad' ? { yes: [], why: reading.why } : hear(judges, reading.claim)];
    });
    if (heard.length === 0) return { kind: 'no-signature' };
    const whys = heard.map((one) => one.why).join('; ');
    return { kind: 'signature', artefact, hearing: { yes: heard.flatMap((one) => one.yes), why: whys } };
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
