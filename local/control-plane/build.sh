#!/bin/sh
# usage: build.sh OUT    builds the control plane into the file OUT and links OUT's folder's "kubectl" to it.
# Static and stripped; the same sources give the same bytes in any folder. The first build of a machine downloads 92 MB of
# modules and takes minutes; later ones take seconds.
set -eu
out=${1:?usage: build.sh OUT}
mkdir -p "$(dirname "$out")"
out=$(cd "$(dirname "$out")" && pwd)/$(basename "$out")
cd "$(dirname "$0")"
version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${version#v1.}
minor=${minor%%.*}
stamp=k8s.io/component-base/version
CGO_ENABLED=0 GOTOOLCHAIN=local go build -mod=readonly -trimpath -buildvcs=false \
  -ldflags "-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=$minor" -o "$out.new" .
mv "$out.new" "$out"
ln -sf "$(basename "$out")" "$(dirname "$out")/kubectl"
