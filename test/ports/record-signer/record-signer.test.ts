import { generateKeyPairSync } from 'node:crypto';
import { createFileSigner } from '../../../src/adapters/record-signer/file/create-file-signer.ts';
import { createMemorySigner } from '../../../src/adapters/record-signer/memory.ts';
import { recordSignerSuite, type SignerSubject } from './record-signer-suite.ts';

function fromFile(kind: 'P-256' | 'Ed25519'): SignerSubject {
  const { privateKey, publicKey: spki } =
    kind === 'P-256' ? generateKeyPairSync('ec', { namedCurve: kind }) : generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicKey = spki.export({ type: 'spki', format: 'pem' }).toString();
  return { signer: createFileSigner({ place: 'key.pem', readKey: () => pem, publicKey }), publicKey };
}

recordSignerSuite('in memory', createMemorySigner);
recordSignerSuite('from a file, ECDSA P-256', () => fromFile('P-256'));
recordSignerSuite('from a file, Ed25519', () => fromFile('Ed25519'));
