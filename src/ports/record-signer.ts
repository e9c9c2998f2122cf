/** Signing what an environment says of its own promotions, with a key that no other environment has. */

export interface RecordSignature {
  /** As every verifier reads it: ASN.1 DER for ECDSA (SHA-256), 64 bytes for Ed25519. */
  readonly signature: Uint8Array;
  /** Whose it is: SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
}

export interface RecordSigner {
  /**
   * What it returns has been verified with the public key that the configuration names, since others will. Throws PortError
   * `record-key-unusable` when the key is missing, of another kind, or another one.
   */
  sign(bytes: Uint8Array): Promise<RecordSignature>;
}
