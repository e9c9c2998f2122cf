/** Versions from git: `sluice version`. */
export const VERSION_ERRORS = {
  'git-failing': {
    cause: 'The program `git` is not on PATH, or failed for a reason of its own.',
    remedy: 'Install git where this runs; run the command that is named there, and look.',
  },
  'checkout-unreadable': {
    cause:
      'There is no git repository, it has no commit, git does not trust the folder because it belongs to another user, or the history is longer than two hundred thousand commits.',
    remedy: 'Run it in the checkout, or name that with --repository.',
  },
  'checkout-dirty': {
    cause:
      'Something in the working tree is not as it is committed, so the version of the commit would name something else.',
    remedy:
      'Ask for the version before the build writes files; commit what is meant, and list what is built in .gitignore.',
  },
  'checkout-shallow': {
    cause:
      'Only the end of the history was fetched. A version that is counted from it would be another one on the next machine.',
    remedy:
      'Fetch all of it: `fetchDepth: 0` of the checkout in Azure Pipelines, `fetch-depth: 0` of actions/checkout, `git fetch --unshallow` by hand.',
  },
  'branch-unknown': {
    cause:
      'A commit is checked out and no branch, as pipelines do it, and none of their variables says which branch it is built for.',
    remedy: 'Name it with --branch.',
  },
  'version-tag-missing': {
    cause:
      'Semantic versions are counted from the last tag that states one, and none can be reached from the commit; often the tags were not fetched.',
    remedy: 'Fetch the tags; where there is none yet, set v0.1.0, or name the version before the first with --first.',
  },
  'version-tag-ambiguous': {
    cause: 'The commit has tags of several versions, or one that is lower than that of an earlier commit.',
    remedy: 'Delete the tag that is wrong, here and where you fetch from.',
  },
  'version-not-releasable': {
    cause:
      'A version to be released was asked for (`--release`), and what is built is a pull request, a fork, no branch that releases come from, or one that no rule protects.',
    remedy: 'Build it on a release branch; --release-branch says which those are.',
  },
} as const;
