#!/usr/bin/env bash
# provenance.sh --out FILE [--commit COMMIT]
#
# Writes the predicate of SLSA provenance v1 (https://slsa.dev/spec/v1.0/provenance) from what the pipeline service says of its own run: builder,
# repository, ref, commit, run. Outside of Azure Pipelines and GitHub Actions there is nobody who could say it, and it refuses.
set -euo pipefail
# shellcheck source=pipelines/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

out='' commit=''
while [ $# -gt 0 ]; do
  case "$1" in
    --help) show_help ;;
    --out) out=$(value_of "$@") ;;
    --commit) commit=$(value_of "$@") ;;
    *) unknown "$1" ;;
  esac
  shift 2
done
wanted --out "$out"
need_program jq 'install it'

if [ "${TF_BUILD:-}" = True ]; then
  wanted SYSTEM_COLLECTIONURI "${SYSTEM_COLLECTIONURI:-}" SYSTEM_TEAMPROJECT "${SYSTEM_TEAMPROJECT:-}" SYSTEM_DEFINITIONID "${SYSTEM_DEFINITIONID:-}" \
    BUILD_REPOSITORY_URI "${BUILD_REPOSITORY_URI:-}" BUILD_SOURCEBRANCH "${BUILD_SOURCEBRANCH:-}" BUILD_SOURCEVERSION "${BUILD_SOURCEVERSION:-}" BUILD_BUILDID "${BUILD_BUILDID:-}"
  project=${SYSTEM_COLLECTIONURI%/}/${SYSTEM_TEAMPROJECT// /%20}
  type=https://learn.microsoft.com/azure/devops/pipelines
  builder="$project/_build?definitionId=$SYSTEM_DEFINITIONID" run="$project/_build/results?buildId=$BUILD_BUILDID"
  # Azure Repos writes the organisation before the host, as if it were a user
  repository=$(printf '%s' "$BUILD_REPOSITORY_URI" | sed -E 's#^(https://)[^/@]*@#\1#') ref=$BUILD_SOURCEBRANCH source=$BUILD_SOURCEVERSION
elif [ "${GITHUB_ACTIONS:-}" = true ]; then
  wanted GITHUB_SERVER_URL "${GITHUB_SERVER_URL:-}" GITHUB_WORKFLOW_REF "${GITHUB_WORKFLOW_REF:-}" GITHUB_REPOSITORY "${GITHUB_REPOSITORY:-}" \
    GITHUB_REF "${GITHUB_REF:-}" GITHUB_SHA "${GITHUB_SHA:-}" GITHUB_RUN_ID "${GITHUB_RUN_ID:-}"
  type=https://actions.github.io/buildtypes/workflow/v1
  builder=$GITHUB_SERVER_URL/$GITHUB_WORKFLOW_REF run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID/attempts/${GITHUB_RUN_ATTEMPT:-1}"
  repository=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY ref=$GITHUB_REF source=$GITHUB_SHA
else
  fail 'provenance.sh: neither Azure Pipelines nor GitHub Actions runs this, so nobody can say where the image comes from'
fi
[ -z "$commit" ] || [ "$commit" = "$source" ] ||
  fail "provenance.sh: $commit was built, and the run is of $source; provenance would state what is not so" 3
jq -n --arg type "$type" --arg repository "$repository" --arg ref "$ref" --arg commit "$source" --arg builder "$builder" --arg run "$run" '{
  buildDefinition: {
    buildType: $type,
    externalParameters: { repository: $repository, ref: $ref, commit: $commit },
    internalParameters: {},
    resolvedDependencies: [{ uri: "git+\($repository)@\($ref)", digest: { gitCommit: $commit } }]
  },
  runDetails: { builder: { id: $builder }, metadata: { invocationId: $run } }
}' >"$out"
