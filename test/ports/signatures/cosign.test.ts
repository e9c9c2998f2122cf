import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { signaturesSuite } from './signatures-suite.ts';
import { makeKey, signBundle, signLegacy } from './signing.ts';

const trusted = makeKey();
const stranger = makeKey();
const trust = [{ kind: 'key', file: 'cosign.pub', pem: trusted.pem }] as const;

signaturesSuite('Cosign bundles', () => ({
  signatures: createCosignSignatures(trust),
  sign: (image, by) => signBundle(image, by === 'trusted' ? trusted : stranger),
}));

// A tag holds one artefact, so the two signatures of one image cannot both be legacy: the stranger's is a bundle.
signaturesSuite('legacy Cosign signatures', () => ({
  signatures: createCosignSignatures(trust),
  sign: (image, by) => (by === 'trusted' ? signLegacy(image, trusted) : signBundle(image, stranger)),
}));
