/** What a promotion has done, seen once more with the zone's own eyes: nothing is signed on somebody else's word. */
import type { PromotionPlan } from '../src/contract/plan.ts';
import { parseDigest } from '../src/domain/digest.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { formatImage } from '../src/domain/image-reference.ts';
import type { PromotionPredicate } from '../src/evidence/record-predicate.ts';
import { copyRefusal, isLocked } from '../src/policy/image-policy.ts';
import { runningRefusal } from '../src/policy/running-policy.ts';
import type { StoredManifest } from '../src/ports/registry-reader.ts';
import { untilJudged } from './health.ts';
import { runnableDigests } from './pull.ts';
import { imageOf, taggedDigest, type Zone } from './zone.ts';

type Effects = PromotionPredicate['effects'];

type Seen<Facts> = ({ readonly ok: true } & Facts) | { readonly ok: false; readonly refusal: Refusal };

/** It was rolled out and well a moment ago: what takes longer now does not run well. */
const STILL_ROLLED_OUT_MS = 20_000;
const ASKED_AGAIN = { attempts: 3, everyMs: 2_000, passes: 1 };

/** A "no" says what is not as the plan wants it. */
export async function seeEffects(
  zone: Zone,
  plan: PromotionPlan,
  signal: AbortSignal,
): Promise<Seen<{ readonly image: StoredManifest; readonly effects: Effects }>> {
  const held = await seeImage(zone, plan);
  if (!held.ok) return held;
  const running = await seeRunning(zone, plan, signal);
  if (!running.ok) return running;
  const well = await seeHealth(zone, plan, signal);
  if (!well.ok) return well;
  const { workloads, pods } = running;
  const effects = { manifests: plan.manifests, image: held.locks, workloads, pods, ...well.answer };
  return { ok: true, image: held.image, effects };
}

async function seeImage(
  zone: Zone,
  plan: PromotionPlan,
): Promise<Seen<{ readonly image: StoredManifest; readonly locks: Effects['image'] }>> {
  const { registry, locks } = zone.ports;
  const { repository, digest } = imageOf(plan);
  const { version } = plan;
  const image = await registry.manifest(repository, digest);
  const tagged = await taggedDigest(registry, repository, version);
  // where the image was pushed, nobody need have tagged it
  const means = tagged ?? (isPushedHere(plan) ? digest : undefined);
  const refusal = copyRefusal({ registry: registry.host, version, digest, found: image?.digest, tagged: means });
  if (refusal !== undefined || image === undefined) return { ok: false, refusal: refusal ?? unreachable() };
  const [manifestLock, tagLock] = await Promise.all([
    locks.read({ repository, digest }),
    locks.read({ repository, tag: version }),
  ]);
  if (plan.lockImages && !(isLocked(manifestLock) && isLocked(tagLock))) {
    return { ok: false, refusal: unlocked(plan, JSON.stringify({ manifest: manifestLock, tag: tagLock })) };
  }
  const known = {
    ...(tagged === undefined ? {} : { tag: version }),
    ...(manifestLock === undefined ? {} : { manifestLock: { ...manifestLock } }),
    ...(tagLock === undefined ? {} : { tagLock: { ...tagLock } }),
  };
  return { ok: true, image, locks: known };
}

function isPushedHere({ steps, lockImages }: PromotionPlan): boolean {
  return !lockImages && steps.some((one) => one.step === 'import' && one.skipped !== undefined);
}

async function seeRunning(
  zone: Zone,
  plan: PromotionPlan,
  signal: AbortSignal,
): Promise<Seen<Pick<Effects, 'workloads' | 'pods'>>> {
  const { cluster, registry } = zone.ports;
  const { namespace, workloads, targetRegistry } = plan;
  const { repository, digest } = imageOf(plan);
  const image = formatImage({ repository, digest: parseDigest(digest) }, targetRegistry);
  const timeoutMs = Math.min(plan.rollOutTimeoutMs, STILL_ROLLED_OUT_MS);
  const rolled = await cluster.watchRollOut({ namespace, workloads, image, timeoutMs }, () => undefined, signal);
  if (rolled.kind === 'failed') return { ok: false, refusal: rolled.refusal };
  const pods = await cluster.runningPods(namespace, workloads, image);
  const refusal = runningRefusal(pods, await runnableDigests(registry, repository, digest), workloads);
  if (refusal !== undefined) return { ok: false, refusal };
  return {
    ok: true,
    workloads: rolled.workloads.map((one) => ({ ...one })),
    pods: pods.map(({ name, workload, imageDigest }) => ({ name, workload, imageDigest })),
  };
}

async function seeHealth(
  zone: Zone,
  plan: PromotionPlan,
  signal: AbortSignal,
): Promise<Seen<{ readonly answer: Pick<Effects, 'health'> }>> {
  if (plan.health === undefined) return { ok: true, answer: {} };
  const { url, answers, refusal } = await untilJudged(
    zone,
    plan,
    { ...plan.health, ...ASKED_AGAIN, everyMs: Math.min(plan.health.everyMs, ASKED_AGAIN.everyMs) },
    () => undefined,
    signal,
  );
  if (refusal !== undefined) return { ok: false, refusal };
  const last = answers.at(-1);
  return { ok: true, answer: last?.kind === 'answered' ? { health: { url, status: last.status } } : {} };
}

function unlocked({ image, version, targetRegistry, environment }: PromotionPlan, got: string): Refusal {
  return {
    code: 'lock-not-effective',
    message: `${environment} locks its images, and ${image.repository}:${version} in ${targetRegistry} is not locked`,
    expected: 'image and tag neither deletable nor writable',
    got,
    remedy: 'look for whoever else changes attributes in that registry, lock both again, then "retry"',
  };
}

function unreachable(): never {
  throw new Error('an image that is not there always has a refusal');
}
