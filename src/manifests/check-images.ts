/** Digests only: an image is the released one, written as its bare repository name, or pinned by digest. */
import type { Problem } from '../domain/error-code.ts';
import { ImageReferenceError, parseImageReference } from '../domain/image-reference.ts';
import { type ImageSite, imageSites } from './image-sites.ts';
import type { Path, StatedObject } from './parse.ts';

export interface ReleasedImage {
  /** As manifests write it: `iam`. */
  readonly repository: string;
  /** As the cluster gets it: `host/iam@sha256:…`. */
  readonly image: string;
}

export interface ImageFindings {
  /** Where the released image stands. */
  readonly released: readonly Path[];
  /** The same, counting only containers that keep running. */
  readonly runs: boolean;
  readonly problems: readonly Problem[];
}

export function checkImages(stated: StatedObject, released: ReleasedImage): ImageFindings {
  const sites = imageSites(stated.object);
  const own = sites.filter((site) => isReleased(site, released));
  const problems = sites.filter((site) => !own.includes(site)).flatMap((site) => problemsOf(site, stated, released));
  return { released: own.map((site) => site.path), runs: own.some((site) => site.list === 'containers'), problems };
}

function isReleased(site: ImageSite, released: ReleasedImage): boolean {
  return site.image === released.repository || site.image === released.image;
}

function problemsOf(site: ImageSite, { object, where }: StatedObject, released: ReleasedImage): readonly Problem[] {
  const fault = faultOf(site.image, released);
  if (fault === undefined) return [];
  const message = `${object.kind}/${object.metadata.name}: image ${JSON.stringify(site.image.slice(0, 300))} ${fault.message}`;
  return [{ where: where(site.path), message, remedy: fault.remedy }];
}

interface Fault {
  readonly message: string;
  readonly remedy: string;
}

function faultOf(text: string, { repository, image }: ReleasedImage): Fault | undefined {
  const name = nameOf(text);
  const asReleased = `write "image: ${repository}": Sluice sets registry and digest`;
  if (!isPinned(text)) {
    const other = 'pin it: <registry>/<repository>@sha256:<64 hexadecimal characters>';
    const own = name === repository || name.endsWith(`/${repository}`);
    return { message: 'is not pinned by digest', remedy: own ? `${asReleased}; for another image, ${other}` : other };
  }
  if (name === nameOf(image)) return { message: 'has another digest than the released one', remedy: asReleased };
  return undefined;
}

function isPinned(text: string): boolean {
  try {
    return parseImageReference(text).digest !== undefined;
  } catch (error) {
    if (error instanceof ImageReferenceError) return false;
    throw error;
  }
}

/** Registry and repository without tag and digest, of anything that looks like a reference. */
function nameOf(text: string): string {
  return text.replace(/@.*$/s, '').replace(/:[^/:]*$/, '');
}
