/** Holds an image in a registry against the rules of an environment: gathers what is signed and stated, each kind once, and has it judged. */
import type { Image } from '../domain/image-reference.ts';
import { COMMON_SIGNATURES, type ProofRules, type ProofVerdict } from '../domain/proof.ts';
import { judgeStatements, type Gathered, heard, typesWanted, unsureIn, wantedBy } from '../policy/proofs/index.ts';
import { signatureVerdict } from '../policy/signature-policy.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import type { Signatures, SignedBy } from '../ports/signatures.ts';

export interface Question {
  /** Where the image lies, and what is said about it. */
  readonly registry: RegistryReader;
  readonly image: Image;
  /** Those of the environment that it is to enter; without `signatures`, what holds where nothing is written. */
  readonly rules: Partial<ProofRules>;
  readonly at: Date;
}

export interface Answer {
  /** One for each rule, that of the signatures first. */
  readonly verdicts: readonly ProofVerdict[];
  /** Who has signed, of those who had to. */
  readonly signed: readonly SignedBy[];
}

/** Throws PortError when it could not be found out; that nothing is signed as it has to be is an answer all the same. */
export async function proveImage(signatures: Signatures, question: Question): Promise<Answer> {
  const [signature, stated] = await Promise.allSettled([
    proveSignatures(signatures, question),
    proveStatements(signatures, question),
  ]);
  if (signature.status === 'rejected') throw signature.reason;
  const { verdict, signed } = signature.value;
  if (stated.status === 'fulfilled') return { verdicts: [verdict, ...stated.value], signed };
  if (verdict.answer === 'yes') throw stated.reason;
  return { verdicts: [verdict], signed };
}

async function proveSignatures(
  signatures: Signatures,
  { registry, image, rules }: Question,
): Promise<{ readonly verdict: ProofVerdict; readonly signed: readonly SignedBy[] }> {
  const wanted = rules.signatures ?? COMMON_SIGNATURES;
  const found = await signatures.verify(registry, image, wanted);
  const signed = found.kind === 'unsigned' ? [] : found.signed;
  return { verdict: signatureVerdict(found, image, registry.host, wanted), signed };
}

async function proveStatements(signatures: Signatures, question: Question): Promise<readonly ProofVerdict[]> {
  const { registry, image, rules, at } = question;
  const types = typesWanted(rules);
  if (types.length === 0) return [];
  const statements = await signatures.attestations(registry, image, types);
  // another one that is known may have made it, too: the one who is asked for is not unheard for that
  const unsure = unsureIn(rules, statements);
  if (unsure !== undefined) throw unsure.error;
  const isLacking = wantedBy(rules).some((wanted) => heard({ statements }, wanted).length === 0);
  // what nobody hears is looked at only where somebody has to be told what is missing
  const unheard = isLacking ? await signatures.unheard(registry, image, types) : [];
  const gathered: Gathered = { image, registry: registry.host, at, statements, unheard };
  return judgeStatements(rules, gathered);
}
