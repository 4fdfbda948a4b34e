#!/usr/bin/env bash
# Whether unloading models gives back their memory: resident memory after CYCLES loads and unloads against that after the
# 30th. Usage: memory.sh [CYCLES [SETTLED]]. Fails beyond the limit, unless MEASURE_LIMITS=off. Needs a built tree, and
# Linux for /proc.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
test/measure/java.sh MemoryMeasurement "$work" "${1:-300}" "${2:-30}" || status=$?
[ "$status" = 0 ] || { [ "$status" = 3 ] && [ "${MEASURE_LIMITS:-on}" = off ]; } || { echo "FAILED" >&2; exit 1; }
