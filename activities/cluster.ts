/** Changing the cluster, waiting for it, proving what runs, and putting back what ran before. */
import type { RollOutRequest, StepAnswer, StepRequest } from '../src/contract/activities.ts';
import { parseDigest, shortDigest } from '../src/domain/digest.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { formatImage } from '../src/domain/image-reference.ts';
import { formatRef, type ObjectRef, refOf } from '../src/domain/manifest-object.ts';
import { runningRefusal } from '../src/policy/running-policy.ts';
import { readApplied, readManifests } from './manifests.ts';
import { noteApplied } from './admission.ts';
import { runnableDigests } from './pull.ts';
import { lapsed } from './signatures.ts';
import { no, yes, type Zone } from './zone.ts';

export async function applyManifests(zone: Zone, request: StepRequest, signal: AbortSignal): Promise<StepAnswer> {
  const { plan } = request;
  const refusal = await lapsed(zone, request);
  if (refusal !== undefined) return no(refusal);
  const manifests = await readManifests(zone, zone.ports.registry, plan);
  if (!manifests.ok) return manifests;
  const applied = await zone.ports.cluster.apply(manifests.objects, plan.namespace, { dryRun: false, signal });
  await noteApplied(zone, request, plan.manifests);
  return yes(`${applied.length} objects applied in ${plan.namespace}`, {
    namespace: plan.namespace,
    manifests: plan.manifests,
    objects: applied.map((one) => `${formatRef(one.ref)} generation ${one.generation}`).join(', '),
  });
}

export async function rollOut(
  zone: Zone,
  request: RollOutRequest,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<StepAnswer> {
  const { plan } = request;
  const image = runningImage(request);
  if (image === undefined) return yes('nothing ran here before: nothing to wait for');
  const workloads = workloadsOf(request);
  if (workloads.length === 0) return no(nothingToProve(request));
  const rollOutRequest = {
    namespace: plan.namespace,
    workloads,
    image: image.reference,
    timeoutMs: plan.rollOutTimeoutMs,
  };
  const verdict = await zone.ports.cluster.watchRollOut(rollOutRequest, onProgress, signal);
  if (verdict.kind === 'failed') return no(verdict.refusal);
  const lines = verdict.workloads.map((one) => `${one.ref}: ${one.replicas} replicas at generation ${one.generation}`);
  return yes(`${workloads.join(', ')} rolled out`, { image: image.reference, workloads: lines.join(', ') });
}

export async function proveRunning(zone: Zone, request: RollOutRequest): Promise<StepAnswer> {
  const { plan } = request;
  const image = runningImage(request);
  if (image === undefined) return yes('nothing ran here before: nothing to prove');
  const workloads = workloadsOf(request);
  if (workloads.length === 0) return no(nothingToProve(request));
  const accepted = await runnableDigests(zone.ports.registry, image.repository, parseDigest(image.digest));
  const pods = await zone.ports.cluster.runningPods(plan.namespace, workloads, image.reference);
  const refusal = runningRefusal(pods, accepted, workloads);
  if (refusal !== undefined) return no(refusal);
  return yes(`${pods.length} ready pods run ${shortDigest(image.digest)}`, {
    digest: image.digest,
    pods: pods.map((pod) => `${pod.name} ${pod.imageDigest}`).join(', '),
  });
}

/** Undo of apply: the previous manifests with the previous image, and nothing that only the new ones brought. */
export async function restoreManifests(zone: Zone, request: StepRequest, signal: AbortSignal): Promise<StepAnswer> {
  const { plan, baseline } = request;
  await noteApplied(zone, request, undefined);
  const { cluster, registry } = zone.ports;
  const mine = await readApplied(registry, plan, plan);
  const brought = mine.ok ? mine.objects.map((one) => refOf(one, plan.namespace)) : [];
  const previous = baseline.current;
  if (previous === undefined) {
    if (plan.firstRelease === 'leave')
      return yes(`first release of ${plan.service} here: left as it is, as configured`);
    const fresh = brought.filter((ref) => !includes(baseline.existing, ref));
    await cluster.remove(fresh, signal);
    return yes(`first release of ${plan.service} here: ${fresh.length} objects removed`, {
      removed: fresh.map(formatRef).join(', '),
    });
  }
  const manifests = await readApplied(registry, plan, previous);
  if (!manifests.ok) return manifests;
  await cluster.apply(manifests.objects, plan.namespace, { dryRun: false, signal });
  const extra = brought.filter((ref) => !includes(previous.objects, ref) && !includes(baseline.existing, ref));
  await cluster.remove(extra, signal);
  return yes(`manifests of ${previous.version} are back`, {
    version: previous.version,
    digest: previous.image.digest,
    manifests: previous.manifests,
    removed: extra.map(formatRef).join(', '),
  });
}

function runningImage({
  plan,
  baseline,
  to,
}: RollOutRequest): { repository: string; digest: string; reference: string } | undefined {
  const image = to === 'new' ? plan.image : baseline.current?.image;
  if (image === undefined) return undefined;
  const { repository, digest } = image;
  return {
    repository,
    digest,
    reference: formatImage({ repository, digest: parseDigest(digest) }, plan.targetRegistry),
  };
}

/** On the way back those of the service's workloads that it had then: a newer one went with the version that brought it. */
function workloadsOf({ plan, baseline, to }: RollOutRequest): readonly string[] {
  if (to === 'new') return plan.workloads;
  const then = (baseline.current?.objects ?? []).map(({ kind, name }) => `${kind}/${name}`.toLowerCase());
  return plan.workloads.filter((one) => then.includes(one.toLowerCase()));
}

function nothingToProve({ plan, baseline }: RollOutRequest): Refusal {
  const version = baseline.current?.version ?? 'the version before';
  return {
    code: 'manifests-invalid',
    message: `${version} had none of the workloads that ${plan.service} has in sluice.yaml now: what runs cannot be proven`,
    expected: plan.workloads.join(', '),
    got: (baseline.current?.objects ?? []).map(formatRef).join(', '),
    remedy: `its manifests are back; look at ${plan.namespace} yourself, then give this proof up ("sluice abort")`,
  };
}

function includes(refs: readonly ObjectRef[], wanted: ObjectRef): boolean {
  return refs.some((ref) => ref.kind === wanted.kind && ref.name === wanted.name && ref.namespace === wanted.namespace);
}
