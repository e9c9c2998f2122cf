#!/usr/bin/env bash
# guard.sh --service NAME [--scheme calendar|semantic] [--path FOLDER] [--release-branch PATTERN] [--source FOLDER]
#
# Before anything is built: refuses pull requests, forks, shallow clones, dirty trees and branches that are not released from (exit code 3, or 2
# where the checkout is at fault), and sets what "sluice version" sets: version, containerTag, commit, branch, sourceDateEpoch …
set -euo pipefail
# shellcheck source=pipelines/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

service='' scheme=calendar path='' branch='' source=.
while [ $# -gt 0 ]; do
  case "$1" in
    --help) show_help ;;
    --service) service=$(value_of "$@") ;;
    --scheme) scheme=$(value_of "$@") ;;
    --path) path=${2-} ;;
    --release-branch) branch=${2-} ;;
    --source) source=$(value_of "$@") ;;
    *) unknown "$1" ;;
  esac
  shift 2
done
wanted --service "$service"
need_program sluice 'see pipelines/README.md'
need_program git 'install it'

# A fork decides what its pipeline says, so this is the clear message; what holds is that its identity has no rights (branch control, federated subject).
if [ "${SYSTEM_PULLREQUEST_ISFORK:-}" = True ]; then
  fail 'A pull request from a fork is not released. Let it be merged; the build of the branch releases it.' 3
fi
if [ "${BUILD_REASON:-}" = PullRequest ] || [[ "${GITHUB_EVENT_NAME:-}" == pull_request* ]]; then
  fail 'A pull request is not released. Let it be merged; the build of the branch releases it.' 3
fi
if [ "$(git -C "$source" rev-parse --is-shallow-repository)" = true ]; then
  fail 'The clone is shallow, so that its version is unknown. Set fetchDepth: 0 and fetchTags: true (GitHub: fetch-depth: 0).' 2
fi

arguments=("$service" --scheme "$scheme" --repository "$source" --release)
if [ -n "$path" ]; then arguments+=(--path "$path"); fi
if [ -n "$branch" ]; then arguments+=(--release-branch "$branch"); fi
sluice version "${arguments[@]}"
