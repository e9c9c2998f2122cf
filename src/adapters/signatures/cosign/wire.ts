/**
 * What Cosign writes into a registry.
 * Bundle form: sigstore/cosign specs/BUNDLE_SPEC.md and sigstore protobuf-specs; legacy form: specs/SIGNATURE_SPEC.md.
 */
import { type Digest, hexOf } from '../../../domain/digest.ts';

export const BUNDLE_ARTIFACT = /^application\/vnd\.dev\.sigstore\.bundle(?:\+json|\.v\d+\.\d+\+json)/;
/** Referrers that Cosign 2 wrote with COSIGN_EXPERIMENTAL=1: the legacy layers without the tag. */
export const LEGACY_ARTIFACT = 'application/vnd.dev.cosign.artifact.sig.v1+json';
/** The same for attestations. */
export const LEGACY_ATTESTATION_ARTIFACT = 'application/vnd.dev.cosign.artifact.att.v1+json';
export const PREDICATE_ANNOTATION = 'dev.sigstore.bundle.predicateType';

export const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json';
export const STATEMENT = 'https://in-toto.io/Statement/v1';
/** Cosign and most builders still attest in the older form, which says the same. */
export const STATEMENTS: readonly unknown[] = [STATEMENT, 'https://in-toto.io/Statement/v0.1'];
/** Predicate of a signature. Attestations (SBOM, provenance) are bundles too, but say something else about the image. */
export const SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

export const DSSE_ENVELOPE = 'application/vnd.dsse.envelope.v1+json';
export const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const SIMPLE_SIGNING_TYPE = 'cosign container image signature';
export const LEGACY_SIGNATURE = 'dev.cosignproject.cosign/signature';
export const LEGACY_CERTIFICATE = 'dev.sigstore.cosign/certificate';
export const LEGACY_REKOR_BUNDLE = 'dev.sigstore.cosign/bundle';
export const LEGACY_TIMESTAMP = 'dev.sigstore.cosign/rfc3161timestamp';

/** Tag under which the legacy form is kept, in the image's own repository. */
export function legacyTag(image: Digest): string {
  return `sha256-${hexOf(image)}.sig`;
}

/** The same for attestations. */
export function legacyAttestationTag(image: Digest): string {
  return `sha256-${hexOf(image)}.att`;
}

/** Far above what Cosign writes, so that whoever may push cannot keep a worker busy. */
export const LIMITS = {
  /** Signature artefacts of one image. */
  artefacts: 64,
  /** Signatures in one artefact. */
  layers: 32,
  /** Bytes of one bundle: with certificate, chain and log proofs about 10 KiB. */
  bundleSize: 256 * 1024,
  /** Bytes of one bundle with an attestation: provenance of a large build is some hundred KiB, a bill of materials ten times as much and more. */
  attestationSize: 16 * 1024 * 1024,
  /** Bytes of all of them that are read at once. */
  attestedSize: 64 * 1024 * 1024,
  /** Bytes of one simple-signing payload: about 300. */
  payloadSize: 64 * 1024,
  /** Bytes of a signature artefact's manifest. */
  manifestSize: 1024 * 1024,
} as const;
