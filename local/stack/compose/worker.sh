#!/bin/sh
# usage: worker.sh HOST METRICS_PORT OPTIONS…    a worker with the identity of HOST, as join.ts wrote it down
set -eu
host=$1
port=$2
shift 2
. "/world/$host.env"
exec bin/sluice worker --metrics "0.0.0.0:$port" "$@"
