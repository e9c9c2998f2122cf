/** What an environment takes of a service's manifests, beside what no environment takes: a tag, another namespace, what belongs to the cluster. */
import { DIGEST_EXPRESSION, isDigest } from './digest.ts';
import { isHost, isRepository, parseImageReference, REPOSITORY_EXPRESSION, TAG_EXPRESSION } from './image-reference.ts';

/** What is not said: every kind that lives in a namespace; no image but the released one. */
export interface ManifestRules {
  /** `Deployment` of Kubernetes itself, `Rollout.argoproj.io` of another group. */
  readonly kinds?: readonly string[];
  /** `registry/repository`, `registry/repository@sha256:…`, or `registry/path/*` for everything below. */
  readonly images?: readonly string[];
}

/** Why an entry of a list of images is none; undefined: it is one. */
export function badImageEntry(text: string): string | undefined {
  const [name = '', digest, ...more] = text.split('@');
  const below = name.endsWith('/*');
  const bare = below ? name.slice(0, -2) : name;
  const slash = bare.indexOf('/');
  const host = slash < 0 ? bare : bare.slice(0, slash);
  if (!isHost(host) || !/[.:]|^localhost$/.test(host)) return 'it does not begin with a registry, such as docker.io/';
  if (slash < 0 && !below) return 'it names a registry and no repository; for all of it write registry/*';
  if (slash >= 0 && !isRepository(bare.slice(slash + 1))) return 'what follows the registry is no repository';
  if (digest === undefined) return undefined;
  if (below || more.length > 0 || !isDigest(digest))
    return 'after "@" stands one whole digest, and only after a single repository';
  return undefined;
}

/**
 * A regular expression, anchored, for references that are pinned by digest and fit one of the entries. JavaScript and RE2 (CEL) read it alike;
 * it holds neither quotes nor backslashes.
 */
export function imageExpression(entries: readonly string[]): string {
  const fitting = entries.map((entry) => {
    const [name = '', digest = DIGEST_EXPRESSION] = entry.split('@');
    const bare = name.replace(/\/\*$/, '');
    return `${literal(bare)}${bare === name ? '' : `/${REPOSITORY_EXPRESSION}`}(?::${TAG_EXPRESSION})?@${digest}`;
  });
  return `^(?:${fitting.join('|')})$`;
}

/** The image as written, with its registry: `busybox@…` fits no entry, since which registry is meant is up to the node. */
export function isListedImage(entries: readonly string[], image: string): boolean {
  return entries.some((entry) => new RegExp(imageExpression([entry])).test(image));
}

/** The entry that would allow just this repository. */
export function entryFor(image: string): string | undefined {
  try {
    const { registry, repository } = parseImageReference(image);
    return registry === undefined ? undefined : `${registry}/${repository}`;
  } catch {
    return undefined;
  }
}

function literal(name: string): string {
  return name.replaceAll('.', '[.]');
}
