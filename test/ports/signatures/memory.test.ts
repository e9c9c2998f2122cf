import {
  createMemorySignatures,
  stateAttestation,
  stateSignature,
} from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import { signaturesSuite } from './signatures-suite.ts';

signaturesSuite('stated signatures', () => ({
  signatures: createMemorySignatures({ signatures: ['build'] }),
  sign(image, by) {
    const { manifest, blobs } = stateSignature(image, by === 'trusted' ? 'build' : 'somebody');
    return { manifest, blobs: blobs.map(({ bytes }) => bytes) };
  },
  attest(image, by, type, predicate) {
    const { manifest, blobs } = stateAttestation(image, by === 'trusted' ? 'build' : 'somebody', type, predicate);
    return { manifest, blobs: blobs.map(({ bytes }) => bytes) };
  },
}));
