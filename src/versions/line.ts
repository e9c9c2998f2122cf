/** The line of work that a commit is built for: a branch, a tag, a pull request. It decides whether its version may be released. Pure. */

export interface Line {
  /** As people call it: `main`, `feature/login`, `v1.2.3`, `pull request 7`. */
  readonly name: string;
  /** Undefined: one that releases come from, whose versions carry no name. */
  readonly label?: string;
  /** Why nothing may be released from it; undefined: it may. */
  readonly because?: string;
}

export const RELEASE_LINES: readonly string[] = ['main', 'master', 'release/*'];

export interface LineFacts {
  /** `main`, or in full: `refs/heads/main`, `refs/tags/v1.2.3`, `refs/pull/7/merge`. */
  readonly ref: string;
  /** The run says that it builds one, whatever the reference says. */
  readonly pullRequest: boolean;
  readonly fork: boolean;
  /** Names, with `*` for any characters. */
  readonly releaseLines: readonly string[];
  /** Whether a tag of this name states a version of what is built. */
  isVersionTag(name: string): boolean;
}

export function lineOf({ ref, pullRequest, fork, releaseLines, isVersionTag }: LineFacts): Line {
  const [, number] = /^refs\/pull\/(\d+)\//.exec(ref) ?? [];
  if (number !== undefined) {
    const because = fork ? 'it is a pull request from a fork' : 'it is a pull request';
    return { name: `pull request ${number}`, label: `pr-${number}`, because };
  }
  const [, tag] = /^refs\/tags\/(.+)$/s.exec(ref) ?? [];
  const name = tag ?? ref.replace(/^refs\/heads\//, '');
  if (pullRequest || fork) {
    const because = fork ? 'the run builds a fork' : 'the run builds a pull request';
    return { name, label: labelOf(`pr-${name}`), because };
  }
  if (tag !== undefined) {
    if (isVersionTag(tag)) return { name };
    return { name, label: labelOf(tag), because: `the tag "${tag}" states no version` };
  }
  if (releaseLines.some((pattern) => matches(pattern, name))) return { name };
  return { name, label: labelOf(name), because: `"${name}" is none of ${releaseLines.join(', ')}` };
}

const LONGEST_LABEL = 30;

/** Letters, digits and hyphens that a tag, a Kubernetes label and a semantic version's identifier all take. */
export function labelOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, LONGEST_LABEL)
    .replace(/-+$/, '');
  if (plain === '') return 'branch';
  // an identifier of digits is a number, which may not begin with a zero
  return /^\d+$/.test(plain) ? `b${plain}`.slice(0, LONGEST_LABEL) : plain;
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}
