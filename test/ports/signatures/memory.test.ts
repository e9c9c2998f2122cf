import { createMemorySignatures, stateSignature } from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import { signaturesSuite } from './signatures-suite.ts';

signaturesSuite('stated signatures', () => ({
  signatures: createMemorySignatures(['build']),
  sign(image, by) {
    const { manifest, blobs } = stateSignature(image, by === 'trusted' ? 'build' : 'somebody');
    return { manifest, blobs: blobs.map(({ bytes }) => bytes) };
  },
}));
