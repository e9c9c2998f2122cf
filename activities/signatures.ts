/** Who signed the image, at its source and again at its destination. */
import type { No, SignatureRequest, StepAnswer, StepRequest, Yes } from '../src/contract/activities.ts';
import { shortDigest } from '../src/domain/digest.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { signatureRefusal } from '../src/policy/signature-policy.ts';
import { COMMON_SIGNATURES, type ProofVerdict, type SignatureRule } from '../src/domain/proof.ts';
import { judgeRecords } from './demanded-records.ts';
import type { SignedBy } from '../src/ports/signatures.ts';
import { imageOf, no, sourceOf, yes, type Zone } from './zone.ts';

/** What was found out about an image: the step's answer, and each rule's verdict where all are a yes. */
export type Judged =
  | { readonly answer: Yes; readonly verdicts: readonly ProofVerdict[] }
  | { readonly answer: No; readonly verdicts?: undefined };

export async function verifySignatures(zone: Zone, request: SignatureRequest): Promise<StepAnswer> {
  return (await judgeImage(zone, request)).answer;
}

export async function judgeImage(zone: Zone, request: SignatureRequest): Promise<Judged> {
  const answer = await lookAtSignatures(zone, request);
  if (!answer.ok) return { answer };
  const statements = (answer.facts['signature'] ?? '').split(' and ');
  const signed: ProofVerdict = { rule: 'signatures', answer: 'yes', reason: answer.summary, statements };
  const registry = request.at === 'source' ? sourceOf(zone, request.plan.source) : zone.ports.registry;
  const records = await judgeRecords(zone, request.plan, registry);
  const refusal = records.find((one) => one.answer === 'no')?.refusal;
  if (refusal !== undefined) return { answer: { ok: false, refusal } };
  const facts = records.map(({ rule, statements: [statement = ''] }) => [rule, statement] as const);
  const verdicts = [signed, ...records];
  return { answer: { ...answer, facts: { ...answer.facts, ...Object.fromEntries(facts) } }, verdicts };
}

async function lookAtSignatures(zone: Zone, request: SignatureRequest): Promise<StepAnswer> {
  const image = imageOf(request.plan);
  const registry = request.at === 'source' ? sourceOf(zone, request.plan.source) : zone.ports.registry;
  const wanted = wantedSignatures(zone);
  const verdict = await zone.ports.signatures.verify(registry, image, wanted);
  const refusal = signatureRefusal(verdict, `${image.repository}@${shortDigest(image.digest)}`, registry.host, wanted);
  if (refusal !== undefined || verdict.kind !== 'verified') return no(refusal ?? unreachable());
  const { signed } = verdict;
  const listed = (of: (one: SignedBy) => string): string => [...new Set(signed.map(of))].join(' and ');
  return yes(`signed by ${listed(({ by }) => by)}`, {
    registry: registry.host,
    signer: listed(({ by }) => by),
    signature: listed(({ artefact }) => artefact.digest),
    form: listed(({ artefact }) => artefact.form),
  });
}

/** Before the cluster is changed: what was verified then may have been revoked, or be over, by now. Undefined: it still counts. */
export async function lapsed(zone: Zone, request: StepRequest): Promise<Refusal | undefined> {
  if (zone.ports.signatures.lapses !== true) return undefined;
  const answer = await verifySignatures(zone, { ...request, at: 'destination' });
  return answer.ok ? undefined : answer.refusal;
}

/** By whom an image must be signed here. */
export function wantedSignatures({ rulebook, environment }: Zone): SignatureRule {
  return rulebook.environments[environment]?.proofs?.signatures ?? COMMON_SIGNATURES;
}

function unreachable(): never {
  throw new Error('a verdict that is not "verified" always has a refusal');
}
