#!/usr/bin/env bash
# release.sh --service NAME --version VERSION [--image REGISTRY/REPOSITORY@sha256:…] [--manifests DIGEST] [--wait-for ENVIRONMENT] [--timeout 50m] [--waiting-ok true]
#            [--abort-on-cancel true] [--committed-at SECONDS] [--summary FILE] [--config FILE]
#
# Starts the release, or attaches to the one that exists, and follows it: with --image it starts, without it continues what was started before. Exit
# code and output variables are those of sluice (docs/pipelines.md). A cancelled job leaves the release going, unless --abort-on-cancel true.
set -euo pipefail
# shellcheck source=pipelines/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

service='' version='' image='' config=sluice.yaml following=() starting=(--wait)
while [ $# -gt 0 ]; do
  case "$1" in
    --help) show_help ;;
    --service) service=$(value_of "$@") ;;
    --version) version=$(value_of "$@") ;;
    --image) image=${2-} ;;
    --config) config=$(value_of "$@") ;;
    --wait-for | --timeout | --summary) [ -z "${2-}" ] || following+=("$1" "$2") ;;
    --waiting-ok | --abort-on-cancel)
      case "${2-}" in
        [Tt]rue) following+=("$1") ;;
        [Ff]alse) ;;
        *) fail "release.sh: $1 wants true or false, got \"${2-}\"" ;;
      esac
      ;;
    --manifests | --committed-at) [ -z "${2-}" ] || starting+=("$1" "$2") ;;
    *) unknown "$1" ;;
  esac
  shift 2
done
wanted --service "$service" --version "$version"
need_program sluice 'see pipelines/README.md'
without_unset_variables
if [ -z "$image" ]; then exec sluice --config "$config" watch "$service" "$version" "${following[@]}"; fi
by_digest "$image"
exec sluice --config "$config" start "$service" "$version" --image "${image#*/}" "${starting[@]}" "${following[@]}"
