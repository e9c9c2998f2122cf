/** What must be proven, from its written form. Each kind of proof adds what is written of it, and nothing where nothing is. */
import { COMMON_SIGNATURES, type ProofRules, type SignatureRule } from '../domain/proof.ts';
import { statementRules } from './normalise-statements.ts';
import type { WrittenProofs, WrittenSignatureRule } from './written-proofs.ts';

export function proofRules(written: WrittenProofs): ProofRules {
  return {
    signatures: written.signatures === undefined ? COMMON_SIGNATURES : signatureRule(written.signatures),
    ...statementRules(written),
    ...(written.manifests === undefined ? {} : { manifests: signatureRule(written.manifests) }),
    ...(written.records === undefined ? {} : { records: written.records }),
  };
}

export function signatureRule(written: WrittenSignatureRule): SignatureRule {
  return 'all' in written ? { need: 'all', of: written.all } : { need: 'any', of: written.any };
}
