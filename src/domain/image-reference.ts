/** Image references as people and pipelines write them (distribution-spec 1.1, "Pulling manifests"; grammar of docker/distribution). */
import { type Digest, isDigest } from './digest.ts';

/** One image: repository in some registry, and digest. Everything after `resolve` carries this and never a tag. */
export interface Image {
  readonly repository: string;
  readonly digest: Digest;
}

/** What a caller wrote: `[registry/]repository(:tag|@digest)`. `registry` is only informative; the environment decides it. */
export interface ImageReference {
  readonly registry?: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const COMPONENT = '[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*';
/** For regular expressions that end up elsewhere, not anchored: neither quotes nor backslashes in them. */
export const REPOSITORY_EXPRESSION = `${COMPONENT}(?:/${COMPONENT})*`;
export const TAG_EXPRESSION = '[A-Za-z0-9_][A-Za-z0-9._-]{0,127}';
const REPOSITORY = new RegExp(`^${REPOSITORY_EXPRESSION}$`);
const HOST =
  /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]{1,5})?$/;
const TAG = new RegExp(`^${TAG_EXPRESSION}$`);

export class ImageReferenceError extends Error {
  readonly code = 'reference-malformed';
  readonly text: string;
  constructor(text: string, expected: string) {
    super(`image reference "${text}": expected ${expected}`);
    this.name = 'ImageReferenceError';
    this.text = text;
  }
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

export function isHost(text: string): boolean {
  return HOST.test(text);
}

export function isRepository(text: string): boolean {
  return REPOSITORY.test(text);
}

/** Parses `[registry/]repository:tag`, `[registry/]repository@sha256:…` or both; throws {@link ImageReferenceError}. */
export function parseImageReference(text: string): ImageReference {
  const at = text.indexOf('@');
  const digestText = at < 0 ? undefined : text.slice(at + 1);
  if (digestText !== undefined && !isDigest(digestText)) {
    throw new ImageReferenceError(text, 'sha256:<64 lower-case hexadecimal characters> after "@"');
  }
  const { name, tag } = splitTag(at < 0 ? text : text.slice(0, at));
  if (tag !== undefined && !isTag(tag)) {
    throw new ImageReferenceError(text, 'a tag of letters, digits, "_", "." and "-" (at most 128)');
  }
  if (tag === undefined && digestText === undefined) {
    throw new ImageReferenceError(text, 'a tag (":1.2.3") or a digest ("@sha256:…"); "latest" is never assumed');
  }
  const { registry, repository } = splitRegistry(name);
  if (registry !== undefined && !HOST.test(registry)) {
    throw new ImageReferenceError(text, 'a registry host, with its port if need be, before the first "/"');
  }
  if (!isRepository(repository)) {
    throw new ImageReferenceError(text, 'a repository of lower-case letters, digits and separators');
  }
  return {
    ...(registry === undefined ? {} : { registry }),
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digestText === undefined ? {} : { digest: digestText }),
  };
}

/** `repository@digest`, prefixed by the registry's host when given. */
export function formatImage(image: Image, registry?: string): string {
  return `${registry === undefined ? '' : `${registry}/`}${image.repository}@${image.digest}`;
}

function splitTag(text: string): { name: string; tag?: string } {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || text.indexOf('/', colon) >= 0) return { name: text };
  return { name: text.slice(0, colon), tag: text.slice(colon + 1) };
}

/** The first component is a registry when it looks like a host: a dot, a port, or "localhost". */
function splitRegistry(name: string): { registry?: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  if (first === 'localhost' || /[.:]/.test(first)) return { registry: first, repository: name.slice(slash + 1) };
  return { repository: name };
}
