/** Who has agreed to each promotion: the signed statements, opened with the keys of the trust file and counted by the plan's own rule. */
import { releaseId } from '../contract/workflow-ids.ts';
import type { GivenApproval } from '../domain/approval.ts';
import { type ApprovalRule, groupsOfRule } from '../domain/rulebook.ts';
import type { ExpectedAnswer } from '../domain/statement.ts';
import type { ApprovalVerifier } from '../ports/approvals.ts';
import { type Left, verifyGiven } from '../statements/given.ts';
import type { KeptPromotion, KeptRelease } from './derived.ts';
import { type Finding, missing, proven, unproven, wrong } from './findings.ts';
import { promotionPath } from './layout.ts';
import { momentOf } from './promotion-run.ts';
import type { EvidenceTrust } from './trust.ts';
import { nameOf } from './verify-release.ts';

export async function verifyApprovals(release: KeptRelease, trust: EvidenceTrust): Promise<readonly Finding[]> {
  const found = await Promise.all(release.promotions.map((one) => promotionFindings(one, trust)));
  return found.flat();
}

async function promotionFindings(kept: KeptPromotion, trust: EvidenceTrust): Promise<readonly Finding[]> {
  const { environment, run } = kept;
  const { plan, outcome, approvals } = run;
  if (plan === undefined) return [];
  const details = { where: promotionPath(kept, 'approvals.json'), environment };
  const about = `${nameOf(kept)} was agreed to`;
  const wasLetIn = run.admitted || outcome?.kind === 'released';
  const demanded = trust.approvedBy(environment);
  if (!wasLetIn || (plan.approval === undefined && demanded === undefined)) return [];
  if (plan.approval === undefined)
    return [missing('approval', about, 'the plan asks nobody, and the trust file demands that people are', details)];
  const { approvals: verifier } = trust;
  if (verifier === undefined) {
    const names = approvals.map((one) => `${one.decision} ${one.approver}`).join(', ');
    return [unproven('approval', about, `names are taken on trust: ${names || 'nobody'}`, details)];
  }
  const rules = demanded === undefined ? [plan.approval] : [plan.approval, demanded];
  const answers = await Promise.all(rules.map((rule) => countedBy(rule, kept, verifier)));
  const refusal = answers.flatMap((one) => (one.ok ? [] : [one.why]))[0];
  if (refusal !== undefined)
    return [missing('approval', about, refusal, details), ...strangers(answers, about, details)];
  const [first] = answers;
  const by = first?.ok === true ? first.by.join(', ') : '';
  return [
    proven('approval', `${about}: ${asked(plan.approval)}`, { ...details, by }),
    ...strangers(answers, about, details),
  ];
}

type Counted = {
  /** Answers that do not count. */
  readonly left: readonly Left[];
} & ({ readonly ok: true; readonly by: readonly string[] } | { readonly ok: false; readonly why: string });

async function countedBy(rule: ApprovalRule, kept: KeptPromotion, verifier: ApprovalVerifier): Promise<Counted> {
  const { approvals } = kept.run;
  const answer = await verifyGiven(arriving(verifier, approvals), rule, approvals, expectedOf(kept));
  if (!answer.ok) return { ok: false, why: `${answer.refusal.message} (${answer.refusal.code})`, left: [] };
  const by = answer.counted.map(
    ({ proven: one }) => `${one.approver} (${one.proof ?? 'a name only'}, ${one.signedAt ?? 'undated'})`,
  );
  return { ok: true, by, left: answer.left };
}

/** Whoever signs in with an identity provider must have done so when the answer arrived, which is told by the history. */
function arriving(verifier: ApprovalVerifier, given: readonly GivenApproval[]): ApprovalVerifier {
  return {
    verify: (statement, rule, expected) => {
      const arrived = given.find((one) => one.statement !== undefined && one.statement === statement.statement)?.at;
      return verifier.verify(
        statement,
        rule,
        arrived === undefined ? expected : { ...expected, at: new Date(arrived) },
      );
    },
  };
}

function expectedOf({ run }: KeptPromotion): ExpectedAnswer {
  const { input, plan, planDigest = '' } = run;
  const { service, version, environment, requestedBy } = input;
  return {
    release: releaseId(service, version),
    ...{ service, version, environment, planDigest, requestedBy, at: momentOf(run) },
    ...(plan?.authors === undefined ? {} : { authors: plan.authors }),
  };
}

/** A yes that grew old, or was given twice, is left out by the environment as well; one that nobody signed is another matter. */
const FORGED: readonly string[] = ['approval-signature-invalid', 'approval-unproven'];

/** What was not needed and does not hold: nothing rests on it, and somebody wrote it. */
function strangers(answers: readonly Counted[], about: string, details: object): readonly Finding[] {
  const left = answers
    .flatMap((one) => one.left)
    .map(({ statement, refusal }) => ({
      why: `${statement.approver}: ${refusal.message} (${refusal.code})`,
      isForged: FORGED.includes(refusal.code),
    }));
  return [...new Map(left.map((one) => [one.why, one])).values()].map(({ why, isForged }) =>
    isForged ? wrong('approval', about, why, details) : unproven('approval', about, why, details),
  );
}

function asked(rule: ApprovalRule): string {
  return groupsOfRule(rule)
    .map(({ required, from }) => `${required} of ${from.join(', ')}`)
    .join(' and ');
}
