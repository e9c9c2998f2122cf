/**
 * The signed form of an answer: the claims of a JWS (RFC 7515), and what must be true of them. Signing and opening is
 * `src/statements`; whose key it is and which groups they are in is known by the adapters of `src/ports/approvals.ts`.
 */
import {
  type ApprovalRefusal,
  type ApprovalStatement,
  type Decision,
  excludedFrom,
  type ProvenFacts,
  reasonMissing,
  samePerson,
  wrongGroup,
} from './approval.ts';
import { type ApprovalRule, groupsOfRule } from './rulebook.ts';
import { LONGEST_REASON } from './said.ts';

export const STATEMENT_TYPE = 'urn:x-sluice:approval:v1';
/** `typ` of the protected header: no other token passes for a statement. */
export const STATEMENT_MEDIA_TYPE = 'sluice-approval+jwt';

/** Clocks of people and workers may differ by so much. */
export const SKEW_MS = 60_000;
/** No statement counts longer, whatever it says. */
const LONGEST_LIFE_MS = 92 * 86_400_000;
/** Environments remember the ids of statements: more than any honest one needs. */
const LONGEST_ID = 128;

/** What a person decides on, as they were shown it. */
export interface StatementFacts {
  /** Workflow id of the release. */
  readonly release: string;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly planDigest: string;
  readonly decision: Decision;
  readonly reason?: string;
  /** Names of closed gates that are passed. */
  readonly overrides?: readonly string[];
}

export interface StatementClaims extends StatementFacts {
  readonly type: typeof STATEMENT_TYPE;
  readonly subject: string;
  /** In whose name the person answers; each must be true when it is verified. */
  readonly groups?: readonly string[];
  /** Seconds since 1970 (RFC 7519). */
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
}

/** What the zone knows itself about the question. */
export interface ExpectedAnswer {
  readonly release: string;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly planDigest: string;
  readonly requestedBy: string;
  /** As the plan names them; undefined: no group asks. */
  readonly authors?: readonly string[];
  /** The zone's own clock. */
  readonly at: Date;
}

/** Somebody whom a key or an issuer vouches for. */
export interface ProvenPerson {
  readonly subject: string;
  readonly aliases: readonly string[];
  readonly groups: readonly string[];
  readonly proof: NonNullable<ProvenFacts['proof']>;
}

/** Undefined when `value` is no claims set of this format. */
export function parseClaims(value: unknown): StatementClaims | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const it = value as Partial<Record<keyof StatementClaims, unknown>>;
  const texts = [it.release, it.service, it.version, it.environment, it.planDigest, it.subject, it.jti];
  const good =
    it.type === STATEMENT_TYPE &&
    texts.every((one) => typeof one === 'string' && one.trim() !== '') &&
    (it.decision === 'approve' || it.decision === 'reject') &&
    (it.reason === undefined || (typeof it.reason === 'string' && it.reason.length <= LONGEST_REASON)) &&
    (it.jti as string).length <= LONGEST_ID &&
    isTexts(it.overrides) &&
    isTexts(it.groups) &&
    Number.isSafeInteger(it.iat) &&
    Number.isSafeInteger(it.exp);
  return good ? (value as StatementClaims) : undefined;
}

/** Why a statement whose signature is good does not count; undefined: it does. */
export function claimsRefusal(
  claims: StatementClaims,
  beside: ApprovalStatement,
  rule: ApprovalRule,
  expected: ExpectedAnswer,
  person: ProvenPerson,
): ApprovalRefusal | undefined {
  return (
    otherThing(claims, expected) ??
    otherTime(claims, expected.at.getTime()) ??
    otherWords(claims, beside) ??
    otherPerson(claims, beside, person) ??
    ownWorkRefusal(rule, expected, person) ??
    membershipRefusal(claims, rule, person) ??
    reasonMissing(claims)
  );
}

