#!/usr/bin/env bash
# scan.sh --image REGISTRY/REPOSITORY@sha256:… --as sbom|vulnerabilities --out FILE
#
# Has Trivy write the bill of materials (SPDX as JSON) or the vulnerability report (the predicate that "vuln" attests) of an image. It judges nothing:
# how many of a severity an environment takes is a rule of the environment (proofs.vulnerabilities). TRIVY names the program.
set -euo pipefail
# shellcheck source=pipelines/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

image='' as='' out=''
while [ $# -gt 0 ]; do
  case "$1" in
    --help) show_help ;;
    --image) image=$(value_of "$@") ;;
    --as) as=$(value_of "$@") ;;
    --out) out=$(value_of "$@") ;;
    *) unknown "$1" ;;
  esac
  shift 2
done
wanted --image "$image" --as "$as" --out "$out"
by_digest "$image"
case "$as" in
  sbom) format=spdx-json scanners=() ;;
  vulnerabilities) format=cosign-vuln scanners=(--scanners vuln) ;;
  *) fail "scan.sh: --as wants sbom or vulnerabilities, got \"$as\"" ;;
esac
trivy=${TRIVY:-$("$(dirname "$0")/get-tool.sh" trivy)}
"$trivy" image --quiet --image-src remote --format "$format" "${scanners[@]}" --output "$out" "$image" 2>&1 | without_orders >&2
