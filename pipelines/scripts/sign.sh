#!/usr/bin/env bash
# sign.sh --image REGISTRY/REPOSITORY@sha256:… --key KEY
#
# Signs an image or manifests with Cosign, as a Sigstore bundle beside it. KEY is azurekms://VAULT.vault.azure.net/KEY or a file (password in
# COSIGN_PASSWORD). Nothing goes into a public log, unless SIGNING_CONFIG names a signing configuration that says so. COSIGN names the program.
set -euo pipefail
# shellcheck source=pipelines/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

image='' key=''
while [ $# -gt 0 ]; do
  case "$1" in
    --help) show_help ;;
    --image) image=$(value_of "$@") ;;
    --key) key=$(value_of "$@") ;;
    *) unknown "$1" ;;
  esac
  shift 2
done
wanted --image "$image" --key "$key"
by_digest "$image"
cosign=${COSIGN:-$("$(dirname "$0")/get-tool.sh" cosign)}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
config=${SIGNING_CONFIG:-$folder/signing-config.json}
[ -n "${SIGNING_CONFIG:-}" ] || "$cosign" signing-config create --out "$config"
"$cosign" sign --yes --key "$key" --signing-config "$config" "$image"
