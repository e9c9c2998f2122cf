/**
 * The signed record of a promotion, attached to the image in the environment's own registry. Whoever may write to the Temporal namespace can ask for
 * one: it is signed only for what this zone let in, says only what the zone has decided or sees itself, and marks what it was told.
 */
import type { RecordRequest, StepRequest } from '../src/contract/activities.ts';
import type { Admission, Decided, DecidedAnswer } from '../src/contract/plan.ts';
import type { ApprovalStatement, GivenApproval } from '../src/domain/approval.ts';
import type { Digest } from '../src/domain/digest.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { recordArtefact, toBeSigned } from '../src/evidence/record-bundle.ts';
import { PROMOTION_PREDICATE, type PromotionPredicate } from '../src/evidence/record-predicate.ts';
import { type Found, promotionStatement, readPromotion, statementBytes } from '../src/evidence/record-statement.ts';
import { PortError } from '../src/ports/port-error.ts';
import { admissionOf } from './admission.ts';
import { attach } from './attach.ts';
import { audit } from './audit.ts';
import { saidDigest } from './decided.ts';
import { seeEffects } from './effects.ts';
import { ensureKept, ensureLocked } from './locks.ts';
import { imageOf, type Zone } from './zone.ts';

export interface Attached {
  readonly digest: Digest;
  /** ISO 8601, as it says itself. */
  readonly promotedAt: string;
}

export type Signed = ({ readonly ok: true } & Attached) | { readonly ok: false; readonly refusal: Refusal };

/** Undefined: this environment signs no records. One record for one promotion, however often it is asked for. */
export async function attachRecord(
  zone: Zone,
  request: RecordRequest,
  signal: AbortSignal,
): Promise<Signed | undefined> {
  const { recording } = zone.ports;
  if (recording === undefined) return undefined;
  const admission = await admissionOf(zone, request);
  const known = await knownRecord(zone, request, admission);
  if (known !== undefined) return kept(zone, request, known);
  if (admission.decided !== undefined && admission.applied !== request.plan.manifests)
    throw refused(request, notApplied(request));
  const seen = await seeEffects(zone, request.plan, signal);
  if (!seen.ok) return seen;
  const decision = decisionOf(request, admission.decided);
  const promotedAt = zone.now().toISOString();
  const statement = promotionStatement(request.plan, request.planDigest, {
    admittedAt: admission.at,
    promotedAt,
    requestedBy: admission.decided?.requestedBy ?? request.requestedBy,
    ...replacesOf(request),
    ...decision,
    effects: { ...seen.effects, ...importsOf(admission) },
    workflow: { id: admission.workflowId, runId: admission.runId },
    engine: { name: 'sluice', version: recording.engine },
    reportedByEngine: reportOf(request),
  });
  const bytes = statementBytes(statement);
  const signature = await recording.signer.sign(toBeSigned(bytes));
  const artefact = recordArtefact(seen.image, bytes, PROMOTION_PREDICATE, signature, promotedAt);
  const { lockImages } = request.plan;
  await attach(zone, { publisher: recording.publisher, image: imageOf(request.plan), artefact, lockImages });
  return kept(zone, request, { digest: artefact.manifestDigest, promotedAt });
}

/** The worker may have died after it attached one. */
async function knownRecord(
  zone: Zone,
  { plan, planDigest }: StepRequest,
  { runId }: Admission,
): Promise<Attached | undefined> {
  const { registry, recorders } = zone.ports;
  const found = (await recorders?.attestations(registry, imageOf(plan), [PROMOTION_PREDICATE])) ?? [];
  const own = found.filter(({ signers }) => signers.includes(zone.environment));
  const read = own.flatMap(({ artefact, predicate }) => {
    const record = readPromotion(predicate);
    const isOfThisRun = record?.workflow.runId === runId && record.plan.digest === planDigest;
    return isOfThisRun ? [{ digest: artefact.digest, promotedAt: record.promotedAt }] : [];
  });
  return read[0];
}

