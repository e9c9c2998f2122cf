import { COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { signaturesSuite } from './signatures-suite.ts';
import { attestBundle, makeKey, signBundle, signLegacy } from './signing.ts';

const trusted = makeKey();
const stranger = makeKey();
const keyOf = (by: 'trusted' | 'stranger') => (by === 'trusted' ? trusted : stranger);
const trust = [{ kind: 'key', file: 'cosign.pub', pem: trusted.pem }] as const;

signaturesSuite('Cosign bundles', () => ({
  signatures: createCosignSignatures({ [COMMON_SIGNER]: trust }),
  sign: (image, by) => signBundle(image, keyOf(by)),
  attest: (image, by, type, predicate) => attestBundle(image, keyOf(by), type, predicate),
}));

// A tag holds one artefact, so the two signatures of one image cannot both be legacy: the stranger's is a bundle.
signaturesSuite('legacy Cosign signatures', () => ({
  signatures: createCosignSignatures({ [COMMON_SIGNER]: trust }),
  sign: (image, by) => (by === 'trusted' ? signLegacy(image, trusted) : signBundle(image, stranger)),
  attest: (image, by, type, predicate) => attestBundle(image, keyOf(by), type, predicate),
}));