function otherThing(claims: StatementClaims, expected: ExpectedAnswer): ApprovalRefusal | undefined {
  for (const field of ['release', 'service', 'version', 'environment'] as const) {
    if (claims[field] === expected[field]) continue;
    const message = `the statement is for another ${field}`;
    return { code: 'approval-other-release', message, expected: expected[field], got: claims[field] };
  }
  if (claims.planDigest === expected.planDigest) return undefined;
  const message = 'the statement is for another plan; look at it again with "sluice status"';
  return { code: 'approval-other-plan', message, expected: expected.planDigest, got: claims.planDigest };
}

/** Whatever the statement itself says. */
export function endsAtMs({ iat, exp }: StatementClaims): number {
  return Math.min(exp * 1_000, iat * 1_000 + LONGEST_LIFE_MS);
}

function otherTime(claims: StatementClaims, nowMs: number): ApprovalRefusal | undefined {
  const { iat, exp } = claims;
  const signed = iat * 1_000;
  const ends = endsAtMs(claims);
  if (signed > nowMs + SKEW_MS) {
    return {
      code: 'approval-from-future',
      message: 'the statement was signed in the future',
      expected: `not after ${iso(nowMs + SKEW_MS)}`,
      got: iso(signed),
      remedy: 'set the clock of the machine that signs, and answer again',
    };
  }
  if (ends > nowMs - SKEW_MS && exp > iat) return undefined;
  return {
    code: 'approval-stale',
    message: 'the statement does not count any more',
    expected: `good at ${iso(nowMs)}`,
    got: `signed at ${iso(signed)}, good until ${iso(ends)}`,
    remedy: 'look at the plan and answer again',
  };
}

/** What stands beside the signature is what people read in the history: it must not say something else. */
function otherWords(claims: StatementClaims, beside: ApprovalStatement): ApprovalRefusal | undefined {
  const differs =
    claims.decision !== beside.decision ||
    claims.planDigest !== beside.planDigest ||
    (claims.reason ?? '') !== (beside.reason ?? '') ||
    JSON.stringify(claims.overrides ?? []) !== JSON.stringify(beside.overrides ?? []);
  if (!differs) return undefined;
  return { code: 'approval-unproven', message: 'what is signed is not what stands beside it', remedy: 'answer again' };
}

function otherPerson(
  claims: StatementClaims,
  beside: ApprovalStatement,
  person: ProvenPerson,
): ApprovalRefusal | undefined {
  const names = [person.subject, ...person.aliases];
  const isTheirs = (written: string): boolean => names.some((name) => samePerson(name, written));
  if (isTheirs(claims.subject) && isTheirs(beside.approver)) return undefined;
  const message = 'the statement names somebody else than whoever signed it';
  const got = isTheirs(claims.subject) ? beside.approver : claims.subject;
  const remedy = `answer as ${person.subject}: leave out "--as", which takes no name but your own`;
  return { code: 'approval-unproven', message, expected: person.subject, got, remedy };
}

function ownWorkRefusal(
  rule: ApprovalRule,
  expected: ExpectedAnswer,
  { subject, aliases }: ProvenPerson,
): ApprovalRefusal | undefined {
  const excluded = excludedFrom(groupsOfRule(rule), expected).find((one) =>
    [subject, ...aliases].some((name) => samePerson(name, one.name)),
  );
  if (excluded === undefined) return undefined;
  return {
    code: 'approval-excluded',
    message: `${subject} may not answer: ${excluded.because}`,
    remedy: 'ask another person of the group',
  };
}

/** The time of widening is the workflow's business: here its groups may answer. */
function membershipRefusal(
  claims: StatementClaims,
  rule: ApprovalRule,
  { subject, groups }: ProvenPerson,
): ApprovalRefusal | undefined {
  const rules = groupsOfRule(rule);
  const asked = [...rules.flatMap((one) => one.from), ...(rule.widen?.to ?? [])];
  const isMember = groups.some((group) => asked.includes(group));
  const left = (claims.groups ?? []).some((group) => !groups.includes(group));
  return isMember && !left ? undefined : wrongGroup(rules, { approver: subject, groups });
}

function isTexts(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
}

function iso(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : String(ms);
}
