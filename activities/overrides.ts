/** Who lets a promotion pass closed gates: verified like every answer, by the groups that the gate itself names. */
import type { ApprovalAnswer, OverrideRequest, StepRequest } from '../src/contract/activities.ts';
import { type ApprovalStatement, namesOf, type ProvenFacts, samePerson } from '../src/domain/approval.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import type { GateOverride, GateRule } from '../src/domain/gate.ts';
import type { ApprovalRule } from '../src/domain/rulebook.ts';
import { gatesOf, nobodyMay, overrideRefusal } from '../src/policy/gates/index.ts';
import { environmentOf } from '../src/policy/journey-policy.ts';
import type { ApprovalVerifier } from '../src/ports/approvals.ts';
import { unproven } from '../src/statements/given.ts';
import { answerOf, audited, expectedAnswer } from './approvals.ts';
import { audit } from './audit.ts';
import { verifierThatRemembers, verifierWithMemory } from './sightings.ts';
import type { Zone } from './zone.ts';

export async function checkOverride(zone: Zone, request: OverrideRequest): Promise<ApprovalAnswer> {
  return audited(request, await judge(zone, request));
}

async function judge(zone: Zone, request: OverrideRequest): Promise<ApprovalAnswer> {
  const target = environmentOf(zone.rulebook, request.plan.environment);
  if (!target.ok) return target;
  const rules = gatesOf(target.value);
  const unknown = (request.statement.overrides ?? []).find((name) => !rules.some((rule) => rule.name === name));
  if (unknown !== undefined) return { ok: false, refusal: unknownGate(unknown, rules, zone.environment) };
  const shut = rules.find((rule) => rule.override === undefined && request.statement.overrides?.includes(rule.name));
  if (shut !== undefined) return { ok: false, refusal: nobodyMay(shut) };
  const verifier = verifierThatRemembers(zone, request.plan.service);
  const verified = await verifyOverride(zone, verifier, rules, request.statement, request);
  if (!verified.ok) return verified;
  const refusal = verified.overrides.map(({ rule, override }) => overrideRefusal(rule, override)).find(Boolean);
  return refusal === undefined ? verified.answer : { ok: false, refusal };
}

/** An override that holds, with what was found out about the statement that carries it. */
export interface ProvenOverride {
  readonly override: GateOverride;
  readonly said: ApprovalStatement;
  readonly proven: ProvenFacts;
}

/** At the point of use, from the statements alone: what cannot be verified again opens nothing. */
export async function verifiedOverrides(zone: Zone, request: StepRequest): Promise<readonly ProvenOverride[]> {
  const given = [...(request.overrides ?? []), ...request.approvals].filter((one) => (one.overrides ?? []).length > 0);
  if (given.length === 0) return [];
  const target = environmentOf(zone.rulebook, request.plan.environment);
  if (!target.ok) return [];
  const rules = gatesOf(target.value);
  const verifier = verifierWithMemory(zone, request.plan.service);
  const proven = await Promise.all(given.map((one) => provenBy(zone, verifier, rules, unproven(one), request)));
  return proven.flat();
}

/** Of the gates that a statement names those that it opens; the others stay closed, and the log says why. */
async function provenBy(
  zone: Zone,
  verifier: ApprovalVerifier,
  rules: readonly GateRule[],
  statement: ApprovalStatement,
  request: StepRequest,
): Promise<readonly ProvenOverride[]> {
  const verified = await verifyOverride(zone, verifier, rules, statement, request);
  const asked = { ...request, statement };
  if (!verified.ok) {
    audit(asked, verified.refusal);
    return [];
  }
  return verified.overrides.flatMap(({ rule, override }) => {
    const refusal = overrideRefusal(rule, override);
    if (refusal === undefined) return [{ override, said: statement, proven: verified.answer }];
    audit(asked, refusal);
    return [];
  });
}

type Verified =
  | {
      readonly ok: true;
      readonly answer: ApprovalAnswer & { readonly ok: true };
      readonly overrides: readonly { readonly rule: GateRule; readonly override: GateOverride }[];
    }
  | (ApprovalAnswer & { readonly ok: false });

async function verifyOverride(
  zone: Zone,
  verifier: ApprovalVerifier,
  rules: readonly GateRule[],
  statement: ApprovalStatement,
  asked: Pick<StepRequest, 'plan' | 'planDigest' | 'requestedBy'>,
): Promise<Verified> {
  const named = rules.filter((rule) => statement.overrides?.includes(rule.name));
  const [shut] = named;
  // no group could be asked whether the signer is in it
  if (shut !== undefined && named.every((rule) => rule.override === undefined))
    return { ok: false, refusal: nobodyMay(shut) };
  const expected = expectedAnswer(asked, zone.now());
  const answer = answerOf(await verifier.verify(statement, ruleFor(named), expected));
  if (!answer.ok) return { ...answer, refusal: inWordsOfGates(answer.refusal, statement, named) };
  const { ok: _, ...who } = answer;
  if (namesOf({ ...statement, approver: who.subject, ...who }).some((name) => samePerson(name, asked.requestedBy)))
    return { ok: false, refusal: ownRelease(who.subject) };
  const overrides = named.map((rule) => ({
    rule,
    override: {
      gate: rule.name,
      by: who.subject,
      // a name that nothing proves is in no group: where names are taken on trust, groups are not enforced
      groups: who.proof === undefined ? (rule.override?.from ?? []) : who.groups,
      reason: statement.reason ?? '',
    },
  }));
  return { ok: true, answer, overrides };
}

/** A verifier speaks of approvals, whose form an override has. */
function inWordsOfGates(refusal: Refusal, { approver }: ApprovalStatement, named: readonly GateRule[]): Refusal {
  if (refusal.code === 'approval-excluded') return ownRelease(approver);
  if (refusal.code !== 'approval-wrong-group') return refusal;
  const gates = named.map(({ name }) => `"${name}"`).join(', ');
  return { ...refusal, message: `${approver} is in none of the groups that may pass ${gates}` };
}

function ownRelease(who: string): Refusal {
  const message = `${who} started the release, and does not open its gates`;
  return { code: 'approval-excluded', message, remedy: 'ask another person of the group' };
}

/** Whoever started a release does not open the gates for it either. */
function ruleFor(rules: readonly GateRule[]): ApprovalRule {
  const from = [...new Set(rules.flatMap((rule) => rule.override?.from ?? []))];
  return { required: 1, from, notRequester: true, deadlineMs: 0 };
}

function unknownGate(name: string, rules: readonly GateRule[], environment: string): Refusal {
  return {
    code: 'gate-override-refused',
    message: `${environment} has no gate "${name}"`,
    expected: rules.map((rule) => rule.name).join(', '),
    got: name,
    remedy: 'name a gate that "sluice status" shows as closed',
  };
}
