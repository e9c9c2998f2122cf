/** The one thing inside a workload that a release changes: its pod template. */
import { canonicalJson } from '../../../content/canonical-json.ts';
import type { Container, PodTemplate } from './kubernetes-objects.ts';

/** Set by the Deployment controller in each ReplicaSet's template, and nowhere else. */
const HASH_LABEL = 'pod-template-hash';

/** Images of all containers, init containers first. */
export function templateImages(template: PodTemplate | undefined): string[] {
  return allContainers(template?.spec).map((one) => one.image);
}

export function allContainers(spec: PodTemplate['spec']): Container[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}

/** Equal exactly for templates that the Deployment controller holds for equal (`EqualIgnoreHash`, pkg/controller/deployment/util). */
export function templateIdentity(template: PodTemplate | undefined): string {
  if (template === undefined) return '';
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  return canonicalJson({ ...template, metadata: { ...template.metadata, labels } });
}
