/** What a promotion will do, from rules and request alone: pure, so that dry run, approval, audit and execution share one value. */
import type { PlannedStep, PromotionPlan, WireImage } from '../contract/plan.ts';
import { shortDigest } from '../domain/digest.ts';
import {
  type ApprovalRule,
  type EnvironmentRules,
  groupsOfRule,
  namespaceOf,
  type Rulebook,
  type ServiceRules,
} from '../domain/rulebook.ts';
import { rulesFor, statementRuleNames } from '../domain/proofs-in-words.ts';
import type { StepName } from '../domain/step.ts';
import type { TurnPolicy } from '../domain/turns.ts';

export interface PromotionAsked {
  readonly service: ServiceRules;
  readonly version: string;
  readonly target: EnvironmentRules;
  /** Equal to `target` for the first environment of a path: the image was pushed there. */
  readonly source: EnvironmentRules;
  readonly image: WireImage;
  readonly manifests: string;
  readonly policyVersion: Rulebook['policyVersion'];
  /** Back to what ran well in the target before: the image is there, and no gate is asked. */
  readonly rollback?: {
    /** ISO 8601: when it was taken away by an earlier roll-back. */
    readonly rolledBackAt?: string;
    /** The version that is taken away, where nobody named the one to go back to. */
    readonly awayFrom?: string;
    /** It is only rehearsed. */
    readonly rehearsal?: true;
  };
}

export function planPromotion(asked: PromotionAsked): PromotionPlan {
  const { service, target, source } = asked;
  return {
    format: 1,
    service: service.name,
    version: asked.version,
    environment: target.name,
    source: source.name,
    sourceRegistry: source.registryHost,
    targetRegistry: target.registryHost,
    image: asked.image,
    manifests: asked.manifests,
    namespace: namespaceOf(service, target.name),
    workloads: service.workloads,
    lockImages: target.lockImages,
    firstRelease: target.firstRelease,
    ...(target.approval === undefined ? {} : { approval: target.approval }),
    rollOutTimeoutMs: target.rollOutTimeoutMs,
    ...(service.health === undefined ? {} : { health: service.health }),
    steps: stepsOf(asked),
    turns: turnsOf(asked),
    ...(asked.rollback === undefined ? {} : { rollback: true }),
    ...(asked.rollback?.awayFrom === undefined ? {} : { awayFrom: asked.rollback.awayFrom }),
    ...(asked.rollback?.rehearsal === undefined ? {} : { rehearsal: true }),
    policyVersion: asked.policyVersion,
  };
}

/** Going back is wanted however many newer versions wait. */
function turnsOf({ target, rollback }: PromotionAsked): TurnPolicy {
  return rollback !== undefined ? 'queue' : (target.turns ?? 'queue');
}

const NOTHING = 'nothing to undo: it only looks';