/** Retention takes what has no tag, and a record has none. An image that was opened for it is locked again, whoever died meanwhile. */
async function kept(zone: Zone, { plan }: StepRequest, attached: Attached): Promise<Signed> {
  const { repository, digest } = imageOf(plan);
  if (plan.lockImages) {
    await ensureLocked(zone, { repository, digest });
    await ensureKept(zone, { repository, digest: attached.digest });
  }
  return { ok: true, ...attached };
}

function replacesOf({ baseline: { current } }: StepRequest): Pick<Found, 'replaces'> {
  if (current === undefined) return {};
  return { replaces: { version: current.version, digest: current.image.digest, workflow: current.workflowId } };
}

/** As the zone remembers what it asked its own registry for. */
function importsOf({ imports = [] }: Admission): Pick<Found['effects'], 'imports'> {
  return imports.length === 0 ? {} : { imports: imports.map((one) => ({ ...one })) };
}

/** What the zone remembers; of the answers that the workflow sends only those that are exactly what was verified then. */
function decisionOf(request: StepRequest, decided: Decided | undefined): Pick<Found, 'decision'> {
  if (decided === undefined) return {};
  const said = [...request.approvals, ...(request.overrides ?? [])];
  const whole = (answers: readonly DecidedAnswer[]): Approvals => answers.map((one) => wholeAnswer(one, said, request));
  return {
    decision: {
      verdicts: decided.verdicts.map((one) => ({ ...one, statements: [...one.statements] })),
      gates: decided.gates.map((one) => ({ ...one })),
      approvals: whole(decided.approvals),
      overrides: whole(decided.overrides),
    },
  };
}

type Approvals = NonNullable<PromotionPredicate['decision']>['approvals'];

function wholeAnswer(
  { said: digest, groups, ...proven }: DecidedAnswer,
  said: readonly GivenApproval[],
  request: StepRequest,
): Approvals[0] {
  const answer = said.find((one) => saidDigest(one) === digest);
  if (answer === undefined) throw refused(request, otherAnswers(proven.approver));
  return { ...wordsOf(answer), ...proven, ...(groups === undefined ? {} : { groups: [...groups] }) };
}

function wordsOf({ decision, approver, planDigest, reason, overrides, statement }: ApprovalStatement): Approvals[0] {
  return {
    ...{ decision, approver, planDigest },
    ...(reason === undefined ? {} : { reason }),
    ...(overrides === undefined ? {} : { overrides: [...overrides] }),
    ...(statement === undefined ? {} : { statement }),
  };
}

/** It stands in the worker's log, like all that a zone refuses. */
function refused(request: StepRequest, error: PortError): PortError {
  audit(request, { code: error.code, message: error.message });
  return error;
}

/** Nobody honest sends other answers than those by which it was let in. */
function otherAnswers(approver: string): PortError {
  return new PortError('not-admitted', `the answer of ${approver} is not the one by which this promotion was let in`, {
    retry: 'no',
    expected: 'the very statements that were verified then',
    got: 'others, or none',
    remedy: 'find out who asks: a workflow of Sluice sends what people signed',
  });
}

/** The running image alone does not show it: the version before may have had the same. */
function notApplied({ plan }: StepRequest): PortError {
  const message = `the manifests of ${plan.service} ${plan.version} were not applied in ${plan.environment}, or taken back since`;
  return new PortError('not-admitted', message, {
    retry: 'no',
    expected: plan.manifests,
    got: 'nothing that this promotion has applied',
    remedy: 'find out who asks: a workflow of Sluice records what it has applied',
  });
}

function reportOf({ steps = [], entry }: RecordRequest): Found['reportedByEngine'] {
  return {
    steps: steps.map(({ step, state, startedAt, endedAt, summary, facts }) => ({
      ...{ step, state },
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(summary === undefined ? {} : { summary }),
      ...(facts === undefined ? {} : { facts: { ...facts } }),
    })),
    ...(entry?.ticket === undefined ? {} : { ticket: entry.ticket }),
  };
}
