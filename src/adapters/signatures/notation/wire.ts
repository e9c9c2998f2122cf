/** What Notation writes into a registry, and says on the command line. Notary Project specification, signature-specification.md; specs/commandline/verify.md. */

export const NOTATION_ARTIFACT = 'application/vnd.cncf.notary.signature';
/** JWS and COSE. */
export const ENVELOPES: readonly unknown[] = ['application/jose+json', 'application/cose'];

/** Printed for the artefact when one of its signatures has passed. A policy that skips says something else, with the same exit code. */
export const VERIFIED = 'Successfully verified signature for ';
/** On stderr, when every signature has been refused. Whatever else it ends with is no answer. */
export const REFUSED = 'signature verification failed for all the signatures associated with ';
/** On stderr, for a check that failed and that the policy only logs. */
export const LOGGED = /^Warning: .* failed with error/m;

export const LIMITS = {
  /** Signatures of one image. */
  artefacts: 64,
  /** Bytes of one envelope: with certificate chain and timestamp about 10 KiB. */
  envelopeSize: 256 * 1024,
  /** Bytes of a signature's manifest, and of the image's. */
  manifestSize: 4 * 1024 * 1024,
  /** Bytes of what the program says. */
  output: 64 * 1024,
  /** One verification: it asks for revocations over the network. */
  timeoutMs: 30_000,
} as const;
