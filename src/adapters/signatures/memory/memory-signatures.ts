/**
 * Signatures without cryptography, for benchmarks and tests: a referrer that states a name. They are kept in the registry like real
 * ones, so that they stay behind on an import and have to be copied. **Proves nothing**: whoever can push can state any name.
 */
import { digestOf } from '../../../content/digest-of.ts';
import type { Digest } from '../../../domain/digest.ts';
import type { Image } from '../../../domain/image-reference.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { RegistryReader, StoredManifest } from '../../../ports/registry-reader.ts';
import type {
  Attestation,
  RefusedSignature,
  SignatureArtefact,
  Signatures,
  Unheard,
} from '../../../ports/signatures.ts';
import { weigh } from '../../../domain/quorum.ts';

const ARTIFACT_TYPE = 'application/vnd.sluice.stated-signature.v1+json';
const MANIFEST_MEDIA_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY_MEDIA_TYPE = 'application/vnd.oci.empty.v1+json';
const EMPTY = Buffer.from('{}');
const SIGNED_BY = 'sluice.dev/signed-by';
const ATTESTATION_TYPE = 'application/vnd.sluice.stated-attestation.v1+json';
const PREDICATE_TYPE = 'sluice.dev/predicate-type';
const PREDICATE = 'sluice.dev/predicate';

/** Fits `Artefact` of src/ports/artefact-publisher.ts. */
export interface StatedSignature {
  readonly mediaType: string;
  readonly manifest: Uint8Array;
  readonly manifestDigest: Digest;
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: Uint8Array }[];
}

/** The referrer by which `by` signs; to be pushed beside the image. */
export function stateSignature(image: Digest, by: string): StatedSignature {
  return state(image, ARTIFACT_TYPE, { [SIGNED_BY]: by });
}

/** The referrer by which `by` attests something; to be pushed beside the image. */
export function stateAttestation(
  image: Digest,
  by: string,
  predicateType: string,
  predicate: Readonly<Record<string, unknown>>,
): StatedSignature {
  const stated = { [PREDICATE_TYPE]: predicateType, [PREDICATE]: JSON.stringify(predicate) };
  return state(image, ATTESTATION_TYPE, { [SIGNED_BY]: by, ...stated });
}

function state(image: Digest, artifactType: string, annotations: Readonly<Record<string, string>>): StatedSignature {
  const empty = { mediaType: EMPTY_MEDIA_TYPE, digest: digestOf(EMPTY), size: EMPTY.byteLength };
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_MEDIA_TYPE,
      artifactType,
      config: empty,
      layers: [empty],
      subject: { mediaType: MANIFEST_MEDIA_TYPE, digest: image, size: 0 },
      annotations,
    }),
  );
  const blobs = [{ digest: empty.digest, bytes: EMPTY }];
  return { mediaType: MANIFEST_MEDIA_TYPE, manifest, manifestDigest: digestOf(manifest), blobs };
}

/** By whose stated name which signer has signed. */
export function createMemorySignatures(
  signers: Readonly<Record<string, readonly string[]>>,
  /** Names that count no more; may be added to at any time. */
  revoked?: ReadonlySet<string>,
): Signatures {
  const signersOf = (by: string): readonly string[] =>
    Object.entries(signers).flatMap(([signer, names]) =>
      names.includes(by) && revoked?.has(by) !== true ? [signer] : [],
    );
  return {
    lapses: revoked !== undefined,
    async verify(registry, image, wanted) {
      const referrers = await registry.referrers(image.repository, image.digest);
      const own = referrers.filter((one) => one.artifactType === ARTIFACT_TYPE);
      const found = await Promise.all(own.map(async ({ digest }) => read(await existing(registry, image, digest))));
      const passed = found.flatMap((one) => signersOf(one.by).map((signer) => ({ ...one, signer })));
      const { signed, missing } = weigh(wanted, passed);
      if (missing.length === 0) return { kind: 'verified', signed, found: found.map((one) => one.artefact) };
      if (found.length > 0) {
        const whys = found.map(({ artefact, by }): RefusedSignature =>
          revoked?.has(by) === true
            ? { artefact, why: `revoked: ${by}`, because: 'revoked' }
            : { artefact, why: `not wanted: ${by}` },
        );
        return { kind: 'untrusted', found: whys, signed, missing };
      }
      await existing(registry, image, image.digest);
      return { kind: 'unsigned', looked: [`referrers of ${image.digest}`] };
    },
    async attestations(registry, image, predicateTypes) {
      const referrers = await registry.referrers(image.repository, image.digest);
      const own = referrers.filter((one) => one.artifactType === ATTESTATION_TYPE);
      const read = await Promise.all(
        own.map(async ({ digest }) => attestationIn(await existing(registry, image, digest))),
      );
      return read
        .map((one) => ({ ...one, signers: signersOf(one.by) }))
        .filter((one) => one.signers.length > 0 && predicateTypes.includes(one.predicateType));
    },
    async unheard(registry, image, predicateTypes) {
      const referrers = await registry.referrers(image.repository, image.digest);
      const own = referrers.filter((one) => one.artifactType === ATTESTATION_TYPE);
      const read = await Promise.all(
        own.map(async ({ digest }) => attestationIn(await existing(registry, image, digest))),
      );
      return read.flatMap(({ artefact, predicateType, by }): readonly Unheard[] => {
        if (!predicateTypes.includes(predicateType))
          return [{ artefact, predicateType, reason: 'other-type', why: predicateType }];
        if (signersOf(by).length > 0) return [];
        return [{ artefact, predicateType, reason: 'untrusted', why: `not by anybody known: ${by}` }];
      });
    },
  };
}

function attestationIn(manifest: StoredManifest): Omit<Attestation, 'signers'> {
  const { artefact, by } = read(manifest);
  const { [PREDICATE_TYPE]: predicateType = '', [PREDICATE]: predicate = '{}' } = annotationsOf(manifest);
  return { artefact, by, predicateType, predicate: JSON.parse(predicate) as Attestation['predicate'] };
}

function read(manifest: StoredManifest): { readonly artefact: SignatureArtefact; readonly by: string } {
  return { artefact: { digest: manifest.digest, form: 'bundle' }, by: annotationsOf(manifest)[SIGNED_BY] ?? '' };
}

function annotationsOf({ bytes }: StoredManifest): Readonly<Record<string, string>> {
  return (JSON.parse(Buffer.from(bytes).toString('utf8')) as { annotations: Record<string, string> }).annotations;
}

async function existing(registry: RegistryReader, image: Image, digest: Digest): Promise<StoredManifest> {
  const manifest = await registry.manifest(image.repository, digest);
  if (manifest !== undefined) return manifest;
  throw new PortError('manifest-unknown', `${registry.host} has no manifest ${image.repository}@${digest}`, {
    retry: 'no',
  });
}
