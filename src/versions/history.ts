/** What of a git history a version follows from: nothing that another machine, or another time, would see differently. */

export interface SourceCommit {
  /** Full name, 40 or 64 hexadecimal characters. */
  readonly commit: string;
  /** The first one is the line of the branch, the others were merged into it. */
  readonly parents: readonly string[];
  /** Seconds since 1970: when it was committed, as it says itself. */
  readonly at: number;
  readonly message: string;
}

export interface SourceTag {
  /** Without `refs/tags/`. */
  readonly name: string;
  readonly commit: string;
}

export interface SourceHistory {
  readonly head: SourceCommit;
  /** HEAD and everything before it that the scheme looks at, newest first. */
  readonly commits: readonly SourceCommit[];
  /** Those on HEAD and on what is before it. */
  readonly tags: readonly SourceTag[];
  /** Commits that change something below the given paths; undefined: none are given, all of them count. */
  readonly touching?: ReadonlySet<string>;
}
