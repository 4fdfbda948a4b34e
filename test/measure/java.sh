#!/usr/bin/env bash
# Runs a measurement, a main class of the end-to-end tests, on the class path that the build has written. Usage:
# java.sh CLASS [ARGUMENT...]. Fails when it fails, and when it is beyond its limit (exit code 3), unless
# MEASURE_LIMITS=off.
set -euo pipefail
cd "$(dirname "$0")/.."
java=java
[ -z "${JAVA_HOME:-}" ] || java=$JAVA_HOME/bin/java
class=$1
shift
status=0
"$java" --enable-native-access=ALL-UNNAMED -Dlogback.configurationFile=logback-test.xml \
  -cp "target/test-classes:target/classes:$(cat target/class-path)" "dev.modelserving.local.$class" "$@" || status=$?
[ "$status" = 0 ] || { [ "$status" = 3 ] && [ "${MEASURE_LIMITS:-on}" = off ]; } || { echo "FAILED" >&2; exit 1; }
