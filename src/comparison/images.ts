/** Which digest an image name stands for in a list: its own, or that which the pods of the list run it as. */
import { isDigest } from '../domain/digest.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';

interface Status {
  readonly name: string;
  readonly image?: string;
  readonly imageID?: string;
}

/** Undefined: nobody knows. Two digests of one tag, in the middle of a roll-out, are nobody's word either. */
export type DigestOf = (image: string) => string | undefined;

export function digestsIn(objects: readonly ManifestObject[]): DigestOf {
  const run = new Map<string, Set<string>>();
  for (const { named, imageID } of objects.filter(isRunning).flatMap(containersOf)) {
    const digest = digestIn(imageID);
    if (digest !== undefined) run.set(named, (run.get(named) ?? new Set()).add(digest));
  }
  return (image) => {
    const own = digestIn(image);
    if (own !== undefined) return own;
    const seen = [...(run.get(image) ?? [])];
    return seen.length === 1 ? seen[0] : undefined;
  };
}

/** A finished pod says what ran once: of a job, or of one that was evicted before somebody moved the tag. */
function isRunning({ apiVersion, kind, ...rest }: ManifestObject): boolean {
  const { phase } = (rest['status'] ?? {}) as { readonly phase?: unknown };
  return apiVersion === 'v1' && kind === 'Pod' && phase !== 'Succeeded' && phase !== 'Failed';
}

/** Of `repository@digest`; a bare one is of the configuration, and no image's name. */
function digestIn(name: string): string | undefined {
  const at = name.lastIndexOf('@');
  const digest = name.slice(at + 1);
  return at >= 0 && isDigest(digest) ? digest : undefined;
}

/** Each container as the pod names its image, with what the node says that it runs. */
function containersOf(pod: ManifestObject): readonly { readonly named: string; readonly imageID: string }[] {
  const { spec, status } = pod as unknown as {
    readonly spec?: { readonly containers?: readonly Status[]; readonly initContainers?: readonly Status[] };
    readonly status?: {
      readonly containerStatuses?: readonly Status[];
      readonly initContainerStatuses?: readonly Status[];
    };
  };
  const told = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].flatMap(({ name, image }) => {
    const imageID = told.find((one) => one.name === name)?.imageID;
    return image === undefined || imageID === undefined ? [] : [{ named: image, imageID }];
  });
}
