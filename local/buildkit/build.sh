#!/bin/sh
# usage: build.sh OUT    builds BuildKit's daemon into the file OUT and buildx, which talks to it, beside it.
# Static and stripped; the same sources give the same bytes in any folder. The first build of a machine downloads modules and takes minutes.
set -eu
out=${1:?usage: build.sh OUT}
mkdir -p "$(dirname "$out")"
folder=$(cd "$(dirname "$out")" && pwd)
cd "$(dirname "$0")"
version=$(go list -m -f '{{.Version}}' github.com/moby/buildkit)
CGO_ENABLED=0 GOTOOLCHAIN=local go build -mod=readonly -trimpath -buildvcs=false \
  -ldflags "-s -w -X github.com/moby/buildkit/version.Version=$version" \
  -o "$folder/" github.com/moby/buildkit/cmd/buildkitd github.com/docker/buildx/cmd/buildx
mv "$folder/buildkitd" "$folder/$(basename "$out")"
