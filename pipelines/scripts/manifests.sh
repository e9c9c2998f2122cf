#!/usr/bin/env bash
# manifests.sh --service NAME --version VERSION --image REGISTRY/REPOSITORY@sha256:… --key KEY [--config FILE]
#
# Publishes the service's manifests beside the image and signs them. The same files for the same image are the same digest, so it may be run again.
# Prints the digest, which "sluice start --manifests" takes, and sets the output "manifests".
set -euo pipefail
# shellcheck source=pipelines/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

service='' version='' image='' key='' config=sluice.yaml
while [ $# -gt 0 ]; do
  case "$1" in
    --help) show_help ;;
    --service) service=$(value_of "$@") ;;
    --version) version=$(value_of "$@") ;;
    --image) image=$(value_of "$@") ;;
    --key) key=$(value_of "$@") ;;
    --config) config=$(value_of "$@") ;;
    *) unknown "$1" ;;
  esac
  shift 2
done
wanted --service "$service" --version "$version" --image "$image" --key "$key"
by_digest "$image"
need_program sluice 'see pipelines/README.md'
need_program jq 'install it'
pushed=$(sluice --config "$config" manifests push "$service" "$version" --image "${image#*/}" --json)
"$(dirname "$0")/sign.sh" --image "$(jq -er .reference <<<"$pushed")" --key "$key" >&2
digest=$(jq -er .digest <<<"$pushed")
printf '%s\n' "$digest"
set_output manifests "$digest"
