/**
 * Every code that Sluice can answer with, closed: refusals, failures and bad input share one namespace, so that a code in a
 * log, in a workflow's history, on the command line and in docs/errors.md is the same word. Add, never rename.
 */
export const ERROR_CODES = [
  // input and configuration
  'config-missing',
  'config-invalid',
  'service-unknown',
  'environment-unknown',
  'version-malformed',
  'reference-malformed',
  'digest-malformed',
  'manifests-missing',
  'manifests-invalid',
  'manifests-not-allowed',
  'input-invalid',
  // versions
  'git-failing',
  'checkout-unreadable',
  'checkout-dirty',
  'checkout-shallow',
  'branch-unknown',
  'version-tag-missing',
  'version-tag-ambiguous',
  'version-not-releasable',
  // releases
  'version-taken',
  'release-not-found',
  'release-finished',
  'image-not-found',
  'command-not-possible',
  'migration-not-ready',
  // trust
  'signature-missing',
  'signature-untrusted',
  'signature-incomplete',
  'signature-other-image',
  'signature-too-large',
  'certificate-expired',
  'log-entry-foreign',
  'record-missing',
  'record-untrusted',
  'record-key-unusable',
  'record-key-unreachable',
  'signer-revoked',
  'signer-not-valid',
  'signer-unreachable',
  'signer-forbidden',
  'signer-unusable',
  'revocations-unreadable',
  'manifests-unsigned',
  'manifests-untrusted',
  'manifests-incomplete',
  'author-unknown',
  'statement-missing',
  'statement-untrusted',
  'statement-other-image',
  'statement-other-type',
  'statement-unreadable',
  'provenance-refused',
  'sbom-refused',
  'vulnerabilities-refused',
  'predicate-refused',
  'approval-not-open',
  'approval-other-plan',
  'approval-duplicate',
  'approval-excluded',
  'approval-reason-missing',
  'approval-malformed',
  'approval-unproven',
  'approval-key-unknown',
  'approval-signature-invalid',
  'approval-other-release',
  'approval-stale',
  'approval-from-future',
  'approval-replayed',
  'approval-wrong-group',
  'approval-out-of-order',
  'approval-too-large',
  'approval-rejected',
  'approval-expired',
  'plan-changed',
  'not-admitted',
  // gates
  'gate-closed',
  'gate-override-refused',
  // turns
  'turn-expired',
  'turn-superseded',
  'turn-lost',
  'rollback-impossible',
  // adoption
  'adoption-blocked',
  'adoption-changed',
  // identity
  'identity-untrusted',
  'identity-other-audience',
  'identity-expired',
  'identity-unbound',
  'identity-groups-hidden',
  'identity-unreachable',
  'login-missing',
  'login-failed',
  // registry
  'registry-unreachable',
  'registry-unauthorized',
  'registry-forbidden',
  'registry-throttled',
  'registry-failing',
  'registry-protocol',
  'manifest-unknown',
  'blob-unknown',
  'digest-mismatch',
  'digest-unsupported',
  'manifest-malformed',
  'manifest-ambiguous',
  'media-type-mismatch',
  'index-child-foreign',
  'referrers-too-many',
  'referrers-too-deep',
  'referrers-too-large',
  'referrers-cycle',
  'referrer-foreign',
  'referrers-missing',
  'tag-conflict',
  'image-locked',
  'import-failed',
  'import-stuck',
  'image-not-pullable',
  'lock-not-effective',
  'image-unlocked',
  // cluster
  'cluster-unreachable',
  'cluster-unauthorized',
  'cluster-forbidden',
  'cluster-failing',
  'namespace-missing',
  'manifest-rejected',
  'admission-denied',
  'dry-run-unsupported',
  'apply-conflict',
  'image-pull-failed',
  'crash-loop',
  'container-not-startable',
  'quota-exceeded',
  'unschedulable',
  'progress-deadline',
  'roll-out-timeout',
  'roll-out-interfered',
  'scaled-to-zero',
  'workload-missing',
  'running-digest-mismatch',
  'object-missing',
  'not-ready',
  'record-gone',
  'health-failed',
  'health-no-address',
  'undo-failed',
  'attention-expired',
  'operator-asked',
  // evidence
  'evidence-unreadable',
  'evidence-incomplete',
  // notifications
  'notification-unreachable',
  'notification-throttled',
  'notification-refused',
  'notification-misconfigured',
  // the engine itself
  'temporal-unreachable',
  'worker-missing',
  'temporal-test-server-unavailable',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export function isErrorCode(text: unknown): text is ErrorCode {
  return (ERROR_CODES as readonly unknown[]).includes(text);
}

/** A "no" or a failure as data: what, expected against got, what to do. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
  /** What a person does next, in the imperative. */
  readonly remedy?: string;
}

/** Several problems of one input, all at once. */
export interface Problem {
  /** Where: a file and line, or a path inside a document. */
  readonly where: string;
  readonly message: string;
  readonly remedy?: string;
}
