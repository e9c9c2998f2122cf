/** Digests only: an image is the released one, written as its bare repository name, or pinned by digest and on the environment's list. */
import { ImageReferenceError, parseImageReference } from '../domain/image-reference.ts';
import { entryFor, isListedImage } from '../domain/manifest-rules.ts';
import type { Judging, ManifestProblem } from './judging.ts';
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
  readonly problems: readonly ManifestProblem[];
}

export function checkImages(stated: StatedObject, released: ReleasedImage & Judging): ImageFindings {
  const sites = imageSites(stated.object);
  const own = sites.filter((site) => isReleased(site, released));
  const problems = sites.filter((site) => !own.includes(site)).flatMap((site) => problemsOf(site, stated, released));
  return { released: own.map((site) => site.path), runs: own.some((site) => site.list === 'containers'), problems };
}

function isReleased(site: ImageSite, released: ReleasedImage): boolean {
  return site.image === released.repository || site.image === released.image;
}

function problemsOf(
  site: ImageSite,
  { object, where }: StatedObject,
  released: ReleasedImage & Judging,
): readonly ManifestProblem[] {
  const fault = faultOf(site.image, released);
  if (fault === undefined) return [];
  const message = `${object.kind}/${object.metadata.name}: image ${JSON.stringify(site.image.slice(0, 300))} ${fault.message}`;
  return [{ ...fault, where: where(site.path), message }];
}

type Fault = Omit<ManifestProblem, 'where'>;

function faultOf(text: string, { repository, image, environment, rules }: ReleasedImage & Judging): Fault | undefined {
  const name = nameOf(text);
  const asReleased = `write "image: ${repository}": Sluice sets registry and digest`;
  if (!isPinned(text)) {
    const other = 'pin it: <registry>/<repository>@sha256:<64 hexadecimal characters>';
    const own = name === repository || name.endsWith(`/${repository}`);
    return { message: 'is not pinned by digest', remedy: own ? `${asReleased}; for another image, ${other}` : other };
  }
  if (name === nameOf(image)) return { message: 'has another digest than the released one', remedy: asReleased };
  if (rules === 'judged-before' || isListedImage(rules.images ?? [], text)) return undefined;
  const list = `environments.${environment}.manifests.images`;
  const entry = entryFor(text);
  return {
    notAllowed: true,
    message: `is not the released one, and ${environment} lists no such image`,
    remedy:
      entry === undefined
        ? `write it with its registry, and add it to ${list}`
        : `remove it, or add "${entry}" to ${list}`,
  };
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
