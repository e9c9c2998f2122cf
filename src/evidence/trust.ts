/** Whose word counts for whoever looks at evidence: verifiers of what is signed, and what is demanded of each environment. */
import type { Digest } from '../domain/digest.ts';
import type { Image } from '../domain/image-reference.ts';
import type { ProofVerdict, SignatureRule } from '../domain/proof.ts';
import type { ApprovalRule } from '../domain/rulebook.ts';
import type { ApprovalVerifier } from '../ports/approvals.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import type { Signatures } from '../ports/signatures.ts';

export interface Judging {
  readonly registry: RegistryReader;
  readonly image: Image;
  /** The artefact that holds the manifests. */
  readonly manifests: Digest;
  /** What ran well there before is asked for less, as by the engine itself. */
  readonly isRollback: boolean;
  readonly at: Date;
}

export interface EvidenceTrust {
  /** Whether anything is said of that environment at all. */
  isNamed(environment: string): boolean;
  /** Environments of which something is said; undefined: nothing is said of any by name. */
  readonly named?: readonly string[];
  /** As keys counted at that moment, where nobody else confirms when something was signed; what is revoked is revoked. */
  signaturesAt(moment: Date): Signatures;
  /** By whom images and what is said of them must be signed there. */
  signedBy(environment: string): SignatureRule;
  /** One verdict for each statement and signature of manifests that is wanted there; none where nothing is. Throws PortError where it cannot be found out. */
  judge(environment: string, question: Judging): Promise<readonly ProofVerdict[]>;
  /** Undefined: names are taken on trust, and no approval is proven by anything. */
  readonly approvals?: ApprovalVerifier;
  /** Who must have agreed there whatever the plan says; undefined: whom the plan names. */
  approvedBy(environment: string): ApprovalRule | undefined;
  /** Who signs records of promotions, by the names of their environments: nobody else's word counts for that. */
  readonly records: Signatures;
  demandsRecord(environment: string): boolean;
}
