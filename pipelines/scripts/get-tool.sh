#!/usr/bin/env bash
# get-tool.sh cosign|trivy [FOLDER]
#
# Puts a tool of the pinned version into FOLDER (default: the job's folder for tools) and prints its path. What is downloaded is compared with the
# SHA-256 in tools.pins before it may run; a mismatch leaves nothing behind. What lies there already is compared again. There is no "latest".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=pipelines/scripts/lib.sh
. "$here/lib.sh"

[ "${1:-}" != --help ] || show_help
tool=${1:-}
folder=${2:-${AGENT_TOOLSDIRECTORY:-${RUNNER_TOOL_CACHE:-${TMPDIR:-/tmp}}}/sluice-tools}
wanted TOOL "$tool"
need_program curl 'install it'
need_program sha256sum 'install coreutils'

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x64 ;;
  Linux-aarch64) platform=linux-arm64 ;;
  *) fail "get-tool.sh: no pins for $(uname -s) $(uname -m); run the job on Linux x64 or arm64" ;;
esac
pins=${SLUICE_TOOL_PINS:-$here/tools.pins}
line=$(awk -v tool="$tool" -v platform="$platform" '$1 == tool && $3 == platform' "$pins")
[ -n "$line" ] || fail "get-tool.sh: tools.pins has no \"$tool\" for $platform; it has: $(awk '/^[a-z]/ { print $1 }' "$pins" | sort -u | paste -sd ' ')"
read -r _ version _ sha256 url member <<<"$line"

place=$folder/$tool-$version-$platform
matches() { printf '%s  %s\n' "$sha256" "$1" | sha256sum --check --status -; }

mkdir -p "$place"
if ! { [ -f "$place/download" ] && matches "$place/download"; }; then
  part=$(mktemp "$place/part.XXXXXX")
  trap 'rm -f "$part"' EXIT
  curl --fail --silent --show-error --location --proto '=https,file' --retry 3 --output "$part" "$url" ||
    fail "get-tool.sh: $tool $version could not be downloaded from $url" 8
  matches "$part" ||
    fail "get-tool.sh: $url has SHA-256 $(sha256sum "$part" | cut -d' ' -f1), expected $sha256; it was not run. Find out why before you change tools.pins" 3
  mv "$part" "$place/download"
fi
if [ -n "$member" ]; then
  tar -xzf "$place/download" -C "$place" "$member"
else
  install -m 755 "$place/download" "$place/$tool"
fi
printf '%s\n' "$place/$tool"
