/** What runs in an environment now against what Sluice would have brought there: after the legacy pipeline has been there, the same or not. */
import type { ObservedLive } from '../../src/contract/observation-workflow.ts';
import type { PromotionPlan } from '../../src/contract/plan.ts';
import { shortDigest } from '../../src/domain/digest.ts';
import { formatImage, type ImageReference, parseImageReference } from '../../src/domain/image-reference.ts';
import type { ManifestChanges } from '../../src/domain/manifest-change.ts';
import type { StandingWorkload } from '../../src/ports/cluster-sight.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { runnableDigests } from '../pull.ts';
import { isEarly } from '../rehearsal.ts';
import { imageOf, sourceOf, type Zone } from '../zone.ts';

/** `changes`: as a dry run gave them; undefined: there was none. */
export async function liveOf(
  zone: Zone,
  plan: PromotionPlan,
  changes: ManifestChanges | undefined,
  signal: AbortSignal,
): Promise<ObservedLive> {
  try {
    return compared(plan, await standing(zone, plan, signal), await acceptedDigests(zone, plan), changes);
  } catch (error) {
    if (!(error instanceof PortError) || (error.retry !== 'no' && isEarly())) throw error;
    return { digest: 'unknown', objects: 'unknown', says: `what runs there could not be seen: ${error.message}` };
  }
}

interface Standing {
  /** Workloads that are not there. */
  readonly missing: readonly string[];
  readonly images: readonly string[];
  readonly digests: readonly string[];
}

/** A legacy pipeline may name the image by a tag, and from a registry of its own: what the nodes say that they run counts. */
async function standing(zone: Zone, plan: PromotionPlan, signal: AbortSignal): Promise<Standing> {
  const { namespace, workloads } = plan;
  const ours = formatImage(imageOf(plan), plan.targetRegistry);
  const look = async (workload: string, image: string): Promise<StandingWorkload | undefined> => {
    const request = { namespace, workloads: [workload], image, objects: [] };
    return (await zone.ports.sight.look(request, signal)).workloads[0];
  };
  const found = await Promise.all(
    workloads.map(async (workload) => {
      const first = await look(workload, ours);
      const images = (first?.images ?? []).filter((one) => isOf(plan.image.repository, one));
      const seen = await Promise.all(
        images.map(async (image) => (image === ours ? first : await look(workload, image))?.pods ?? []),
      );
      const pods = seen.flat().map((pod) => pod.imageDigest);
      return {
        workload,
        isThere: first !== undefined,
        images,
        digests: pods.length > 0 ? pods : images.flatMap(digestIn),
      };
    }),
  );
  return {
    missing: found.filter((one) => !one.isThere).map((one) => one.workload),
    images: [...new Set(found.flatMap((one) => one.images))],
    digests: [...new Set(found.flatMap((one) => one.digests))],
  };
}

/** By the last part of its name: a registry of the old world may have put a folder before it. */
function isOf(repository: string, image: string): boolean {
  const named = parsed(image)?.repository;
  return named !== undefined && (named === repository || named.split('/').at(-1) === repository.split('/').at(-1));
}

function digestIn(image: string): readonly string[] {
  const digest = parsed(image)?.digest;
  return digest === undefined ? [] : [digest];
}

/** Undefined: a name that is no whole reference, as `iam` without a tag. */
function parsed(image: string): ImageReference | undefined {
  try {
    return parseImageReference(image);
  } catch {
    return undefined;
  }
}

/** Of an index any of its manifests may be what a node reports. */
async function acceptedDigests(zone: Zone, plan: PromotionPlan): Promise<readonly string[]> {
  const { repository, digest } = imageOf(plan);
  const own = zone.ports.registry;
  const isHere = (await own.manifest(repository, digest)) !== undefined;
  return runnableDigests(isHere ? own : sourceOf(zone, plan.source), repository, digest);
}

function compared(
  plan: PromotionPlan,
  { missing, images, digests }: Standing,
  accepted: readonly string[],
  changes: ManifestChanges | undefined,
): ObservedLive {
  const seen = { ...(images.length === 0 ? {} : { images }), ...(digests.length === 0 ? {} : { digests }) };
  const objects = objectsIn(changes, digests.length > 0 && digests.every((one) => accepted.includes(one)));
  if (missing.length === plan.workloads.length)
    return { digest: 'nothing', ...objects, ...seen, says: `nothing runs there yet: no ${missing.join(', ')}` };
  if (digests.length === 0) {
    const asked =
      images.length === 0 ? 'no image of that name' : `${images.join(', ')}, by no digest and with no ready pod`;
    return { digest: 'unknown', ...objects, ...seen, says: `what runs there asks for ${asked}` };
  }
  const others = digests.filter((one) => !accepted.includes(one));
  const what = `${plan.image.repository}@${shortDigest(plan.image.digest)}`;
  if (others.length > 0)
    return {
      digest: 'other',
      ...objects,
      ...seen,
      says: `runs ${others.map(shortDigest).join(', ')}, and Sluice would have brought ${what}`,
    };
  if (missing.length > 0)
    return { digest: 'other', ...objects, ...seen, says: `runs ${what}, but there is no ${missing.join(', ')}` };
  const differing = objects.objects === 'other' ? `; ${objectsInWords(changes)}` : '';
  return {
    digest: 'same',
    ...objects,
    ...seen,
    says: `runs exactly ${what}, which Sluice would have brought${differing}`,
  };
}

/** That the image is named in another way is no difference where it is the same image. */
function objectsIn(changes: ManifestChanges | undefined, isSameImage: boolean): Pick<ObservedLive, 'objects'> {
  if (changes?.inCluster === undefined) return { objects: 'unknown' };
  const isEmpty = changes.same === 0 && changes.objects.every((one) => one.change === 'added');
  if (isEmpty) return { objects: 'nothing' };
  return { objects: differingIn(changes, isSameImage).length === 0 && changes.more === 0 ? 'same' : 'other' };
}

function differingIn({ objects }: ManifestChanges, isSameImage: boolean): readonly string[] {
  return objects
    .filter(({ change, values, more }) => {
      if (change === 'removed') return false;
      const further = values.filter(({ path }) => !(isSameImage && path.endsWith('/image')));
      return change === 'added' || further.length > 0 || more > 0;
    })
    .map(({ ref }) => `${ref.kind.toLowerCase()}/${ref.name}`);
}

function objectsInWords(changes: ManifestChanges | undefined): string {
  return changes === undefined ? '' : `${differingIn(changes, true).join(', ')} would be made otherwise`;
}
