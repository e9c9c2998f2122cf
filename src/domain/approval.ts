/**
 * The one handler behind `approve` and `reject`, however they arrive (signal or update): pure, synchronous,
 * shared by workflow, client and tests. Who the approver really is gets verified elsewhere (`src/ports/approvals.ts`).
 */

export type Decision = 'approve' | 'reject';

export interface ApprovalStatement {
  readonly decision: Decision;
  /** The name under which the person answers. */
  readonly approver: string;
  readonly reason?: string;
  /** Digest of the plan that the person was shown. */
  readonly planDigest: string;
}

export interface GivenApproval extends ApprovalStatement {
  /** ISO 8601, time of the workflow. */
  readonly at: string;
}

export interface ApprovalState {
  readonly planDigest: string;
  readonly required: number;
  /** People who may not answer, with the reason to tell them. */
  readonly excluded: readonly { readonly name: string; readonly because: string }[];
  readonly given: readonly GivenApproval[];
  /** False before the question is asked and after it is closed. */
  readonly open: boolean;
}

export type ApprovalRefusalCode =
  | 'approval-not-open'
  | 'approval-other-plan'
  | 'approval-duplicate'
  | 'approval-excluded'
  | 'approval-reason-missing'
  | 'approval-malformed';

export interface ApprovalRefusal {
  readonly code: ApprovalRefusalCode;
  readonly message: string;
}

/** Undefined when the statement may be counted. */
export function refusalOf(state: ApprovalState, statement: ApprovalStatement): ApprovalRefusal | undefined {
  if (!isStatement(statement)) {
    return refuse('approval-malformed', 'expected {decision: "approve" | "reject", approver, planDigest, reason?}');
  }
  if (statement.planDigest !== state.planDigest) {
    return refuse(
      'approval-other-plan',
      `the answer is for plan ${statement.planDigest}, but the plan to decide on is ${state.planDigest}; look at it again with "sluice status"`,
    );
  }
  if (!state.open) return refuse('approval-not-open', 'nothing waits for an approval here (any more)');
  const excluded = state.excluded.find((one) => samePerson(one.name, statement.approver));
  if (excluded !== undefined) {
    return refuse('approval-excluded', `${statement.approver} may not answer: ${excluded.because}`);
  }
  if (state.given.some((one) => samePerson(one.approver, statement.approver))) {
    return refuse('approval-duplicate', `${statement.approver} has answered already; every person counts once`);
  }
  if (statement.decision === 'reject' && (statement.reason ?? '').trim() === '') {
    return refuse('approval-reason-missing', 'a no needs a reason');
  }
  return undefined;
}

/** Adds a statement that {@link refusalOf} let pass. */
export function withApproval(state: ApprovalState, statement: ApprovalStatement, at: string): ApprovalState {
  return { ...state, given: [...state.given, { ...statement, at }] };
}

export type ApprovalVerdict =
  | { readonly kind: 'waiting'; readonly missing: number }
  | { readonly kind: 'approved' }
  | { readonly kind: 'rejected'; readonly by: string; readonly reason: string };

export function verdictOf(state: ApprovalState): ApprovalVerdict {
  const no = state.given.find((one) => one.decision === 'reject');
  if (no !== undefined) return { kind: 'rejected', by: no.approver, reason: no.reason ?? '' };
  const missing = state.required - state.given.length;
  return missing > 0 ? { kind: 'waiting', missing } : { kind: 'approved' };
}

/** Names are compared as identity providers do: without case and surrounding space. */
export function samePerson(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

function isStatement(value: unknown): value is ApprovalStatement {
  const it = value as Partial<ApprovalStatement> | null;
  return (
    typeof it === 'object' &&
    it !== null &&
    (it.decision === 'approve' || it.decision === 'reject') &&
    typeof it.approver === 'string' &&
    it.approver.trim() !== '' &&
    typeof it.planDigest === 'string' &&
    (it.reason === undefined || typeof it.reason === 'string')
  );
}

function refuse(code: ApprovalRefusalCode, message: string): ApprovalRefusal {
  return { code, message };
}
