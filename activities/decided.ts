/** By what a promotion is let in, in a few lines that the zone remembers: what its signed record says later comes from here. */
import type { Decided, DecidedAnswer } from '../src/contract/plan.ts';
import { digestOfJson } from '../src/content/digest-of.ts';
import type { ApprovalStatement, ProvenFacts } from '../src/domain/approval.ts';
import type { GateVerdict } from '../src/domain/gate.ts';
import type { ProofVerdict } from '../src/domain/proof.ts';
import { type Counted, unproven } from '../src/statements/given.ts';
import type { ProvenOverride } from './overrides.ts';

interface Judged {
  readonly requestedBy: string;
  readonly verdicts: readonly ProofVerdict[];
  readonly gates: readonly GateVerdict[];
  readonly counted: readonly Counted[];
  readonly passed: readonly ProvenOverride[];
}

export function decidedBy({ requestedBy, verdicts, gates, counted, passed }: Judged): Decided {
  const overrides = passed.map(({ override, said, proven }) => answerOf(said, { ...proven, approver: override.by }));
  return {
    requestedBy,
    verdicts: verdicts.map(({ rule, answer, reason, statements }) => ({ rule, answer, reason, statements })),
    gates: gates.map(({ gate, answer, reason, overriddenBy }) => {
      return { gate, answer, reason, ...(overriddenBy === undefined ? {} : { overriddenBy }) };
    }),
    approvals: counted.map(({ said, proven }) => answerOf(said, proven)),
    overrides: [...new Map(overrides.map((one) => [one.said, one])).values()],
  };
}

/** How an answer is known again among those that a workflow sends. */
export function saidDigest(said: ApprovalStatement): string {
  return digestOfJson(unproven(said));
}

function answerOf(said: ApprovalStatement, proven: ProvenFacts & { readonly approver: string }): DecidedAnswer {
  const { approver, proof, groups, signedAt } = proven;
  return {
    said: saidDigest(said),
    approver,
    ...(proof === undefined ? {} : { proof }),
    ...(groups === undefined ? {} : { groups }),
    ...(signedAt === undefined ? {} : { signedAt }),
  };
}
