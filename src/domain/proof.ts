/**
 * What an environment wants proven about an image before it enters. Rules only, normalised, without keys: signers are names here,
 * and who they are is known to whoever verifies. Statements are gathered where the image lies, verdicts come from `src/policy/proofs`.
 */
import type { Refusal } from './error-code.ts';

/** The signer that `trust.signatures` makes up: any of its entries. No other signer may be called so. */
export const COMMON_SIGNER = 'signatures';

/** Whose signatures are needed: each of these signers, or one of them. */
export interface SignatureRule {
  readonly need: 'all' | 'any';
  /** Names of signers, at least one. */
  readonly of: readonly string[];
}

/** Where an environment says nothing. */
export const COMMON_SIGNATURES: SignatureRule = { need: 'any', of: [COMMON_SIGNER] };

/** Statements count that are signed by one of these signers. */
interface Stated {
  readonly by: readonly string[];
}

/** SLSA provenance, v1 or v0.2. What is undefined is not asked. */
export interface ProvenanceRule extends Stated {
  /** `builder.id`, exactly one of these. */
  readonly builders?: readonly string[];
  /** Source repository as a URL, exactly one of these, without `git+`, `.git` and a trailing slash. */
  readonly sources?: readonly string[];
  /** `refs/heads/main`, exactly one of these. */
  readonly branches?: readonly string[];
  /** A full commit id must be named. */
  readonly commit?: true;
}

export const SBOM_FORMATS = ['spdx', 'cyclonedx'] as const;
export type SbomFormat = (typeof SBOM_FORMATS)[number];

export interface SbomRule extends Stated {
  readonly formats: readonly SbomFormat[];
}

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'unknown'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A finding that somebody answers for, until then. */
export interface VulnerabilityException {
  /** `CVE-2026-1234`, or what the scanner calls it. */
  readonly id: string;
  readonly owner: string;
  readonly reason: string;
  /** ISO 8601: from then on it counts again. */
  readonly until: string;
}

export interface VulnerabilityRule extends Stated {
  readonly noOlderThanMs: number;
  /** How many of each severity may be found at most; what is absent is not counted. */
  readonly most: Readonly<Partial<Record<Severity, number>>>;
  readonly exceptions: readonly VulnerabilityException[];
  /** Signers whose OpenVEX statements are honoured; undefined: nobody's. */
  readonly vexBy?: readonly string[];
}

/** Any other statement, judged by CEL over `predicate`, `subject` and `at`. */
export interface PredicateRule extends Stated {
  /** Unique in its environment. */
  readonly name: string;
  /** in-toto predicate type, exactly. */
  readonly predicateType: string;
  readonly expression: string;
  /** What people read when it is false. */
  readonly because: string;
}

/** Another environment's own record of having promoted this very image. */
export interface RecordRule {
  readonly of: string;
}

export interface ProofRules {
  readonly signatures: SignatureRule;
  /** Whose signatures the manifests need; undefined: none. */
  readonly manifests?: SignatureRule;
  readonly provenance?: ProvenanceRule;
  readonly sbom?: SbomRule;
  readonly vulnerabilities?: VulnerabilityRule;
  readonly predicates?: readonly PredicateRule[];
  readonly records?: readonly RecordRule[];
}

/** One rule's answer. "Could not find out" is no answer: it is an error of whoever gathers. */
export interface ProofVerdict {
  /** `signatures`, `provenance`, `sbom`, `vulnerabilities`, `predicate <name>`, `record of <environment>`, `manifests`. */
  readonly rule: string;
  readonly answer: 'yes' | 'no';
  /** One sentence: what was looked at and what follows. */
  readonly reason: string;
  /** Digests of the manifests that hold the statements on which it rests. */
  readonly statements: readonly string[];
  /** Present with `no`. */
  readonly refusal?: Refusal;
}