function stepsOf(asked: PromotionAsked): PlannedStep[] {
  const { service, target, source, version } = asked;
  const image = `${asked.image.repository}@${shortDigest(asked.image.digest)}`;
  const home = homeOf(asked);
  const namespace = namespaceOf(service, target.name);
  const workloads = service.workloads.join(', ');
  const putBack = 'put back the previous manifests and digest and prove them';
  const rule = target.approval;
  return [
    step('plan', aimOf(asked), NOTHING),
    step('verify-source', provesOf(asked, source.name), NOTHING),
    step(
      'gates',
      `pass the gates of ${target.name}: ${(target.gates ?? []).map((gate) => gate.name).join(', ') || 'none'}`,
      NOTHING,
      gatesSkipped(asked),
    ),
    step(
      'approval',
      rule === undefined ? `ask nobody about ${target.name}` : `wait for ${askedOf(rule)}`,
      'nothing to undo: nothing was done before the yes',
      rule === undefined ? `${target.name} asks for no approval` : undefined,
    ),
    step(
      'lease',
      `wait for the turn of ${service.name} in ${target.name}${turnsOf(asked) === 'latest' ? ', unless a newer version waits too' : ''}`,
      'the lease goes back when the promotion ends',
    ),
    step(
      'admit',
      `check plan, approvals and signatures once more where ${target.name}'s credentials are`,
      'nothing to undo: what was let in may act, and has not acted yet',
    ),
    step(
      'import',
      `import ${image} → ${target.registryHost} as ${version}`,
      'remove the copy unless it was there before',
      home,
    ),
    step('verify-digest', `verify that ${target.registryHost} holds exactly ${image}`, NOTHING, home),
    step(
      'copy-signatures',
      `copy everything that refers to ${image} (signatures, attestations, manifests) → ${target.registryHost}`,
      'remove them with the copy',
      home,
    ),
    step('verify-destination', provesOf(asked, target.name), NOTHING, home),
    step('pullable', `prove that ${target.name}'s nodes can pull ${image}`, NOTHING),
    step(
      'lock-image',
      `lock ${image} and its tag ${version} in ${target.registryHost}, and keep what refers to it`,
      'unlock them unless they were locked before',
      target.lockImages ? undefined : `${target.name} does not lock images`,
    ),
    step('apply-manifests', `apply ${service.name}'s manifests for ${target.name} in namespace ${namespace}`, putBack),
    step(
      'roll-out',
      `roll out ${workloads} (${Math.round(target.rollOutTimeoutMs / 1000)} s at most)`,
      `with the manifests: ${putBack}`,
    ),
    step('prove-running', `prove that every ready pod of ${workloads} runs ${image}`, NOTHING),
    step(
      'health',
      `ask ${service.name} whether it is well in ${target.name}`,
      NOTHING,
      service.health === undefined ? `${service.name} has no health address` : undefined,
    ),
    step('record', `record ${version} as what ${target.name} runs`, 'nothing to undo: it is the last step'),
  ];
}

/** What is asked of the image is what the target wants, wherever the image lies. */
function provesOf({ image, target, rollback }: PromotionAsked, place: string): string {
  const verify = `verify the signatures of ${image.repository}@${shortDigest(image.digest)} in ${place}`;
  const stated = statementRuleNames(rulesFor(target.proofs ?? {}, { rollback: rollback !== undefined }));
  return stated.length === 0 ? verify : `${verify}, and what is stated: ${stated.join(', ')}`;
}

/** Whoever approves a version that was taken away before is told so. */
function aimOf({ service, version, target, rollback }: PromotionAsked): string {
  if (rollback === undefined) return `plan ${service.name} ${version} → ${target.name}`;
  const before = rollback.rolledBackAt === undefined ? '' : `; it was rolled back there at ${rollback.rolledBackAt}`;
  const away = rollback.awayFrom === undefined ? '' : `, away from ${rollback.awayFrom}`;
  const rehearsed = rollback.rehearsal === undefined ? '' : '; a rehearsal';
  return `plan to bring ${service.name} ${version} back to ${target.name}${away}${before}${rehearsed}`;
}

/** Why nothing has to be copied. */
function homeOf({ source, target, rollback }: PromotionAsked): string | undefined {
  if (rollback !== undefined) return `${target.name} has had the image since it ran there`;
  return source.name === target.name ? `${target.name} is where the image was pushed` : undefined;
}

/** Why no gate is asked beforehand. */
function gatesSkipped({ target, rollback }: PromotionAsked): string | undefined {
  if (rollback !== undefined) return 'gates guard what is new; this ran well here before';
  return target.gates === undefined ? `${target.name} has no gates of its own` : undefined;
}

/** "2 approvals from release-managers, then 1 approval from security". */
function askedOf(rule: ApprovalRule): string {
  const between = { 'any-order': ' and ', 'in-order': ', then ', 'any-one': ' or ' }[rule.order ?? 'any-order'];
  return groupsOfRule(rule)
    .map(({ required, from, notAuthor }) => {
      const whom = from.length > 0 ? ` from ${from.join(', ')}` : '';
      const not = notAuthor === true ? ' (not from whoever made the image)' : '';
      return `${required} approval${required === 1 ? '' : 's'}${whom}${not}`;
    })
    .join(between);
}

function step(name: StepName, does: string, undo: string, skipped?: string): PlannedStep {
  return { step: name, does, undo, ...(skipped === undefined ? {} : { skipped }) };
}
