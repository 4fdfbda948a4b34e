#!/usr/bin/env bash
# Whether native memory stays as it is under requests of random sizes, some of them wrong, some cut off: resident memory and
# the buffers in it after REQUESTS against those after a fifth of them. Usage: buffers.sh [REQUESTS]. Fails beyond the limit,
# unless MEASURE_LIMITS=off. Needs a built tree, a JDK (for jcmd), and Linux for /proc.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
test/measure/java.sh BuffersMeasurement "$work" "${1:-1000000}"
