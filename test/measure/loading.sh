#!/usr/bin/env bash
# What loading a large model costs the callers of a small one: at 30 % of the capacity and a fixed rate, p99 of iris while
# the model of test/broken-models/make_big.py is downloaded, verified and loaded, against p99 without. Usage: loading.sh
# [ROUNDS [MEGABYTES]]. Fails beyond the limits, unless MEASURE_LIMITS=off. Needs a built tree, Python 3, four times the
# megabytes on the disk, and nothing else that works the machine.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-3}
megabytes=${2:-500}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 test/broken-models/make_big.py "$work/large/model.onnx" "$megabytes"
echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"
test/measure/java.sh LoadingMeasurement "$work" "$work/large" "$rounds"
