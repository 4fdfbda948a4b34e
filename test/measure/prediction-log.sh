#!/usr/bin/env bash
# How many predictions a second are answered with PREDICTION_LOG=full, as a share of those without: 16 connections without
# pause, in turn, the median of the rounds. Usage: prediction-log.sh [ROUNDS [SECONDS]]. Fails beyond the limit, unless
# MEASURE_LIMITS=off. Needs a built tree (mvn verify, or mvn -Plocal once), and nothing else that works the machine.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-5}
seconds=${2:-8}
limit=0.85
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"${JAVA_HOME:+$JAVA_HOME/bin/}java" -Dlogback.configurationFile=logback-platform.xml \
  -cp 'test/target/classes:test/emulators/target/classes:service/target/classes:service/target/lib/*' \
  dev.modelserving.local.PredictionLogThroughput "$work" "$rounds" "$seconds" | tee "$work/figures"
share=$(tail -1 "$work/figures")
echo "throughput with the prediction log: $share of that without (limit $limit), median of $rounds rounds of $seconds s"
if awk "BEGIN { exit !($share < $limit) }" && [ "${MEASURE_LIMITS:-on}" != off ]; then
  echo "FAILED: the prediction log costs too much" >&2
  exit 1
fi
