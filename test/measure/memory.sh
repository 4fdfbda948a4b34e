#!/usr/bin/env bash
# Whether unloading models gives back their memory: resident memory after CYCLES loads and unloads against that after the
# 30th. Usage: memory.sh [CYCLES [SETTLED]]. Fails beyond the limit, unless MEASURE_LIMITS=off. Needs a built tree, and
# Linux for /proc.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
test/measure/java.sh MemoryMeasurement "$work" "${1:-300}" "${2:-30}"
