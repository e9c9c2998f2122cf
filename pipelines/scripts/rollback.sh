#!/usr/bin/env bash
# rollback.sh --service NAME --environment NAME --reason TEXT [--to VERSION] [--timeout 50m] [--config FILE]
#
# Brings an environment back to what ran well there before, or to a version of it, and follows that. Run again, it attaches.
set -euo pipefail
# shellcheck source=pipelines/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

service='' environment='' reason='' config=sluice.yaml rest=(--wait)
while [ $# -gt 0 ]; do
  case "$1" in
    --help) show_help ;;
    --service) service=$(value_of "$@") ;;
    --environment) environment=$(value_of "$@") ;;
    --reason) reason=$(value_of "$@") ;;
    --config) config=$(value_of "$@") ;;
    --to | --timeout) [ -z "${2-}" ] || rest+=("$1" "$2") ;;
    *) unknown "$1" ;;
  esac
  shift 2
done
wanted --service "$service" --environment "$environment" --reason "$reason"
need_program sluice 'see pipelines/README.md'
without_unset_variables
exec sluice --config "$config" rollback "$service" --environment "$environment" --reason "$reason" "${rest[@]}"
