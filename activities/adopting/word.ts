/** Who takes a running service into management: verified like every answer, by the groups that the environment asks about promotions. */
import type { Adoption, AdoptionWord } from '../../src/contract/adoption-workflow.ts';
import { releaseId } from '../../src/contract/workflow-ids.ts';
import { type ApprovalStatement, misshapenAnswer, type ProvenFacts } from '../../src/domain/approval.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import { type ApprovalRule, groupsOfRule } from '../../src/domain/rulebook.ts';
import { environmentOf } from '../../src/policy/journey-policy.ts';
import { answerOf } from '../approvals.ts';
import { verifierThatRemembers } from '../sightings.ts';
import type { Zone } from '../zone.ts';

export interface Word {
  readonly ok: true;
  readonly by: string;
  readonly reason: string;
  readonly proof?: NonNullable<ProvenFacts['proof']>;
  readonly proven: ProvenFacts;
}

/** Where an environment asks nobody about what enters, a name is enough, and is written down as one that nothing proves. */
export async function wordOf(
  zone: Zone,
  adoption: Adoption,
  { found, statement }: AdoptionWord,
): Promise<Word | { readonly ok: false; readonly refusal: Refusal }> {
  const misshapen = misshapenAnswer(statement) ?? notForThis(statement, found);
  if (misshapen !== undefined) return { ok: false, refusal: misshapen };
  const target = environmentOf(zone.rulebook, adoption.environment);
  if (!target.ok) return target;
  const { approval } = target.value;
  const { reason = '' } = statement;
  if (approval === undefined) return { ok: true, by: statement.approver, reason, proven: {} };
  const { service, version, environment } = adoption;
  const expected = {
    release: releaseId(service, version),
    service,
    version,
    environment,
    planDigest: found,
    requestedBy: '',
    at: zone.now(),
  };
  const answer = answerOf(await verifierThatRemembers(zone, service).verify(statement, oneOf(approval), expected));
  if (!answer.ok) return answer;
  const { ok: _, subject, groups: __, ...proven } = answer;
  return { ok: true, by: subject, reason, ...(proven.proof === undefined ? {} : { proof: proven.proof }), proven };
}

/** One person is enough: nothing runs differently afterwards, and a roll-back to it asks them all. */
function oneOf(rule: ApprovalRule): ApprovalRule {
  const from = [...new Set(groupsOfRule(rule).flatMap((one) => one.from))];
  return { required: 1, from, notRequester: false, deadlineMs: 0 };
}

function notForThis({ decision, planDigest, reason = '' }: ApprovalStatement, found: string): Refusal | undefined {
  if (decision !== 'approve')
    return { code: 'approval-malformed', message: 'a no adopts nothing', expected: 'approve', got: decision };
  if (planDigest !== found)
    return {
      code: 'approval-other-plan',
      message: 'the statement is for something else',
      expected: found,
      got: planDigest,
    };
  if (reason.trim() !== '') return undefined;
  return { code: 'approval-reason-missing', message: 'adopting needs a reason', remedy: 'say why with --reason' };
}
