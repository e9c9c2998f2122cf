#!/usr/bin/env bash
# build.sh --image REGISTRY/REPOSITORY --tag TAG --epoch SECONDS --out FILE [--context FOLDER] [--file DOCKERFILE]
#
# Builds and pushes with BuildKit so that the same commit gives the same bytes: times of files are the commit's, and BuildKit adds no statement of its
# own (provenance and bill of materials are attested afterwards, signed). Writes the digest, alone on one line, to FILE and sets the output "image".
# BuildKit runs as a container of docker; on agents without docker, BUILDKIT_HOST names one that runs (tcp://… or unix:///…), and buildx is enough.
set -euo pipefail
# shellcheck source=pipelines/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# v0.25.1, by the digest that several public repositories pin; BuildKit from 0.13 on rewrites timestamps
BUILDKIT=${BUILDKIT_IMAGE:-moby/buildkit:v0.25.1@sha256:79cc6476ab1a3371c9afd8b44e7c55610057c43e18d9b39b68e2b0c2475cc1b6}
image='' tag='' epoch='' out='' context=. file=''
while [ $# -gt 0 ]; do
  case "$1" in
    --help) show_help ;;
    --image) image=$(value_of "$@") ;;
    --tag) tag=$(value_of "$@") ;;
    --epoch) epoch=$(value_of "$@") ;;
    --out) out=$(value_of "$@") ;;
    --context) context=$(value_of "$@") ;;
    --file) file=${2-} ;;
    *) unknown "$1" ;;
  esac
  shift 2
done
wanted --image "$image" --tag "$tag" --epoch "$epoch" --out "$out"
[[ "$epoch" =~ ^[0-9]+$ ]] || fail "build.sh: --epoch wants seconds since 1970 (sourceDateEpoch of \"sluice version\"), got \"$epoch\""
[[ "$image" =~ ^[a-z0-9][A-Za-z0-9.:-]*/[a-z0-9][a-z0-9._/-]*$ ]] || fail "build.sh: --image wants registry/repository without tag and digest, got \"$image\""
[[ "$tag" =~ ^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$ ]] || fail "build.sh: --tag wants a tag (containerTag of \"sluice version\"), got \"$tag\""
[[ "$BUILDKIT" =~ @sha256:[0-9a-f]{64}$ ]] || fail "build.sh: BUILDKIT_IMAGE wants a digest, got \"$BUILDKIT\""
[ -f "${file:=$context/Dockerfile}" ] || fail "build.sh: there is no $file; name it with --file"
need_program jq 'install it'
driver=(--driver docker-container --driver-opt "image=$BUILDKIT")
if [ -n "${BUILDKIT_HOST:-}" ]; then driver=(--driver remote "$BUILDKIT_HOST"); else need_program docker 'or name a BuildKit that runs in BUILDKIT_HOST'; fi
buildx=(docker buildx)
if ! docker buildx version >/dev/null 2>&1; then
  need_program buildx 'the job needs an agent with docker buildx'
  buildx=(buildx)
fi

builder=sluice-$$
metadata=$(mktemp)
trap 'rm -f "$metadata"; "${buildx[@]}" rm --force "$builder" >/dev/null 2>&1 || true' EXIT
"${buildx[@]}" create --name "$builder" "${driver[@]}" >/dev/null
SOURCE_DATE_EPOCH=$epoch "${buildx[@]}" build "$context" --builder "$builder" --file "$file" \
  --provenance=false --sbom=false --metadata-file "$metadata" --build-arg "SOURCE_DATE_EPOCH=$epoch" \
  --output "type=image,name=$image:$tag,push=true,oci-mediatypes=true,rewrite-timestamp=true" --progress plain 2>&1 | without_orders >&2
digest=$(jq -er '."containerimage.digest"' "$metadata") || fail 'build.sh: BuildKit told no digest' 70
printf '%s\n' "$digest" >"$out"
set_output image "$image@$digest"
