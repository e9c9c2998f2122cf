/** What the ready pods of the newest revision really run, as their nodes report it. */
import type { RunningPod } from '../../../ports/cluster.ts';
import type { ContainerStatus, Pod } from './kubernetes-objects.ts';
import { isReady } from './kubernetes-objects.ts';
import { type WorkloadParts, newPods } from './newest-revision.ts';
import { allContainers, templateImages } from './pod-template.ts';

/** Empty when the workload's template does not ask for `image`: whatever runs then is not what was released. */
export function runningPodsOf(parts: WorkloadParts, workload: string, image: string): RunningPod[] {
  if (!templateImages(parts.object.spec.template).includes(image)) return [];
  return newPods(parts)
    .filter(isReady)
    .map((pod) => ({ name: pod.metadata.name, workload, imageDigest: reportedDigest(pod, image) }));
}

/** Of several containers with this image the first that deviates counts: one stranger in the pod is one too many. */
function reportedDigest(pod: Pod, image: string): string {
  const names = allContainers(pod.spec)
    .filter((one) => one.image === image)
    .map((one) => one.name);
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const digests = statuses.filter((one) => names.includes(one.name)).map(digestOfImageId);
  const expected = image.slice(image.lastIndexOf('@') + 1);
  return digests.find((one) => one !== expected) ?? digests[0] ?? '';
}

/** `repository@sha256:…` (containerd, CRI-O), `docker-pullable://repository@sha256:…`; anything else is returned as it is. */
function digestOfImageId({ imageID = '' }: ContainerStatus): string {
  return imageID.slice(imageID.lastIndexOf('@') + 1);
}
