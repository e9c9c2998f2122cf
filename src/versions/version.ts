/** A version in the forms in which a pipeline needs it. Pure. */
import type { Problem } from '../domain/error-code.ts';
import { isVersion } from '../domain/names.ts';

export const SCHEMES = ['calendar', 'semantic'] as const;
export type Scheme = (typeof SCHEMES)[number];

export interface SourceVersion {
  /** What `sluice start` takes; equal to the two below. */
  readonly version: string;
  readonly containerTag: string;
  /** For `app.kubernetes.io/version` and an image's labels. */
  readonly label: string;
  /** With its build metadata behind `+`; empty where the scheme is none of semver.org. */
  readonly semver: string;
  readonly commit: string;
  readonly branch: string;
  readonly scheme: Scheme;
  /** Nothing is released from where it comes from, or its tag says so. */
  readonly prerelease: boolean;
  /** HEAD changes something below the given paths, or none are given. */
  readonly changed: boolean;
  /** Seconds since 1970: when the commit was made; builds that are to be the same again take it for their clock. */
  readonly sourceDateEpoch: number;
}

/** Never git's own abbreviation: that grows with the repository. */
const SHORT = 12;

export function shortOf(commit: string): string {
  return commit.slice(0, SHORT);
}

/** The shortest of the three limits: a Kubernetes label. A container tag has 128 (distribution-spec 1.1), so has a version here. */
export const LONGEST = 63;

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** What is wrong with it as a version, a tag and a label. */
export function faultsOf(version: string): readonly Problem[] {
  if (isVersion(version) && LABEL.test(version)) return [];
  const message = `"${version}" has ${version.length} characters, or others than a tag and a label take`;
  return [{ where: 'version', message, remedy: `numbers of versions must be short: ${LONGEST} characters in all` }];
}
