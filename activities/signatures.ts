/** Who signed the image and its manifests, and what was stated about it, at its source and again at its destination. */
import type { No, SignatureRequest, StepAnswer, StepRequest, Yes } from '../src/contract/activities.ts';
import type { PromotionPlan } from '../src/contract/plan.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import type { ProofRules, ProofVerdict } from '../src/domain/proof.ts';
import { firstRefusal, goesByTheClock, rulesFor } from '../src/domain/proofs-in-words.ts';
import type { RegistryReader } from '../src/ports/registry-reader.ts';
import type { SignedBy } from '../src/ports/signatures.ts';
import { type Answer, proveImage } from '../src/proofs/prove-image.ts';
import { judgeRecords } from './demanded-records.ts';
import { refusing, TOO_MUCH } from './failures.ts';
import { manifestsProof } from './manifests.ts';
import { imageOf, sourceOf, type Zone } from './zone.ts';

/** What was found out about an image: the step's answer, and each rule's verdict where all are a yes. */
export type Judged =
  | { readonly answer: Yes; readonly verdicts: readonly ProofVerdict[] }
  | { readonly answer: No; readonly verdicts?: undefined };

export async function verifySignatures(zone: Zone, request: SignatureRequest): Promise<StepAnswer> {
  return (await judgeImage(zone, request)).answer;
}

export async function judgeImage(zone: Zone, request: SignatureRequest): Promise<Judged> {
  const judged = await refusing(() => judge(zone, request), TOO_MUCH);
  return 'answer' in judged ? judged : { answer: judged };
}

async function judge(zone: Zone, { plan, at }: SignatureRequest): Promise<Judged> {
  const registry = at === 'source' ? sourceOf(zone, plan.source) : zone.ports.registry;
  return judgedBy(registry, await proven(zone, plan, registry), async () => [
    ...(await manifestsProof(zone, registry, plan)),
    ...(await judgeRecords(zone, plan, registry)),
  ]);
}

/** `further` is asked for only where the image itself is proven. */
export async function judgedBy(
  registry: RegistryReader,
  { verdicts: proofs, signed }: Answer,
  further: () => Promise<readonly ProofVerdict[]>,
): Promise<Judged> {
  const refusal = firstRefusal(proofs);
  if (refusal !== undefined) return refused(refusal);
  const more = await further();
  const unproven = firstRefusal(more);
  if (unproven !== undefined) return refused(unproven);
  const verdicts = [...proofs, ...more];
  const listed = (of: (one: SignedBy) => string): string => [...new Set(signed.map(of))].join(' and ');
  const [, ...stated] = verdicts;
  const summary = [`signed by ${listed(({ by }) => by)}`, ...stated.map(({ rule }) => rule)].join(', ');
  const facts = {
    registry: registry.host,
    signer: listed(({ by }) => by),
    signature: listed(({ artefact }) => artefact.digest),
    form: listed(({ artefact }) => artefact.form),
    ...Object.fromEntries(stated.flatMap(factsOf)),
  };
  return { answer: { ok: true, summary, facts }, verdicts };
}

/** What the rules of this environment say of the plan's image in that registry, at this moment. */
export function proven(zone: Zone, plan: PromotionPlan, registry: RegistryReader): Promise<Answer> {
  const rules = rulesOf(zone, plan);
  return proveImage(zone.ports.signatures, { registry, image: imageOf(plan), rules, at: zone.now() });
}

function rulesOf({ rulebook, environment }: Zone, plan: PromotionPlan): Partial<ProofRules> {
  return rulesFor(rulebook.environments[environment]?.proofs ?? {}, plan);
}

/** Small: what was found, and in which statements; they lie beside the image. */
function factsOf({ rule, reason, statements }: ProofVerdict): readonly (readonly [string, string])[] {
  return [
    [rule, reason],
    [`${rule} stated in`, statements.join(' ')],
  ];
}

function refused(refusal: No['refusal']): { readonly answer: No } {
  return { answer: { ok: false, refusal } };
}

/** Before the cluster is changed: what was verified then may have been revoked, or be over, by now. Undefined: it still counts. */
export async function lapsed(zone: Zone, request: StepRequest): Promise<Refusal | undefined> {
  if (zone.ports.signatures.lapses !== true && !goesByTheClock(rulesOf(zone, request.plan))) return undefined;
  const answer = await verifySignatures(zone, { ...request, at: 'destination' });
  return answer.ok ? undefined : answer.refusal;
}
