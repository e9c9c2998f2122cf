/** Whether what a registry shows is what was asked for: versions, copies, locks. Facts in, refusal out; undefined is a yes. */
import type { Refusal } from '../domain/error-code.ts';

/** A version is free, or it means this digest already. */
export function versionRefusal(facts: {
  readonly registry: string;
  readonly repository: string;
  readonly version: string;
  readonly digest: string;
  /** What the registry's tag of that name means; undefined: no such tag. */
  readonly tagged: string | undefined;
}): Refusal | undefined {
  if (facts.tagged === undefined || facts.tagged === facts.digest) return undefined;
  return {
    code: 'version-taken',
    message: `version ${facts.version} of ${facts.repository} means another image in ${facts.registry}`,
    expected: facts.digest,
    got: facts.tagged,
    remedy: 'release this image under a version of its own; Sluice never moves a tag',
  };
}

/** After an import: the manifest hashed to what was asked for, and the version's tag points to it. */
export function copyRefusal(facts: {
  readonly registry: string;
  readonly version: string;
  readonly digest: string;
  /** Digest of the bytes that the registry serves under `digest`; undefined: it serves none. */
  readonly found: string | undefined;
  readonly tagged: string | undefined;
}): Refusal | undefined {
  const remedy = "the copy is removed; look at the registry's own log, then release again under a new version";
  if (facts.found !== facts.digest) {
    return {
      code: 'digest-mismatch',
      message: `the copy in ${facts.registry} is not the image that was imported`,
      expected: facts.digest,
      got: facts.found ?? 'no manifest',
      remedy,
    };
  }
  if (facts.tagged === facts.digest) return undefined;
  return {
    code: 'tag-conflict',
    message: `tag ${facts.version} in ${facts.registry} does not mean the imported image`,
    expected: facts.digest,
    got: facts.tagged ?? 'no such tag',
    remedy,
  };
}

export interface Attributes {
  readonly deletable: boolean;
  readonly writable: boolean;
}

export function isLocked(attributes: Attributes | undefined): boolean {
  return attributes !== undefined && !attributes.deletable && !attributes.writable;
}
