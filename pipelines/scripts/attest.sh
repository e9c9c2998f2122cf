#!/usr/bin/env bash
# attest.sh --image REGISTRY/REPOSITORY@sha256:… --key KEY --type TYPE --predicate FILE
#
# Signs a statement about an image and puts it beside it: the types that proofs ask for are slsaprovenance1, spdxjson, cyclonedx, vuln, openvex, or any
# URI. KEY, SIGNING_CONFIG and COSIGN are those of sign.sh.
set -euo pipefail
# shellcheck source=pipelines/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

image='' key='' type='' predicate=''
while [ $# -gt 0 ]; do
  case "$1" in
    --help) show_help ;;
    --image) image=$(value_of "$@") ;;
    --key) key=$(value_of "$@") ;;
    --type) type=$(value_of "$@") ;;
    --predicate) predicate=$(value_of "$@") ;;
    *) unknown "$1" ;;
  esac
  shift 2
done
wanted --image "$image" --key "$key" --type "$type" --predicate "$predicate"
by_digest "$image"
need_program jq 'install it'
jq -e 'type == "object" and length > 0' "$predicate" >/dev/null || fail "attest.sh: $predicate holds no JSON object to be attested"
cosign=${COSIGN:-$("$(dirname "$0")/get-tool.sh" cosign)}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
config=${SIGNING_CONFIG:-$folder/signing-config.json}
[ -n "${SIGNING_CONFIG:-}" ] || "$cosign" signing-config create --out "$config"
"$cosign" attest --yes --key "$key" --signing-config "$config" --type "$type" --predicate "$predicate" "$image"
