#!/usr/bin/env bash
# How long requests of 0.1 ms wait on runners that batches of 100 ms keep busy, with one runner and with two: p99 is one
# batch and 20 % at most. Usage: fairness.sh [SECONDS]. Fails beyond the limit, unless MEASURE_LIMITS=off. Needs a built tree.
set -euo pipefail
cd "$(dirname "$0")/../.."
test/measure/java.sh FairnessMeasurement "${1:-20}"
