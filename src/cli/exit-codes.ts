/** Exit codes of every command, in one table. Stable: pipelines branch on them. */
import type { ErrorCode } from '../domain/error-code.ts';
import type { OutcomeKind } from '../domain/outcome.ts';

export const EXIT = {
  ok: 0,
  /** Wrong arguments, configuration, manifests or names. */
  usage: 2,
  /** A release or an answer was refused. */
  refused: 3,
  rolledBack: 4,
  aborted: 5,
  superseded: 6,
  /** It goes on, but the time to wait for it is over. */
  waiting: 7,
  /** Temporal, a worker, a registry or a cluster does not answer. */
  unreachable: 8,
  /** There is no such release or image. */
  notFound: 9,
  /** `doctor` found something that needs repair, `audit` a gap, a guardian something that is not as it was left, or an observation what a release would stand still for. */
  unwell: 10,
  /** A step failed for a reason that is neither of these. */
  failed: 20,
  /** A defect of Sluice. */
  internal: 70,
  /** Ctrl-C, or the end of a cancelled job. The release goes on, unless it was to be aborted then. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const OF_OUTCOME: Readonly<Record<OutcomeKind, ExitCode>> = {
  released: EXIT.ok,
  refused: EXIT.refused,
  'rolled-back': EXIT.rolledBack,
  aborted: EXIT.aborted,
  superseded: EXIT.superseded,
};

export function exitOfOutcome(kind: OutcomeKind): ExitCode {
  return OF_OUTCOME[kind];
}

const INPUT =
  /^(?:config|login)-|^manifests-(?:missing|invalid|not-allowed)$|^(?:service|environment)-unknown$|-malformed$|^(?:checkout|version-tag)-|^(?:branch-unknown|input-invalid|evidence-unreadable)$/;
const REFUSED =
  /^manifests-(?:unsigned|untrusted|incomplete)$|^(?:approval|gate|signature|statement|provenance|sbom|vulnerabilities|predicate|identity|author|turn|rollback|adoption)-|^(?:version-taken|version-not-releasable|release-finished|command-not-possible|migration-not-ready|plan-changed|not-admitted|signer-revoked|signer-not-valid)$/;
const UNREACHABLE = /^temporal-|^worker-missing$|-(?:unreachable|unauthorized|forbidden|throttled|failing)$/;
const NOT_FOUND = /^(?:release-not-found|evidence-incomplete|image-not-found|manifest-unknown|blob-unknown)$/;

export function exitOfError(code: ErrorCode): ExitCode {
  if (code === 'internal') return EXIT.internal;
  if (code === 'approval-malformed') return EXIT.refused;
  if (code === 'turn-superseded') return EXIT.superseded;
  if (INPUT.test(code)) return EXIT.usage;
  if (NOT_FOUND.test(code)) return EXIT.notFound;
  if (UNREACHABLE.test(code)) return EXIT.unreachable;
  if (REFUSED.test(code)) return EXIT.refused;
  return EXIT.failed;
}

/** Of several answers to one command: the graver the higher the number. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce<ExitCode>((worst, one) => (one > worst ? one : worst), EXIT.ok);
}
