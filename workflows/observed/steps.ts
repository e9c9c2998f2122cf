/** What was seen in place of each step of the plan, in one sentence each. */
import type { GatesAnswer } from '../../src/contract/activities.ts';
import type { Looked, ObserveClusterAnswer, ObservedStep } from '../../src/contract/observation-workflow.ts';
import type { PlannedStep } from '../../src/contract/plan.ts';
import { shortDigest } from '../../src/domain/digest.ts';
import { groupsInWords } from '../../src/domain/groups-in-words.ts';
import type { StepName } from '../../src/domain/step.ts';
import type { Failed } from './attempt.ts';
import type { Sights } from './environment.ts';

type Told = Pick<ObservedStep, 'answer' | 'says' | 'until' | 'refusal'>;

export function stepsOf(sights: Sights): readonly ObservedStep[] {
  return sights.planned.plan.steps.map((planned) => ({
    ...{ step: planned.step, does: planned.does },
    ...told(planned, sights),
  }));
}

/** Without a plan nothing more can be asked about. */
export function unplanned(failed: Failed): readonly ObservedStep[] {
  return [{ step: 'plan', does: 'make the plan', ...toldBy(failed) }];
}

function told({ step, skipped }: PlannedStep, sights: Sights): Told {
  const say = SAYS[step];
  // a stop or a hold is asked for by a step that has no gates to ask
  if (skipped !== undefined && step !== 'gates') return { answer: 'nothing', says: skipped };
  return say(sights);
}

const SAYS: Readonly<Record<StepName, (sights: Sights) => Told>> = {
  plan: ({ planned: { planDigest, baseline } }) => {
    const { current } = baseline;
    const replaces =
      current === undefined
        ? 'nothing that Sluice has brought'
        : `${current.version} (${shortDigest(current.image.digest)})`;
    return { answer: 'yes', says: `plan ${shortDigest(planDigest)}; would replace ${replaces}` };
  },
  'verify-source': ({ image }) => toldBy(image.proofs),
  gates: ({ gates }) => toldByGates(gates),
  approval: ({ planned: { plan } }) => {
    const { approval } = plan;
    if (approval === undefined) return { answer: 'nothing', says: 'nobody is asked' };
    const then = approval.atDeadline === 'defer' ? 'is asked again' : 'is refused';
    const says = `would ask ${groupsInWords(approval)}, for ${hoursOf(approval.deadlineMs)} at most; then it ${then}`;
    return { answer: 'wait', says };
  },
  lease: ({ inside }) =>
    inside === undefined
      ? { answer: 'yes', says: 'nobody else changes the service there now' }
      : { answer: 'wait', says: `would wait for its turn: ${inside} is under way there` },
  admit: () => untried('would ask all of this again at the door'),
  import: ({ registry, image }) => (image.content.ok ? toldBy(registry.import) : toldBy(image.content)),
  'verify-digest': () => untried('would look at the copy, once there is one'),
  'copy-signatures': ({ image }) => toldBy(image.content),
  'verify-destination': () => untried('would prove the copy as it has proven the source'),
  pullable: ({ registry }) => toldBy(registry.pull),
  'lock-image': () => untried('would lock it; whether this identity may, only doing it tells'),
  'apply-manifests': ({ cluster }) => ('apply' in cluster ? toldBy(cluster.apply) : toldBy(cluster)),
  'roll-out': ({ planned: { plan } }) =>
    untried(`would wait ${Math.round(plan.rollOutTimeoutMs / 1_000)} s at most for ${plan.workloads.join(', ')}`),
  'prove-running': ({ cluster }) =>
    'live' in cluster ? untried(`would ask each pod; now: ${cluster.live.says}`) : toldBy(cluster),
  health: ({ cluster }) => toldByHealth(cluster),
  record: () => untried('would remember this version as what runs there'),
};

function untried(says: string): Told {
  return { answer: 'untried', says };
}

function toldBy(looked: Looked | Failed): Told {
  if (looked.ok) return { answer: 'yes', says: looked.summary };
  const { refusal } = looked;
  return { answer: looked.attention === true ? 'attention' : 'no', says: refusal.message, refusal };
}

/** A "no" of a gate may be passed by people for a while: the promotion would wait for them, and then be refused. */
function toldByGates(gates: GatesAnswer | Failed): Told {
  if (!gates.ok) return toldBy(gates);
  const closed = gates.verdicts.filter((one) => one.answer !== 'yes');
  if (gates.answer === 'yes') return { answer: 'yes', says: says(gates.verdicts) };
  const refusal = closed.find((one) => one.answer === 'no')?.refusal;
  if (refusal !== undefined) return { answer: 'no', says: says(closed), refusal };
  return { answer: 'wait', says: says(closed), ...(gates.until === undefined ? {} : { until: gates.until }) };
}

function says(verdicts: readonly { readonly gate: string; readonly reason: string }[]): string {
  return verdicts.length === 0 ? 'there is no gate' : verdicts.map((one) => `${one.gate}: ${one.reason}`).join('; ');
}

/** Of another image it says nothing that would count for this one; of this very image a release would have been rolled back. */
function toldByHealth(cluster: ObserveClusterAnswer | Failed): Told {
  if (!('live' in cluster)) return toldBy(cluster);
  const { health, live } = cluster;
  if (health === undefined) return { answer: 'nothing', says: 'there is no address to ask' };
  if (health.ok) return { answer: live.digest === 'same' ? 'yes' : 'untried', says: `now: ${health.summary}` };
  const { refusal } = health;
  if (live.digest === 'same')
    return {
      answer: 'attention',
      says: `this very image runs there now, and is not well: ${refusal.message}`,
      refusal,
    };
  return untried(`what runs there now does not answer well: ${refusal.message}`);
}

const HOUR_MS = 3_600_000;

function hoursOf(ms: number): string {
  const hours = ms / HOUR_MS;
  return hours >= 1 ? `${Math.round(hours)} h` : `${Math.round(ms / 60_000)} min`;
}
