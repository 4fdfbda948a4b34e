#!/usr/bin/env bash
# How long a container of the image takes until it is ready with the model iris, but for warming up, what its health check
# costs, and how large the image is. Usage: image.sh [ROUNDS]. Fails beyond the limits, unless MEASURE_LIMITS=off. Needs a
# built tree, and what test/image/build.sh needs.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
test/measure/java.sh ImageMeasurement "$work" "${1:-5}"
